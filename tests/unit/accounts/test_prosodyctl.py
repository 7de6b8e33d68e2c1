"""What is made of Prosody 13's words. A `docker` command replays them; the real Prosody is asked in tests/stack."""

from __future__ import annotations

import pytest

from jitsictl.accounts import prosodyctl
from jitsictl.doors.process import CommandFailed
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.site import Container

CONFIG = "/config/prosody.cfg.lua"
JID = "alien@meet.jitsi"
PROSODY = Container("prosody", "c1", "running", "", "jitsi/prosody:stable-11031", "")
NOISE = "certmanager\terror\tError indexing certificate directory /config/certs: cannot open /config/certs"


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """`docker(text, code)` makes the command say that; calling the result gives the commands that were run."""
    log = tmp_path / "log"

    def install(text: str, code: int = 0):
        (tmp_path / "words").write_text(f"{NOISE}\n{text}\n")
        script = f'printf "%s\\n" "$*" >> {log}\ncat {tmp_path}/words\nexit {code}\n'
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}")
        (tmp_path / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return lambda: log.read_text().splitlines()

    return install


SAID = [
    ("Error: User exists", Exit.ACCOUNT_EXISTS, "expected no account alien@meet.jitsi, found one"),
    ("Error: No such user", Exit.NO_ACCOUNT, "expected the account alien@meet.jitsi, found none"),
    ("Error: No such host: meet.jitsi", Exit.FAILED, "expected Prosody to serve meet.jitsi"),
    ("Error: Could not create user: Error saving to storage", Exit.FAILED, "make room on the file system of CONFIG"),
    ("Error: Could not create user: Failed to set password: password fails SASLprep", Exit.USAGE, "choose another"),
    ("Prosody was unable to find the configuration file.", Exit.FAILED, f"configuration at {CONFIG}, found none"),
    ("** Unable to connect to server - is it running? Is mod_admin_shell enabled?", Exit.FAILED, "to answer its shell"),
    ("Error response from daemon: Container c1 is not running", Exit.FAILED, "/etc/rc.d/rc.jitsi start"),
    ("Error response from daemon: Container c1 is restarting, wait until the container is running", Exit.FAILED,
     "/etc/rc.d/rc.jitsi start"),
    ("Error: No such container: c1", Exit.FAILED, "/etc/rc.d/rc.jitsi start"),
    ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", Exit.FAILED, "/etc/rc.d/rc.docker start"),
]


@pytest.mark.parametrize("said, code, what", SAID)
def test_a_known_text_gets_its_code_and_what_to_do(docker, said, code, what):
    docker(said, 1)
    with pytest.raises(Failure) as failed:
        prosodyctl.passwd(PROSODY, CONFIG, JID, "some password")
    assert failed.value.exit == code and what in failed.value.what


def test_every_line_of_the_table_is_reached_by_a_text():
    reached = {next((i for i, known in enumerate(prosodyctl._TABLE) if known.pattern.search(said)), None)
               for said, _, _ in SAID}
    assert reached >= set(range(len(prosodyctl._TABLE)))


def test_an_unknown_text_is_shown_as_it_is_the_password_masked(docker):
    docker("Error: some password is not to my taste", 1)
    with pytest.raises(CommandFailed, match=r"Error: \*\*\*\*\*\*\*\* is not to my taste"):
        prosodyctl.passwd(PROSODY, CONFIG, JID, "some password")


def test_what_a_failed_adduser_left_is_deleted_again(docker):
    """Prosody 13 makes the account first: without this the name is taken and nobody can log in."""
    ran = docker("Error: Could not create user: Failed to set password: password fails SASLprep", 1)
    with pytest.raises(Failure, match="SASLprep"):
        prosodyctl.adduser(PROSODY, CONFIG, JID, "some password")
    assert ran() == [f"exec -it c1 prosodyctl --config {CONFIG} adduser {JID}",
                     f"exec c1 prosodyctl --config {CONFIG} deluser {JID}"]


def test_an_account_that_exists_is_never_deleted_by_a_failed_adduser(docker):
    ran = docker("Error: User exists", 1)
    with pytest.raises(Failure, match="found one"):
        prosodyctl.adduser(PROSODY, CONFIG, JID, "some password")
    assert ran() == [f"exec -it c1 prosodyctl --config {CONFIG} adduser {JID}"]


def daemon():
    """Docker as `set_password` uses it: `execute` of doors/docker, with the command that the fixture made."""
    from jitsictl.doors import docker as door

    return door


def test_a_service_password_goes_through_the_shells_standard_input(docker):
    ran = docker("prosody> ! Error: User exists\nprosody> | OK: User password changed")
    prosodyctl.set_password(daemon(), PROSODY, CONFIG, "jvb@auth.meet.jitsi", 'a"b\\c')
    assert ran() == [f"exec -i c1 prosodyctl --config {CONFIG} shell"]


@pytest.mark.parametrize("said, what", [
    ("prosody> ! Error: User exists\nprosody> ! Error: Could not change password for user: Error saving to storage",
     "make room on the file system of CONFIG"),
    ("prosody> ! Error: No such host: x\nprosody> ! Error: No such host: x", "expected Prosody to serve"),
    ("** Unable to connect to server - is it running?", "to answer its shell"),
])
def test_prosodys_shell_ends_with_0_whatever_happened_and_is_not_believed(docker, said, what):
    docker(said, 0)
    with pytest.raises(Failure) as failed:
        prosodyctl.set_password(daemon(), PROSODY, CONFIG, "jvb@auth.meet.jitsi", "some password")
    assert what in failed.value.what
