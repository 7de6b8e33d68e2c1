"""Byte code for the Python of the images, which cannot write any: compiling is most of a small program's start.

Debian's packages make theirs in maintainer scripts, which are not run here.
"""
from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Sequence

from bed.base import command
from bed.images.layers import Layer

# Not held against the sources at each start; and the same for the same sources.
_COMPILE = ("/usr/bin/env", "-i", "PYTHONHASHSEED=0", "/usr/bin/python3", "-S", "-m", "compileall", "-q",
            "--invalidation-mode", "unchecked-hash")


def add(layer: Layer, folder: str, scratch: Path, below: Sequence[Path] = ()) -> None:
    """Add the byte code of a folder of the layer, made by the Python of a container of it.

    `below`: the layers' files that it stands on. Needs root, for chroot.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bytecode-") as made:
        root = Path(made) / "root"
        root.mkdir()
        for archive in (*below, layer.write(Path(made) / "sources.tar").path):
            command(["tar", "-C", root, "-xf", archive])
        command(["chroot", root, *_COMPILE, f"/{folder}"], timeout=120)
        for path in sorted((root / folder).rglob("*.pyc")):
            layer.folder(str(path.parent.relative_to(root)))
            layer.file(str(path.relative_to(root)), path.read_bytes())
