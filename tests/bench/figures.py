"""Measuring, and a figure's line in the table of RESULTS.md."""

from __future__ import annotations

import statistics
import time
from typing import Callable, List

ROUNDS = 7


def seconds(work: Callable[..., object], *arguments: object, **more: object) -> float:
    started = time.monotonic()
    work(*arguments, **more)
    return time.monotonic() - started


def row(what: str, target: str, values: List[float]) -> None:
    spread = f"{min(values):.2f} to {max(values):.2f}"
    print(f"| {what} | {target} | {statistics.median(values):.2f} | {spread} |", flush=True)
