"""A host behaves like a machine: it boots, loses power, runs commands and takes files."""
from __future__ import annotations

import signal
import subprocess
import textwrap
from pathlib import Path
from typing import Callable

import bed
import pytest
from bed import roots, tiny
from bed.base import HERE, wait_until

pytestmark = pytest.mark.bed

Boot = Callable[..., bed.Host]


def _running(host: bed.Host) -> bool:
    found = host.run(["docker", "inspect", "-f", "{{.State.Running}}", "forever"], check=False)
    return found.stdout.strip() == "true"


# -- a machine -------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", roots.NAMES)
def test_a_host_looks_like_slackware(boot: Boot, root: str) -> None:
    host = boot(root, "darkstar")
    assert host.read("/etc/slackware-version").startswith("Slackware 15.0")
    assert host.run(["hostname"]).stdout == "darkstar\n"
    assert host.run(["readlink", "/bin/sh"]).stdout.strip().endswith("bash")
    assert host.run(["readlink", "-f", "/var/log/packages"]).stdout == "/var/lib/pkgtools/packages\n"
    assert not host.exists("/etc/rc.d/rc.local_shutdown")
    assert not host.exists("/etc/docker/daemon.json")
    assert host.stat("/etc/rc.d/rc.local").st_mode & 0o777 == 0o755
    for tool in roots.PKGTOOLS:
        assert host.exists(f"/sbin/{tool}"), tool


def test_slackware15_has_the_python_modules_of_slackware_15(boot: Boot) -> None:
    host = boot("slackware15")
    script = """
        import sys, importlib.metadata as m
        print('%d.%d' % sys.version_info[:2])
        for line in open('/tmp/pins'):
            name, _, version = line.strip().partition('==')
            if name and not name.startswith('#') and m.version(name) != version:
                print(name, 'is', m.version(name))
        import click, docker, jinja2, pexpect, requests, yaml
    """
    host.put(HERE / "slackware15.txt", "/tmp/pins")
    assert host.run(["python3", "-I", "-"], input=textwrap.dedent(script)).stdout == "3.9\n"


def test_pytest_is_only_found_where_tests_ask_for_it(boot: Boot) -> None:
    host = boot("newest")
    assert host.run(["python3", "-c", "import pytest"], check=False).returncode == 1
    host.run(["python3", "-c", "import pytest, hypothesis"], env={"PYTHONPATH": "/opt/test-python"})


def test_boot_runs_rc_local_without_home_and_with_a_short_path(boot: Boot) -> None:
    host = boot()
    host.write("/etc/rc.d/rc.local", "#!/bin/sh\necho \"${HOME-no home} $PATH\" >/root/said\n", 0o755)
    host.reboot()
    assert host.read("/root/said") == "no home /sbin:/usr/sbin:/bin:/usr/bin\n"


def test_reboot_keeps_the_disk_empties_run_and_calls_local_shutdown(boot: Boot) -> None:
    host = boot()
    host.write("/etc/rc.d/rc.local_shutdown", "#!/bin/sh\necho \"$1\" >/root/shutdown\n", 0o755)
    host.write("/run/gone", "x")
    host.write("/root/kept", "x")
    host.reboot()
    assert host.read("/root/shutdown") == "stop\n"
    assert host.exists("/root/kept")
    assert not host.exists("/run/gone")


def test_local_shutdown_that_is_not_executable_is_not_called(boot: Boot) -> None:
    host = boot()
    host.write("/etc/rc.d/rc.local_shutdown", "#!/bin/sh\ntouch /root/shutdown\n", 0o644)
    host.reboot()
    assert not host.exists("/root/shutdown")


def test_a_container_comes_back_by_itself_after_a_power_cut(boot: Boot) -> None:
    host = boot()
    host.docker_at_boot()
    host.dockerd_start()
    host.run(tiny.FOREVER)
    host.power_cut()
    host.boot()
    wait_until(host.dockerd_answers, "dockerd after the power cut")
    wait_until(lambda: _running(host), "the container after the power cut")


def test_after_kill_9_of_dockerd_a_new_one_starts_and_the_container_stays_down(boot: Boot) -> None:
    host = boot()
    host.dockerd_start()
    host.run(tiny.FOREVER)
    pid = host.dockerd_pid()
    host.dockerd_kill()
    assert host.dockerd_pid() is None
    assert not host.dockerd_answers()
    host.dockerd_start()
    assert host.dockerd_pid() not in (None, pid)
    assert not _running(host)


def test_dockerd_options_stay_and_a_wrong_one_is_reported_with_the_log(boot: Boot) -> None:
    host = boot()
    host.dockerd_start("--label bed=1")
    assert "bed=1" in host.run(["docker", "info"]).stdout
    host.dockerd_stop()
    with pytest.raises(bed.BedError, match="unknown flag: --nonsense"):
        host.dockerd_start("--nonsense", timeout=1)


def test_fork_is_a_copy_with_an_address_of_its_own(boot: Boot) -> None:
    host = boot()
    host.dockerd_start()
    host.run(["docker", "pull", "-q", tiny.TINY])
    host.write("/root/kept", "x")
    with pytest.raises(bed.BedError, match="switched on"):
        host.fork()
    host.power_off()
    twin = host.fork().boot()
    twin.write("/root/only-here", "x")
    twin.dockerd_start()
    assert twin.run(["docker", "images", "-q", tiny.TINY]).stdout.strip()
    host.boot()
    assert host.exists("/root/kept")
    assert not host.exists("/root/only-here")
    assert host.ip != twin.ip
    host.run(["ping", "-c", "1", "-W", "5", twin.ip])


# -- commands in it --------------------------------------------------------------------------------


def test_run_gives_a_clean_environment_text_and_codes(boot: Boot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTER", "seen")
    host = boot()
    names = {line.partition("=")[0] for line in host.run(["env"]).stdout.splitlines()}
    assert names == {"PATH", "HOME", "TERM"}
    assert host.run(["cat"], input="grüß\n").stdout == "grüß\n"
    assert host.run("pwd; echo no >&2; exit 3", cwd="/etc", check=False).stdout == "/etc\n"
    with pytest.raises(subprocess.CalledProcessError, match="went wrong"):
        host.run("echo went wrong >&2; exit 3")


def test_a_terminal_only_when_asked_for(boot: Boot) -> None:
    host = boot()
    assert host.run("[ -t 0 ] && [ -t 1 ] && echo terminal", tty=True).stdout == "terminal\r\n"
    assert host.run(["test", "-t", "0"], check=False).returncode == 1


def test_a_command_that_takes_too_long_is_ended_with_its_children(boot: Boot) -> None:
    host = boot()
    before = len(host.pids())
    with pytest.raises(bed.BedError, match="not done after 0.5 s"):
        host.run("sleep 1234 & sleep 1234", timeout=0.5)
    wait_until(lambda: len(host.pids()) == before, "the sleeps to be gone", 5)


def test_files_arrive_with_mode_and_content(boot: Boot, tmp_path: Path) -> None:
    host = boot()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/program").write_bytes(b"\x00\xff\n")
    (tmp_path / "sub/program").chmod(0o750)
    host.put(tmp_path, "/srv/tree")
    found = host.stat("/srv/tree/sub/program")
    assert (found.st_mode & 0o777, found.st_uid, found.st_size) == (0o750, 0, 3)
    host.write("/etc/new/folder/file", "text\n", 0o600)
    assert host.stat("/etc/new/folder/file").st_mode & 0o777 == 0o600
    assert host.read("/etc/new/folder/file") == "text\n"


def test_signals_reach_the_command_and_not_what_carries_it(boot: Boot) -> None:
    host = boot()
    script = "trap 'echo asked to end; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
    told = host.spawn(script)
    assert told.stdout is not None and told.stdout.readline() == "ready\n"
    told.terminate()
    assert told.communicate(timeout=10)[0] == "asked to end\n"
    assert told.returncode == 7
    before = len(host.pids())
    killed = host.spawn("echo ready; sleep 1234 & sleep 1234")
    assert killed.stdout is not None and killed.stdout.readline() == "ready\n"
    killed.kill()
    assert killed.wait(10) == -signal.SIGKILL
    wait_until(lambda: len(host.pids()) == before, "the sleeps to be gone", 5)
