"""How Compose is called, word by word, and which Compose is taken. Programs are small scripts in PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from jitsictl.doors import compose, docker
from jitsictl.types.failure import Failure

PROGRAM = ("docker", "compose")
GENERATION = Path("/var/lib/jitsi-meet/generations/7")
BASE = ("docker compose -p docker-jitsi-meet --project-directory /var/lib/jitsi-meet/generations/7 "
        "-f /var/lib/jitsi-meet/generations/7/compose.yaml")
ENV = "--env-file /var/lib/jitsi-meet/generations/7/.env"
OVERRIDE = Path("/usr/local/docker-jitsi-meet/compose.override.yaml")


def test_up_of_what_changed():
    assert compose.up_argv(PROGRAM, GENERATION, ["prosody", "web"]) == (
        f"{BASE} {ENV} up -d --no-deps --pull missing prosody web".split())


def test_up_with_the_admins_override_is_after_our_file():
    argv = compose.up_argv(PROGRAM, GENERATION, ["web"], override=OVERRIDE)
    assert argv == f"{BASE} -f {OVERRIDE} {ENV} up -d --no-deps --pull missing web".split()


@pytest.mark.parametrize("recreate, flag", [(True, "--force-recreate"), (False, "--no-recreate")])
def test_up_that_recreates_always_or_never(recreate, flag):
    argv = compose.up_argv(PROGRAM, GENERATION, ["web"], recreate=recreate, deps=True)
    assert argv == f"{BASE} {ENV} up -d {flag} --pull missing web".split()


def test_stop_and_remove_keep_volumes():
    assert compose.stop_argv(PROGRAM, GENERATION, ["jvb"], 60) == f"{BASE} {ENV} stop --timeout 60 jvb".split()
    assert compose.remove_argv(PROGRAM, GENERATION, ["jvb"]) == f"{BASE} {ENV} rm --force jvb".split()


def test_dry_run_is_a_plain_up_without_doing_it():
    assert compose.dry_run_argv(PROGRAM, GENERATION, []) == f"{BASE} {ENV} --dry-run up -d --no-deps".split()


def test_the_standalone_program_is_called_alike():
    argv = compose.up_argv(("docker-compose",), GENERATION, ["web"])
    assert argv[:3] == ["docker-compose", "-p", "docker-jitsi-meet"]


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """`programs(docker=script, docker_compose=script)`: what this host has of the two, and nothing else."""
    def install(**scripts: str) -> None:
        for name, script in scripts.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return install


V2 = '[ "$*" = "compose version --short" ] && { echo 2.40.3; exit; }; [ "$*" = "compose ls --quiet" ]'
NO_PLUGIN = "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1"
TOO_OLD = ('case "$*" in *version*) echo 2.20.2;; *) echo "Error response from daemon: client version 1.43 is too old. '
           'Minimum supported API version is 1.44, please upgrade your client to a newer version" >&2; exit 1;; esac')


def test_the_program_comes_before_the_plugin(programs):
    programs(docker="exit 1", docker_compose="echo v5.4.0")
    assert compose.find(deadline=10) == compose.Compose(("docker-compose",), "v5.4.0")


@pytest.mark.parametrize("other", [{}, {"docker_compose": "echo 1.29.2"}, {"docker_compose": "exit 127"}])
def test_the_plugin_is_taken_where_the_program_is_missing_old_or_broken(programs, other):
    programs(docker=V2, **other)
    assert compose.find(deadline=10) == compose.Compose(("docker", "compose"), "2.40.3")


def test_none_names_the_packages(programs):
    programs()
    with pytest.raises(Failure) as none:
        compose.find(deadline=10)
    assert none.value.what == (
        "expected Docker Compose 2 or newer, found: `docker-compose` is not installed; `docker compose` is not "
        "installed; install the packages docker-cli and docker-compose (SlackBuilds.org)")


def test_version_1_is_refused(programs):
    programs(docker=NO_PLUGIN, docker_compose="echo 1.29.2")
    with pytest.raises(Failure, match="`docker-compose` is 1.29.2, which does not know today's compose files"):
        compose.find(deadline=10)


def test_a_client_that_the_daemon_refuses_is_passed_over(programs):
    programs(docker=V2, docker_compose=TOO_OLD)
    assert compose.find(deadline=10).program == ("docker", "compose")
    programs(docker=TOO_OLD, docker_compose=TOO_OLD)
    with pytest.raises(Failure, match="`docker compose` is 2.20.2: expected a Docker client for API 1.44 or newer, "
                                      "found one for 1.43; upgrade the packages"):
        compose.find(deadline=10)


def test_a_daemon_that_is_away_is_no_reason_against_a_compose(programs):
    programs(docker='[ "$2" = version ] && { echo 2.40.3; exit; }; '
                    'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1')
    with pytest.raises(docker.Away, match="start it with: /etc/rc.d/rc.docker start"):
        compose.find(deadline=10)


def test_dry_run_reads_the_containers_that_a_crash_renamed(programs, tmp_path):
    programs(docker="cat >&2 <<'E'\n"
                    " DRY-RUN MODE -  Container docker-jitsi-meet-jvb-1  Running\n"
                    " DRY-RUN MODE -  Container 8fc41948da63_docker-jitsi-meet-prosody-1  Recreate\n"
                    " DRY-RUN MODE -  Container 8fc41948da63_docker-jitsi-meet-prosody-1  Recreated\n"
                    "E")
    (tmp_path / "cat").symlink_to("/bin/cat")
    found = compose.Compose(PROGRAM, "2.40.3").dry_run(tmp_path)
    assert found == {"jvb": "Running", "prosody": "Recreated"}


def test_a_failure_of_up_is_explained(programs, tmp_path):
    programs(docker="echo 'Error response from daemon: Pool overlaps with other one on this address space' >&2; exit 1")
    with pytest.raises(Failure, match="expected a free address range for the network"):
        compose.Compose(PROGRAM, "2.40.3").up(tmp_path, ["web"])
