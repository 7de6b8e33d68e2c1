"""Hosts on one LAN: images by their own names, addresses, firewalls of their own."""
from __future__ import annotations

import subprocess
from typing import Callable, List

import bed
import pytest
from bed import roots, tiny
from bed.base import wait_until

pytestmark = pytest.mark.bed

Boot = Callable[..., bed.Host]


@pytest.mark.parametrize("root", roots.NAMES)
@pytest.mark.parametrize("name", [tiny.TINY, f"docker.io/{tiny.TINY}", f"ghcr.io/{tiny.TINY}"])
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
        host.run(["docker", "pull", "-q", tiny.TINY])
        host.run(["docker", "tag", tiny.TINY, "10.77.0.1:5000/bed/tiny:2"])
        pushed = host.run(["docker", "push", "10.77.0.1:5000/bed/tiny:2"], check=False)
        assert pushed.returncode == 1
    assert not (own_lan.storage / "docker/registry/v2/repositories/bed/tiny/_manifests/tags/2").exists()
    assert (own_lan.storage / "docker/registry/v2/repositories/bed/tiny/_manifests/tags/1").exists()
