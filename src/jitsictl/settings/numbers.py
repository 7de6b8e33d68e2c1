"""The types that count or measure: switches, numbers, times, sizes. See settings.kinds."""

from __future__ import annotations

import re
from typing import Tuple

_TRUE = frozenset(("1", "true", "yes", "on", "y", "t", "enabled", "enable"))
_FALSE = frozenset(("0", "false", "no", "off", "n", "f", "disabled", "disable"))
_DURATION = re.compile(r"[0-9]{1,9} ?(?:ms|milliseconds?|s|seconds?|m|minutes?|h|hours?|d|days?)", re.IGNORECASE)


def switch(value: str, argument: str) -> str:
    """1 or 0; with `words` true or false, for what reads nothing else; with `unbuilt` 0 is all there is yet."""
    word = value.lower()
    if word not in _TRUE and word not in _FALSE:
        raise ValueError("is neither on nor off; write 1 or 0")
    on = word in _TRUE
    if argument == "unbuilt" and on:
        raise ValueError("is on, which this package cannot do yet; write 0 or delete the line")
    if argument == "words":
        return "true" if on else "false"
    return "1" if on else "0"


def integer(value: str, argument: str) -> str:
    """LOW..HIGH, or LOW..HIGH|WORD where a word such as auto will do as well."""
    bounds, _, word = argument.partition("|")
    if word and value.lower() == word:
        return word
    low, high = _bounds(bounds)
    expected = f"write a whole number{between(low, high)}" + (f", or {word}" if word else "")
    if not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        raise ValueError(f"is no whole number; {expected}")
    if not int(low) <= int(value) <= int(high):
        raise ValueError(f"is out of range; {expected}")
    return str(int(value))


def number(value: str, argument: str) -> str:
    low, high = _bounds(argument)
    expected = f"write a number{between(low, high)}, with a point: 0.8"
    if not re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", value, re.ASCII):
        raise ValueError(f"is no number; {expected}")
    if not float(low) <= float(value) <= float(high):
        raise ValueError(f"is out of range; {expected}")
    return value


def span(value: str, _: str) -> str:
    """Xorg's ranges of frequencies: `5.0 - 1000.0`."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?- ?([0-9]{1,6}(?:\.[0-9]{1,3})?)", value, re.ASCII)
    if not match or float(match.group(1)) > float(match.group(2)):
        raise ValueError("is no range; write the lower and the higher number, as in 5.0 - 200.0")
    return f"{match.group(1)} - {match.group(2)}"


def _bounds(argument: str) -> Tuple[str, str]:
    low, _, high = argument.partition("..")
    return low, high


def between(low: str, high: str) -> str:
    return f" from {low} to {high}"


def duration(value: str, _: str) -> str:
    """HOCON's durations. A bare number would be milliseconds, which nobody means (upstream's 9220)."""
    if not _DURATION.fullmatch(value):
        raise ValueError("is no duration with a unit; write it as 90 seconds, 15 minutes or 24 hours")
    return value


def memory(value: str, _: str) -> str:
    match = re.fullmatch(r"([1-9][0-9]{0,8})([kmg])b?", value, re.IGNORECASE | re.ASCII)
    if not match:
        raise ValueError("is no amount of memory; write it as 3072m or 3g")
    return match.group(1) + match.group(2).lower()


def rate(value: str, _: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,8}[kmg]?b/s", value):
        raise ValueError("is no rate; write it as 10kb/s or 1mb/s")
    return value


def bitrate(value: str, _: str) -> str:
    """ffmpeg's: bits a second, with k or M."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}[kM]?", value):
        raise ValueError("is no bit rate; write it as 2976k or 3M")
    return value
