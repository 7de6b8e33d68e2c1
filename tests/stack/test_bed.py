"""The bed itself: a host behaves like a machine, and leaves nothing of itself on the one underneath."""
from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Set

import bed
import pytest
from bed import apt, roots, runs
from bed.base import HERE, RUNS, wait_until

pytestmark = pytest.mark.bed

OWN_RUNS = RUNS.with_name(f"{RUNS.name}-of-test-{os.getpid()}")
TINY = "bed/tiny:1"
# Made of the host's own shell and libraries: the bed's tests need no image from anywhere.
_IMAGE = """set -e
mkdir -p /tmp/tiny/bin /tmp/tiny/tmp
for f in /bin/sh /bin/sleep /bin/cat $(ldd /bin/sh /bin/sleep /bin/cat | grep -o '/lib[^ ]*'); do
  mkdir -p /tmp/tiny/$(dirname $f)
  cp -L $f /tmp/tiny/$f
done
tar -C /tmp/tiny -c . | docker import -c 'ENTRYPOINT ["/bin/sh", "-c"]' - 10.77.0.1:5000/bed/tiny:1
docker push -q 10.77.0.1:5000/bed/tiny:1
docker rmi -f 10.77.0.1:5000/bed/tiny:1
"""
# A service that is up as long as nobody stops it, restarted at boot.
_FOREVER = "docker run -d --name forever --init --restart unless-stopped bed/tiny:1 'sleep 1000'"

Boot = Callable[..., bed.Host]


@pytest.fixture(scope="module")
def own_lan() -> Iterator[bed.Lan]:
    """A LAN of this module's own, with one tiny image that is made on the bed."""
    with bed.Lan() as made:
        with bed.Host(made) as builder:
            builder.dockerd_start()
            builder.run(_IMAGE, timeout=120)
        yield made


@pytest.fixture
def boot(own_lan: bed.Lan) -> Iterator[Boot]:
    before = list(own_lan.hosts)
    yield lambda root="slackware15", name=None: bed.Host(own_lan, root, name).up()
    for left in [each for each in own_lan.hosts if each not in before]:
        left.down()


def _running(host: bed.Host) -> bool:
    found = host.run(["docker", "inspect", "-f", "{{.State.Running}}", "forever"], check=False)
    return found.stdout.strip() == "true"


def _leftovers(ident: str) -> List[str]:
    """What is left of a run on the machine: network namespaces, cgroups, mounts with processes, folders."""
    left = [f"netns {name}" for name in runs.netns_names(f"jb{ident}")]
    left += [f"cgroup {path}" for path in runs.cgroups(f"bed-{ident}-*")]
    left += [f"folder {path}" for path in (RUNS / ident, OWN_RUNS / ident) if path.exists()]
    for entry in Path("/proc").glob("[0-9]*/mountinfo"):  # ours, and every process that sees a host's disk
        with contextlib.suppress(OSError):
            if f"/{ident}/" in entry.read_text():
                left.append(f"mount seen by process {entry.parent.name}")
    return left


def _links() -> Set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir()}


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
    host.run(_FOREVER)
    host.power_cut()
    host.boot()
    wait_until(host.dockerd_answers, "dockerd after the power cut")
    wait_until(lambda: _running(host), "the container after the power cut")


def test_after_kill_9_of_dockerd_a_new_one_starts_and_the_container_stays_down(boot: Boot) -> None:
    host = boot()
    host.dockerd_start()
    host.run(_FOREVER)
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
    host.run(["docker", "pull", "-q", TINY])
    host.write("/root/kept", "x")
    with pytest.raises(bed.BedError, match="switched on"):
        host.fork()
    host.power_off()
    twin = host.fork().boot()
    twin.write("/root/only-here", "x")
    twin.dockerd_start()
    assert twin.run(["docker", "images", "-q", TINY]).stdout.strip()
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


# -- its network -----------------------------------------------------------------------------------


@pytest.mark.parametrize("root", roots.NAMES)
@pytest.mark.parametrize("name", [TINY, f"docker.io/{TINY}", f"ghcr.io/{TINY}"])
def test_images_are_pulled_by_their_own_names(boot: Boot, root: str, name: str) -> None:
    host = boot(root)
    host.dockerd_start()
    assert host.run(["docker", "run", "--rm", name, "cat /proc/1/comm"]).stdout == "cat\n"


def test_an_unknown_image_is_refused_at_once(boot: Boot) -> None:
    host = boot()
    host.dockerd_start()
    for name in ("bed/none:1", "ghcr.io/bed/none:1"):
        assert host.run(["docker", "pull", name], check=False, timeout=10).returncode == 1


def test_two_hosts_see_each_other_and_loopback_is_private(boot: Boot) -> None:
    one, two = boot(), boot()
    one.write("/srv/page", "hello")
    server = one.spawn(["python3", "-m", "http.server", "8440"], cwd="/srv",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: one.http("/page").status == 200, "the page on the first host")
    assert two.http("/page", address=one.ip) == (200, "hello")
    assert two.http("/page").status == 0
    server.kill()
    server.wait(10)


def test_flushing_iptables_inside_changes_nothing_outside(boot: Boot) -> None:
    # The outer machine may have no iptables: the root's own, in the outer network namespace, looks at it.
    outside = ["chroot", str(roots.ensure("slackware15")), "/usr/sbin/iptables-save"]
    before = _rules(outside)
    host, other = boot(), boot()
    host.dockerd_start()
    other.dockerd_start()
    others = _rules(other.argv(["iptables-save"]))
    assert "DOCKER" in _rules(host.argv(["iptables-save"]))
    host.run("for t in nat filter; do iptables -t $t -F; iptables -t $t -X; done")
    assert "DOCKER" not in _rules(host.argv(["iptables-save"]))
    assert "DOCKER" in others
    assert _rules(other.argv(["iptables-save"])) == others
    assert _rules(outside) == before


def _rules(argv: List[str]) -> str:
    """iptables-save without its dates and packet counts."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("#", ":")))


def test_a_given_storage_is_read_only(own_lan: bed.Lan) -> None:
    with bed.Lan(own_lan.storage) as lan, bed.Host(lan) as host:
        host.dockerd_start()
        host.run(["docker", "pull", "-q", TINY])
        host.run(["docker", "tag", TINY, "10.77.0.1:5000/bed/tiny:2"])
        pushed = host.run(["docker", "push", "10.77.0.1:5000/bed/tiny:2"], check=False)
        assert pushed.returncode == 1
    assert not (own_lan.storage / "docker/registry/v2/repositories/bed/tiny/_manifests/tags/2").exists()
    assert (own_lan.storage / "docker/registry/v2/repositories/bed/tiny/_manifests/tags/1").exists()


# -- nothing stays ---------------------------------------------------------------------------------


def test_down_leaves_nothing_even_with_a_container_running(own_lan: bed.Lan) -> None:
    links = _links()
    with bed.Lan(own_lan.storage) as lan:
        host = bed.Host(lan).up()
        host.dockerd_start()
        host.run(_FOREVER)
        assert runs.cgroups(f"{host.cgroup}")  # else the next lines would prove nothing
        assert _leftovers(lan.run.id)
        host.down()
        assert not runs.cgroups(f"bed-{lan.run.id}-*")
        assert runs.netns_names(f"jb{lan.run.id}") == [lan.netns]
        host.down()  # twice does no harm
    assert _leftovers(lan.run.id) == []
    assert _links() == links


_CHILD = """
import time
import bed
lan = bed.Lan().up()
bed.Host(lan).up().dockerd_start()
print(lan.run.id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def own_runs() -> Iterator[Dict[str, str]]:
    """The environment of runs that no other run on this machine sweeps."""
    env = {**os.environ, "JITSI_BED_RUNS": str(OWN_RUNS)}
    yield env
    _sweep(env)  # what a failed test has left
    shutil.rmtree(OWN_RUNS)


def _sweep(env: Dict[str, str]) -> str:
    """`python3 -m bed sweep` in an environment; what it says."""
    return subprocess.run([sys.executable, "-m", "bed", "sweep"], env=env, cwd=HERE.parent, timeout=60,
                          capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_by_a_signal_leaves_nothing(own_runs: Dict[str, str], number: signal.Signals) -> None:
    """SIGTERM and SIGINT clean up themselves; after SIGKILL the next run, or sweep, does."""
    with subprocess.Popen([sys.executable, "-c", _CHILD], env=own_runs, cwd=HERE.parent, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdout is not None
            ident = child.stdout.readline().strip()
            assert _leftovers(ident)
            assert ident not in _sweep(own_runs), "a living run was swept"
            assert _leftovers(ident)
            child.send_signal(number)
            child.wait(30)
        finally:
            child.kill()
    if number == signal.SIGKILL:
        assert _leftovers(ident)
        assert _sweep(own_runs) == f"{ident}\n"
    assert _leftovers(ident) == []


# -- preparation -----------------------------------------------------------------------------------


def test_both_formats_of_apt_sources_are_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://no.example/debian old main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian stable main contrib\n"
        "deb-src http://src.example/debian stable main\n")
    (tmp_path / "sources.list.d/b.sources").write_text(
        "Types: deb\nURIs: http://two.example/debian\nSuites: a\n  b\nComponents: main\nSigned-By: /two.gpg\n"
        "\nEnabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: c\n")
    (tmp_path / "sources.list.d/c.list.disabled").write_text("deb http://off.example/debian d main\n")
    assert apt.machine_sources(tmp_path) == [
        ("http://one.example/debian", "stable", "/k.gpg"),
        ("http://two.example/debian", "a", "/two.gpg"), ("http://two.example/debian", "b", "/two.gpg")]


def test_an_unknown_root_is_named_with_the_known_ones() -> None:
    with pytest.raises(bed.BedError, match="no root 'slackware16': expected one of slackware15, newest"):
        roots.ensure("slackware16")


def test_needs_finds_everything_on_a_machine_where_the_bed_runs() -> None:
    done = subprocess.run(["sh", str(HERE / "needs.sh")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_needs_on_slackware_names_what_is_missing_and_installs_nothing(boot: Boot) -> None:
    host = boot()
    host.put(HERE / "needs.sh", "/root/needs.sh")
    host.run(["rm", "-f", "/usr/bin/apt-get", "/usr/bin/openssl"])
    done = host.run(["sh", "/root/needs.sh"], check=False)
    assert done.returncode == 1
    assert "not here: openssl (openssl);" in done.stderr
