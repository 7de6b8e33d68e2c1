"""The text of jitsi.conf, and that both files are written or neither."""

from __future__ import annotations

import pytest

from jitsictl.change import intent
from jitsictl.doors import files
from jitsictl.setup.write import Draft, draft, firewall, next_steps, typed, write
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

ANSWERS = {
    "ETHERPAD_TITLE": "It's $HOME",
    "ETHERPAD": "yes",
    "PUBLIC_URL": "https://meet.example.com/",
    "JVB_ADVERTISE_IPS": "8.8.8.8",
    "JVB_PORT": "10000",
    "ENABLE_LOBBY": "true",
    "LDAP_BINDPW": "fedcba98",
}


def made(paths: Paths, **more: str) -> Draft:
    return draft([typed(name, value) for name, value in {**ANSWERS, **more}.items()], paths)


def test_what_differs_from_a_default_with_its_help_in_the_catalogues_order(paths: Paths) -> None:
    text = made(paths).conf
    settings = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert settings == [
        "PUBLIC_URL=https://meet.example.com",
        "JVB_ADVERTISE_IPS=8.8.8.8",
        "ETHERPAD=1",
        'ETHERPAD_TITLE="It\'s \\$HOME"',
    ]
    above = text.splitlines()[text.splitlines().index("ETHERPAD=1") - 1]
    assert above.startswith("# Shared documents")
    assert "\n##### The site\n\n# The address" in text
    assert text.endswith("\n") and not text.endswith("\n\n") and "\n\n\n\n" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_what_is_written_is_read_back_alike(paths: Paths) -> None:
    write(made(paths), paths, replacing=False)
    read = intent.read(paths)
    assert read.settings["ETHERPAD_TITLE"] == "It's $HOME"
    assert read.settings["LDAP_BINDPW"] == "fedcba98"
    assert "fedcba98" not in paths.conf.read_text()
    assert {path.stat().st_mode & 0o777 for path in (paths.conf, paths.secrets)} == {0o600}


def test_settings_that_are_there_are_kept_unless_they_are_to_be_replaced(paths: Paths) -> None:
    paths.conf.write_text("# only a comment\n")
    write(made(paths), paths, replacing=False)
    first = paths.conf.read_text()
    with pytest.raises(Failure, match="give --replace"):
        write(made(paths, TZ="Europe/Paris"), paths, replacing=False)
    assert paths.conf.read_text() == first
    assert any("jitsi.conf.old" in said for said in write(made(paths, TZ="Europe/Paris"), paths, replacing=True))
    assert paths.conf.with_name("jitsi.conf.old").read_text() == first
    assert "TZ=Europe/Paris" in paths.conf.read_text()


@pytest.mark.parametrize("before", [None, "# mine\nJVB_AUTH_PASSWORD=0123456789abcdef\n"])
def test_when_jitsi_conf_cannot_be_written_the_secrets_are_as_before(paths, monkeypatch, before) -> None:
    if before is not None:
        paths.secrets.write_text(before)
    ready, whole = made(paths), files.write

    def full(path, *rest) -> None:
        if path == paths.conf:
            raise Failure("the disk is full")
        whole(path, *rest)

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(Failure, match="full"):
        write(ready, paths, replacing=False)
    assert not paths.conf.exists()
    assert (paths.secrets.read_text() if paths.secrets.exists() else None) == before


def test_a_wrong_answer_is_told_without_a_file(paths: Paths) -> None:
    with pytest.raises(intent.SettingsWrong) as told:
        made(paths, JVB_PORT="none", NO_SUCH_THING="1")
    assert all(line.startswith(("JVB_PORT: ", "NO_SUCH_THING ")) for line in told.value.what.splitlines())
    assert len(told.value.what.splitlines()) == 2


def test_what_is_left_to_do(paths: Paths) -> None:
    settings = made(paths, JVB_PORT="10001", HTTP_PORT="127.0.0.1:8441").settings
    assert "udp --dport 10001" in "\n".join(firewall(settings))
    steps = "\n".join(next_steps(settings, "/usr/sbin/httpd"))
    apache = "vhost --install lets this host's Apache (/usr/sbin/httpd)"
    assert f"jitsictl {apache} hand https://meet.example.com/ on to http://127.0.0.1:8441/" in steps
    assert "jitsi-useradd NAME" in steps
    assert "there is none on this host yet" in "\n".join(next_steps(settings, ""))
    assert "jitsi-useradd" not in "\n".join(next_steps(made(paths, ENABLE_AUTH="0").settings, ""))
