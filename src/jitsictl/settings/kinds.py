"""The types of settings: what a value must look like, and the one form in which it is written.

A type is a word, with an argument for some: "bool", "int 1..65535", "enum internal|jwt". Values land
unescaped in HOCON, Lua, JavaScript and shell inside the images (facts of upstream's templates), so every
type but `prose` and the ones that say so refuses quotes, backslashes and control characters.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Tuple

from jitsictl.settings import addresses

_TRUE = frozenset(("1", "true", "yes", "on", "y", "t", "enabled", "enable"))
_FALSE = frozenset(("0", "false", "no", "off", "n", "f", "disabled", "disable"))
_NAMES = {
    '"': 'a double quote (")',
    "'": "a quote (')",
    "`": "a back quote (`)",
    "\\": "a backslash (\\)",
    "\n": "a line break",
    "\r": "a carriage return",
    "\t": "a tab",
}
_MEMORY = re.compile(r"([1-9][0-9]*)([kmg])b?", re.IGNORECASE)
_DURATION = re.compile(r"[0-9]+ ?(?:ms|milliseconds?|s|seconds?|m|minutes?|h|hours?|d|days?)", re.IGNORECASE)


def normalise(kind: str, value: str) -> str:
    """`value` in the form in which it is written for the services.

    ValueError: what is wrong and what would be right, to be read behind the setting's name. The text
    repeats items of a list at most, never what could be a secret.
    """
    word, _, argument = kind.partition(" ")
    if word not in _OWN_CHARACTERS:
        refuse(value, "\"'`\\")
    return KINDS[word](value, argument)


def refuse(value: str, characters: str) -> None:
    """ValueError when one of `characters` or a control character is in `value`."""
    for place, char in enumerate(value, start=1):
        if char in characters or ord(char) < 32 or ord(char) == 127:
            what = _NAMES.get(char, f"the control character 0x{ord(char):02x}")
            raise ValueError(
                f"has {what} at character {place}, which would break the services' configuration files; "
                "write it without"
            )


def _bool(value: str, _: str) -> str:
    word = value.lower()
    if word not in _TRUE and word not in _FALSE:
        raise ValueError("is neither on nor off; write 1 or 0")
    return "1" if word in _TRUE else "0"


def _int(value: str, argument: str) -> str:
    low, high = _bounds(argument)
    expected = f"write a whole number{_between(low, high)}"
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError(f"is no whole number; {expected}")
    if not _inside(float(value), low, high):
        raise ValueError(f"is out of range; {expected}")
    return str(int(value))


def _number(value: str, argument: str) -> str:
    low, high = _bounds(argument)
    expected = f"write a number{_between(low, high)}, with a point: 0.8"
    if not re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", value):
        raise ValueError(f"is no number; {expected}")
    if not _inside(float(value), low, high):
        raise ValueError(f"is out of range; {expected}")
    return value


def _bounds(argument: str) -> Tuple[str, str]:
    low, _, high = argument.partition("..")
    return low, high


def _inside(number: float, low: str, high: str) -> bool:
    return (not low or number >= float(low)) and (not high or number <= float(high))


def _between(low: str, high: str) -> str:
    if low and high:
        return f" from {low} to {high}"
    return f" of at least {low}" if low else ""


def _duration(value: str, _: str) -> str:
    """HOCON's durations. A bare number would be milliseconds, which nobody means (upstream's 9220)."""
    if not _DURATION.fullmatch(value):
        raise ValueError("is no duration with a unit; write it as 90 seconds, 15 minutes or 24 hours")
    return value


def _memory(value: str, _: str) -> str:
    match = _MEMORY.fullmatch(value)
    if not match:
        raise ValueError("is no amount of memory; write it as 3072m or 3g")
    return match.group(1) + match.group(2).lower()


def _rate(value: str, _: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[kmg]?b/s", value):
        raise ValueError("is no rate; write it as 10kb/s or 1mb/s")
    return value


def _timezone(value: str, _: str) -> str:
    """The shape only: which zones there are is the host's to tell (settings.check)."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}", value):
        raise ValueError("is no time zone; write a name such as Europe/Amsterdam or UTC")
    return value


def _enum(value: str, argument: str) -> str:
    choices = argument.split("|")
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    raise ValueError(f"is none of the choices; write {', '.join(choices[:-1])} or {choices[-1]}")


def _list(value: str, _: str) -> str:
    items = addresses.items(value)
    for item in items:
        if re.search(r"\s", item):
            raise ValueError(f"has a blank in {item!r}; write items with commas between them")
    return ",".join(items)


def _codecs(value: str, _: str) -> str:
    """A JavaScript array in upstream's template; `AV1,VP9` and `["AV1", "VP9"]` are both understood."""
    known = ("AV1", "VP9", "VP8", "H264")
    items = [item.strip().strip('"').upper() for item in value.strip().lstrip("[").rstrip("]").split(",")]
    if not all(item in known for item in items) or len(set(items)) < len(items):
        raise ValueError(f"is no list of codecs; write some of {','.join(known)}, the first one preferred")
    return "[" + ", ".join(f'"{item}"' for item in items) + "]"


def _path(value: str, _: str) -> str:
    parts = value.split("/")
    if not value.startswith("/") or ".." in parts or not any(parts) or re.search(r"[\s:$]", value):
        raise ValueError("is no path to use; write an absolute one, without blanks, `:`, `$` and `..`")
    return "/" + "/".join(part for part in parts if part not in ("", "."))


def _word(value: str, _: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+", value):
        raise ValueError("is no single word; write letters, digits, `.`, `_` and `-` only")
    return value


def _image(value: str, _: str) -> str:
    if not re.fullmatch(r"[a-z0-9._-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)*", value):
        raise ValueError("is no image repository; write it as ghcr.io/jitsi or 127.0.0.1:5000/jitsi")
    return value


def _release(value: str, _: str) -> str:
    if not re.fullmatch(r"stable-[1-9][0-9]*(?:-[1-9][0-9]*)?", value):
        raise ValueError("is no release; write its tag, such as stable-11146-2")
    return value


def _secret(value: str, _: str) -> str:
    if re.search(r"\s", value):
        raise ValueError("has a blank, which the services' start scripts split at; write it without")
    return value


def _text(value: str, _: str) -> str:
    return value


def _header(value: str, _: str) -> str:
    """The value of an HTTP header, inside double quotes in nginx's file: 'self' keeps its quotes."""
    refuse(value, '"\\`')
    return value


def _lua(value: str, _: str) -> str:
    """Lua for Prosody's file: quotes are its own business, a backslash or line break is not."""
    refuse(value, "\\")
    return value


def _pem(value: str, _: str) -> str:
    """A private key on one line, with \\n for its line breaks, as Google hands it out in JSON."""
    refuse(value, "\"'`")
    return value


def _prose(value: str, _: str) -> str:
    """Text that only Etherpad reads, from its environment: anything but control characters."""
    text = value.replace("\r\n", "\n")
    refuse(text.replace("\n", " ").replace("\t", " "), "")
    return text


KINDS: Dict[str, Callable[[str, str], str]] = {
    "bool": _bool,
    "int": _int,
    "number": _number,
    "port": addresses.port,
    "listen": addresses.listen,
    "ip": addresses.ip,
    "ips": addresses.ips,
    "cidrs": addresses.cidrs,
    "host": addresses.host,
    "hosts": addresses.hosts,
    "url": addresses.url,
    "site": addresses.site,
    "duration": _duration,
    "memory": _memory,
    "rate": _rate,
    "timezone": _timezone,
    "enum": _enum,
    "list": _list,
    "codecs": _codecs,
    "path": _path,
    "word": _word,
    "image": _image,
    "release": _release,
    "secret": _secret,
    "text": _text,
    "header": _header,
    "lua": _lua,
    "prose": _prose,
    "pem": _pem,
}
_OWN_CHARACTERS = frozenset(("codecs", "header", "lua", "pem", "prose"))
