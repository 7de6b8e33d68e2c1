"""What an administrator can get wrong, and what the host can do to him: each a message, a code, and nothing lost."""

from __future__ import annotations

import re
from typing import Iterator

import pytest
from bed.site import CONF, CONFIG, NEW, PROJECT, STATE, Site

pytestmark = pytest.mark.bed

TREES = f"/etc/jitsi-meet {STATE}/generations {STATE}/current {PROJECT} {CONFIG}"


def picture(site: Site) -> str:
    """Names, owners, bits and contents of all that a change could touch."""
    look = "find $t -printf '%p %u %g %m %l\\n' -type f -exec md5sum {} +"
    return site.host.run(f"for t in {TREES}; do [ ! -e $t ] || {look}; done | sort").stdout


# What is added to a good jitsi.conf, and what is said of it.
LINES = {
    "url": ("PUBLIC_URL=meet.darkstar.lan\n", r"PUBLIC_URL.*https://"),
    "ip": ("JVB_ADVERTISE_IPS=10.10.10.300\n", r"JVB_ADVERTISE_IPS.*10\.10\.10\.300"),
    "time zone": ("TZ=Europe/Amsterdamn\n", r"TZ.*Amsterdam"),
    "port": ("HTTP_PORT=84400\n", r"HTTP_PORT.*84400"),
    "release": ("JITSI_IMAGE_VERSION=stable-11146\n", r"JITSI_IMAGE_VERSION: stable-11146 .*use stable-11146-2"),
    "boolean": ("ENABLE_LOBBY=maybe\n", r"ENABLE_LOBBY.*maybe"),
    "unknown name": ("ENABLE_LOBY=1\n", r"ENABLE_LOBY is not a setting; did you mean ENABLE_LOBBY"),
    "unquoted dollar": ("ETHERPAD_TITLE=$HOME\n", r"ETHERPAD_TITLE: has a \$ unquoted: Compose would"),
}


@pytest.fixture
def conf(refused: Site) -> Iterator[str]:
    """The good jitsi.conf of a running site; afterwards it is back, and nothing else was touched or stopped."""
    good, before, ran = refused.host.read(CONF), picture(refused), refused.containers()
    yield good
    refused.host.write(CONF, good)
    assert picture(refused) == before
    assert refused.containers() == ran


@pytest.mark.parametrize("line, said", LINES.values(), ids=LINES)
def test_a_wrong_setting_is_told_with_its_line_and_nothing_is_touched(
    refused: Site, conf: str, line: str, said: str
) -> None:
    kept = [old for old in conf.splitlines() if old.split("=")[0] != line.split("=")[0]]
    refused.host.write(CONF, "\n".join(kept) + "\n" + line)
    verbs = [refused.rc(verb, check=False) for verb in ("reload", "restart")]
    for done in (*verbs, refused.jitsictl("check", check=False)):
        assert done.returncode == 5, done.stdout + done.stderr
        assert re.search(rf"{CONF}:{len(kept) + 1}: {said}", done.stderr), done.stderr
        assert "Traceback" not in done.stderr


def test_all_errors_come_at_once_a_name_given_twice_with_both_lines(refused: Site, conf: str) -> None:
    refused.host.write(CONF, f"{conf}PUBLIC_URL=https://a.example\nENABLE_LOBY=1\nENABLE_PREJOIN_PAGE=perhaps\n")
    done = refused.jitsictl("check", check=False)
    assert done.returncode == 5
    assert len(done.stderr.splitlines()) == 3, done.stderr
    first = conf.splitlines().index(next(line for line in conf.splitlines() if line.startswith("PUBLIC_URL="))) + 1
    assert re.search(rf"PUBLIC_URL.*\b{first}\b", done.stderr)


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x00\x01\x02" * 20], ids=["empty", "binary"])
def test_a_file_that_is_no_jitsi_conf_stops_nothing(refused: Site, conf: str, content: bytes) -> None:
    refused.host.write(CONF, content)
    for verb in ("reload", "restart"):
        done = refused.rc(verb, check=False)
        assert done.returncode == 5, done.stdout + done.stderr
        assert CONF in done.stderr


def test_an_unreadable_jitsi_conf_is_a_sentence(refused: Site, conf: str) -> None:
    done = refused.host.run(["setpriv", "--reuid=65534", "--clear-groups", "jitsictl", "check"], check=False)
    assert done.returncode != 0
    assert CONF in done.stderr and "Traceback" not in done.stderr


def test_a_release_the_package_does_not_know(refused: Site, conf: str) -> None:
    done = refused.jitsictl("upgrade", "stable-6826", check=False)
    assert done.returncode == 5
    assert f"stable-10741 to {NEW}" in done.stderr


def test_a_verb_that_does_not_exist_prints_the_usage(refused: Site, conf: str) -> None:
    done = refused.rc("begin", check=False)
    assert done.returncode == 2 and "{start|stop|restart|reload|status|upgrade [RELEASE]|rollback}" in done.stdout
    assert refused.jitsictl("begin", check=False).returncode == 2


def test_without_jitsi_conf_start_names_setup(bare: Site) -> None:
    bare.host.dockerd_start()
    bare.host.run(["rm", CONF])
    done = bare.rc("start", check=False)
    assert done.returncode == 1
    assert f"expected settings in {CONF}" in done.stderr and "jitsictl setup" in done.stderr


def test_config_that_is_no_directory(bare: Site) -> None:
    bare.host.dockerd_start()
    bare.host.write("/srv/file", "not a directory\n")
    bare.conf("CONFIG=/srv/file/jitsi\n")
    done = bare.rc("start", check=False)
    assert done.returncode == 1
    assert "expected a directory, found that /srv/file is none" in done.stderr
    assert not bare.host.exists(f"{STATE}/current")


def test_config_on_a_disk_that_is_not_mounted(bare: Site) -> None:
    bare.host.dockerd_start()
    bare.host.run("mkdir -p /mnt/data && echo '/dev/sdz1 /mnt/data ext4 defaults 0 2' >> /etc/fstab")
    bare.conf("CONFIG=/mnt/data/jitsi\n")
    done = bare.rc("start", check=False)
    assert done.returncode == 1
    assert "expected /mnt/data to be mounted" in done.stderr
    assert not bare.host.exists("/mnt/data/jitsi")


def test_config_on_a_full_disk(bare: Site) -> None:
    bare.host.run("mkdir -p /mnt/small && mount -t tmpfs -o size=1m none /mnt/small")
    bare.host.dockerd_start()
    bare.conf("CONFIG=/mnt/small/jitsi\n")
    done = bare.rc("start", check=False)
    assert done.returncode == 1
    assert re.search(r"MB free for /mnt/small/jitsi, found \d MB", done.stderr)
    assert not bare.host.exists("/mnt/small/jitsi")


def test_a_port_that_is_taken_is_told_with_its_holder(bare: Site) -> None:
    bare.host.dockerd_start()
    holder = bare.host.spawn(["python3", "-m", "http.server", "--bind", "127.0.0.1", "8440"])
    bare.host.run("until curl -s -o /dev/null http://127.0.0.1:8440/; do :; done", timeout=20)
    done = bare.rc("start", check=False)
    assert done.returncode == 1
    assert re.search(
        r"HTTP_PORT: expected port 8440/tcp to be free for web, found it held by python3 \(pid \d+\)", done.stderr
    )
    assert not bare.host.exists(f"{STATE}/current")
    holder.kill()


def test_docker_not_started(stopped: Site) -> None:
    stopped.host.dockerd_stop()
    stopped.host.write("/etc/default/jitsi-meet", "DOCKER_WAIT=1\n")
    done = stopped.rc("start", check=False)
    assert done.returncode == 1 and "/etc/rc.d/rc.docker start" in done.stderr
    assert stopped.rc("status", check=False).returncode == 4
    plan = stopped.jitsictl("plan", check=False)
    assert plan.returncode == 1 and "/etc/rc.d/rc.docker start" in plan.stderr


def test_docker_killed_leaves_a_socket_that_refuses(stopped: Site) -> None:
    stopped.host.write("/etc/default/jitsi-meet", "DOCKER_WAIT=1\n")
    stopped.host.dockerd_kill()
    done = stopped.rc("start", check=False)
    assert done.returncode == 1 and "expected Docker" in done.stderr
    status = stopped.jitsictl("status", check=False)
    assert status.returncode == 4 and "nobody does" in status.stderr


def test_docker_that_answers_late_is_waited_for(stopped: Site) -> None:
    stopped.host.dockerd_stop()
    start = stopped.host.spawn(["/bin/sh", "/etc/rc.d/rc.jitsi", "start"])
    stopped.host.run(["/etc/rc.d/rc.docker", "start"])
    assert start.wait(120) == 0, start.stderr.read()
    assert stopped.rc("status").returncode == 0


def test_docker_that_never_answers_ends_start_at_its_bound(bare: Site) -> None:
    mute = "import signal, socket; s = socket.socket(1); s.bind('/var/run/docker.sock'); s.listen(9); signal.pause()"
    bare.host.spawn(["python3", "-c", mute])
    bare.host.run("until [ -S /var/run/docker.sock ]; do :; done", timeout=20)
    bare.host.write("/etc/default/jitsi-meet", "DOCKER_WAIT=3\n")
    done = bare.rc("start", check=False, timeout=30)
    assert done.returncode == 1
    assert "silent" in done.stderr


def test_without_compose_the_packages_are_named(stopped: Site) -> None:
    stopped.host.run("mv /usr/libexec/docker/cli-plugins/docker-compose /root/kept; rm -f /usr/bin/docker-compose")
    for done in (stopped.rc("start", check=False), stopped.jitsictl("reseed", check=False)):
        assert done.returncode == 1
        assert "expected Docker Compose 2 or newer" in done.stderr and "docker-compose" in done.stderr


def test_compose_1_is_refused_with_its_version(stopped: Site) -> None:
    stopped.host.run("mv /usr/libexec/docker/cli-plugins/docker-compose /root/kept; rm -f /usr/bin/docker-compose")
    stopped.host.write("/usr/bin/docker-compose", "#!/bin/sh\necho 1.29.2\n", 0o755)
    for done in (stopped.rc("start", check=False), stopped.jitsictl("reseed", check=False)):
        assert done.returncode == 1
        assert "expected Docker Compose 2 or newer" in done.stderr and "1.29.2" in done.stderr


def test_docker_compose_alone_will_do(stopped: Site) -> None:
    stopped.host.run(
        "cp -L /usr/libexec/docker/cli-plugins/docker-compose /root/kept;"
        "rm -f /usr/libexec/docker/cli-plugins/docker-compose /usr/bin/docker-compose;"
        "mv /root/kept /usr/bin/docker-compose"
    )
    stopped.rc("start")
    assert stopped.rc("status").returncode == 0


def test_an_image_that_cannot_be_had_leaves_the_site_running(running: Site) -> None:
    before = picture(running)
    done = running.jitsictl("upgrade", "--force", "stable-99999", check=False)
    assert done.returncode == 1
    assert "stable-99999" in done.stderr
    assert picture(running) == before
    assert running.rc("status").returncode == 0


def test_a_crash_loop_is_found_and_undone_although_compose_is_content(running: Site) -> None:
    before = running.containers()
    running.host.write(f"{PROJECT}/compose.override.yaml", "services:\n  jvb:\n    entrypoint: [/bin/false]\n")
    done = running.rc("reload", check=False)
    assert done.returncode == 1
    assert re.search(r"jvb (crashes over and over|to be ready)", done.stderr), done.stderr
    running.host.run(["rm", f"{PROJECT}/compose.override.yaml"])
    running.rc("reload")
    assert running.login("alien", "WelcomeBOB!")
    after = running.containers()
    assert {name for name in after if after[name] != before[name]} <= {"jvb"}


def test_a_lost_firewall_chain_is_recognised(running: Site) -> None:
    running.host.run("iptables -t nat -F; iptables -t nat -X; iptables -F; iptables -X", check=False)
    running.conf("JVB_PORT=10001\n")
    done = running.rc("reload", check=False)
    assert done.returncode == 1
    assert "/etc/rc.d/rc.docker restart" in done.stderr


def test_a_second_change_at_the_same_time_is_refused(running: Site) -> None:
    running.host.spawn(["flock", f"{STATE}/lock", "sleep", "60"])
    running.host.run(f"while flock -n {STATE}/lock true; do :; done", timeout=20)
    done = running.jitsictl("reseed", check=False)
    assert done.returncode == 75
    assert "expected the lock" in done.stderr
