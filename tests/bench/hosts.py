"""The host that a bench measures on, and a bench by itself."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Callable, Iterator

from bed import Host, Lan
from bed.__main__ import storage
from bed.site import Site, installed
from package import build


@contextlib.contextmanager
def prepared(package: Path, *options: str) -> Iterator[Site]:
    """The package set up with these options on a LAN of its own, Docker started; what it runs on is gone afterwards."""
    with Lan(storage()) as lan, Host(lan, name="darkstar") as host:
        yield installed(host, package, *options)


def alone(measure: Callable[[Path], str]) -> None:
    """What `python -m bench.NAME` does below the head of its table: rows, then what `measure` says of the package."""
    with tempfile.TemporaryDirectory(prefix="jitsi-bench-") as scratch:
        print(f"\n{measure(build.from_repository(Path(scratch)))}")
