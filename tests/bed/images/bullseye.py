"""The layer of stable-6826's prosody: Debian 11 packages with a real Prosody 0.11, as upstream's image had it.

Only that image stands on it. Its packages do not know merged /usr, so neither does the layer.
"""
from __future__ import annotations

from pathlib import Path

from bed import apt
from bed.images import debian
from bed.images.layers import Layer

SUITE = "bullseye"  # prosody 0.11.9
PACKAGES = ("bash", "busybox-static", "openssl", "prosody", "tini", "util-linux")


def layer(work: Path) -> Layer:
    """The whole layer; fetches into the folder `work`. Raises BedError where packages cannot be had."""
    made = Layer()
    for name in ("bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "usr", "usr/bin", "var", "var/log"):
        made.folder(name)
    for name in ("tmp", "var/tmp"):
        made.folder(name, 0o1777)
    for deb in apt.download(SUITE, PACKAGES, work):
        debian.add_package(made, deb)
    debian.add_applets(made, work, "bin")
    made.link("usr/bin/env", "/bin/busybox")  # Prosody's first line asks for it
    debian.add_accounts(made)
    return made
