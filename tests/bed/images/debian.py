"""The layer below all images: Debian 13 packages, unpacked without their maintainer scripts.

All images share this one layer (a host pulls it once), so it holds what any of them needs. Upstream's are Debian
images, too, with bash, curl and wget in every one.
"""
from __future__ import annotations

import io
import subprocess
from pathlib import Path

from bed import apt
from bed.base import command
from bed.images import bytecode
from bed.images.layers import Layer

SUITE = "trixie"  # prosody 13.0.1; upstream's images from stable-11146 on are built on it, too
PACKAGES = ("bash", "busybox-static", "curl", "nginx", "openssl", "prosody", "lua-unbound", "python3-minimal",
            "libpython3-stdlib", "tini", "util-linux")
PYTHON = "usr/lib/python3.13"

# Drawn in as dependencies, used by nothing here.
_UNUSED = frozenset((
    "adduser", "base-files", "base-passwd", "debconf", "debianutils", "dpkg", "gcc-14-base", "init-system-helpers",
    "iproute2", "libaudit-common", "libaudit1", "libbpf1", "libcap2-bin", "libdb5.3t64", "libdebconfclient0",
    "libelf1t64", "liblastlog2-2", "libmnl0", "libpam-modules", "libpam-modules-bin", "libpam-runtime", "libpam0g",
    "libsemanage-common", "libsemanage2", "libsepol2", "libsqlite3-0", "libtirpc-common", "libtirpc3t64",
    "libxtables12", "login.defs", "mawk", "passwd", "perl-base", "ssl-cert", "tar", "tzdata"))
_UNUSED_PATHS = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/lintian/",
                 "usr/share/info/", "usr/share/bug/", "usr/share/bash-completion/", "usr/lib/systemd/",
                 "usr/lib/x86_64-linux-gnu/gconv/", f"{PYTHON}/test/", f"{PYTHON}/_pyrepl/", f"{PYTHON}/pydoc_data/",
                 "etc/init.d/", "etc/ufw/", "etc/prosody/")
_ONLY = {"util-linux": ("usr/bin/setpriv",)}

# Only s6 (1000) and etherpad (5001) are fixed, upstream's other numbers differ from release to release.
JITSI = 999
_USERS = {"root": (0, 0), "www-data": (33, 33), "jicofo": (100, JITSI), "prosody": (101, 102),
          "jvb": (103, JITSI), "s6": (1000, 1000), "etherpad": (5001, 0), "nobody": (65534, 65534)}
_GROUPS = {"root": 0, "tty": 5, "www-data": 33, "prosody": 102, "jitsi": JITSI, "s6": 1000, "nogroup": 65534}


def _wanted(package: str, path: str) -> bool:
    only = _ONLY.get(package)
    if only is not None:
        return path in only
    return not (path + "/").startswith(_UNUSED_PATHS)


def add_package(layer: Layer, deb: Path) -> None:
    """What an image needs of a package's files."""
    package = deb.name.partition("_")[0]
    if package in _UNUSED:
        return
    done = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE, check=True,
                          timeout=60)
    layer.add_tar(io.BytesIO(done.stdout), lambda path: _wanted(package, path))


def add_applets(layer: Layer, work: Path, folder: str) -> None:
    """Links to the busybox in `folder` where no package brought the command itself."""
    busybox = work / "busybox"
    busybox.write_bytes(layer.read(f"{folder}/busybox"))
    busybox.chmod(0o755)
    for applet in command([busybox, "--list"]).stdout.split():
        if not any(layer.has(f"{place}/{applet}") for place in ("usr/bin", "usr/sbin", "bin", "sbin")):
            layer.link(f"{folder}/{applet}", "busybox")


def add_accounts(layer: Layer) -> None:
    """The users and groups of all images."""
    users = [f"{name}:x:{uid}:{gid}::/:/bin/bash\n" for name, (uid, gid) in _USERS.items()]
    groups = [f"{name}:x:{gid}:\n" for name, gid in _GROUPS.items()]
    layer.file("etc/passwd", "".join(users).encode())
    layer.file("etc/group", "".join(groups).encode())
    layer.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")


def layer(work: Path) -> Layer:
    """The whole layer; fetches into the folder `work`. Raises BedError where packages cannot be had."""
    made = Layer()
    for name in ("bin", "sbin", "lib", "lib64"):
        made.folder(f"usr/{name}")
        made.link(name, f"usr/{name}")
    for name in ("dev", "etc", "proc", "root", "run", "sys", "usr", "var", "var/log", "var/lib"):
        made.folder(name)
    for name in ("tmp", "var/tmp"):
        made.folder(name, 0o1777)
    for deb in apt.download(SUITE, PACKAGES, work):
        add_package(made, deb)
    made.link("var/run", "/run")
    made.link("usr/bin/lua", "lua5.4")
    add_applets(made, work, "usr/bin")
    add_accounts(made)
    # Of the setuid sort, as s6-overlay's helper of this name is: it hands /run to the container's user.
    made.file("usr/lib/stand-in/suexec", made.read("usr/bin/setpriv"), 0o4755)
    bytecode.add(made, PYTHON, work)
    return made
