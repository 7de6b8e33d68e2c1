"""What somebody meant who wrote a value that its type refuses. Only a wrong file pays for this."""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterable, Iterator, Optional

from jitsictl.settings import kinds
from jitsictl.types.settings import Entry

_WRAPPED = " \t;,\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"


def value_meant(entry: Entry, value: str) -> Optional[str]:
    """The first likely repair that the type takes; None without one, and always for what may hold a secret."""
    word, _, argument = entry.type.partition(" ")
    if entry.secret or "@" in value and "//" in value:
        return None
    for candidate in (*_any(value), *_OF_TYPE.get(word, _none)(value, argument)):
        try:
            taken = kinds.normalise(entry.type, candidate)
        except ValueError:
            continue
        if candidate != value and candidate.isprintable():  # a message is one line
            return taken if word == "bool" else candidate
    return None


def nearest(word: str, choices: Iterable[str]) -> Optional[str]:
    """The one of `choices` that `word` was meant to be, whatever its case; None when none is near."""
    import difflib  # 3 ms that a right file need not pay

    by_case: Dict[str, str] = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=0.6)
    return by_case[close[0]] if close else None


def _any(value: str) -> Iterator[str]:
    """Marks of other languages around the value, and a comment without a blank in front of it."""
    yield value.strip(_WRAPPED)
    yield value.partition("#")[0].strip(_WRAPPED)


def _none(_value: str, _argument: str) -> Iterator[str]:
    yield from ()


def _url(value: str, argument: str) -> Iterator[str]:
    """A URL without its scheme, or with the wrong one. A bare word with a dot may be a file as well."""
    if "//" in value or "/" in value.strip("/"):
        yield from _base(value, argument)


def _base(value: str, argument: str) -> Iterator[str]:
    _, slashes, rest = value.rpartition("//")
    rest = rest if slashes else value.lstrip(":/")
    if "." in rest or ":" in rest:
        yield from (f"{scheme}://{rest}" for scheme in (argument or "https").split("|"))


def _several(value: str, _argument: str) -> Iterator[str]:
    yield ",".join(re.split(r"[\s;,]+", value.strip(_WRAPPED)))


def _addresses(value: str, argument: str) -> Iterator[str]:
    yield from _several(value, argument)
    yield re.sub(r"/[0-9]+$|^[a-z]+://", "", value).rstrip("/")
    yield re.sub(r"^([0-9.]+):([0-9]+)$", r"\1#\2", value)


def _port(value: str, _argument: str) -> Iterator[str]:
    yield re.sub(r"/(?:tcp|udp)$", "", value).rpartition(":")[2].strip()


def _listen(value: str, argument: str) -> Iterator[str]:
    """A name is no address to listen at; the Apache that asks is on this machine."""
    yield from (f"127.0.0.1:{port}" for port in _port(value, argument))


def _timed(value: str, _argument: str) -> Iterator[str]:
    number = re.match(r"[0-9]+", value)
    yield f"{value} seconds"
    if number:
        yield f"{number.group()} {value[number.end() :].strip().lower().rstrip('s.')}s"


def _sized(value: str, _argument: str) -> Iterator[str]:
    match = re.fullmatch(r"([0-9]+) *([kmg])i?b?(?:yte)?s?", value, re.IGNORECASE)
    if match:
        yield match.group(1) + match.group(2).lower()


def _choice(value: str, argument: str) -> Iterator[str]:
    found = nearest(value, (choice for choice in argument.split("|") if not choice.startswith("!")))
    if found:
        yield found


def _decimal(value: str, _argument: str) -> Iterator[str]:
    yield value.replace(",", ".")
    yield re.sub(r"(?<=[0-9])[ ._,'](?=[0-9]{3}\b)", "", value)


def _tag(value: str, _argument: str) -> Iterator[str]:
    yield "stable-" + re.sub(r"^(?:jitsi-meet_|stable[-_]?|v)", "", value.strip()).replace(".", "-")


def _site(value: str, _argument: str) -> Iterator[str]:
    """Nothing may stand behind the host."""
    for found in _base(value, "https"):
        yield found
        yield "/".join(re.split(r"[/?#]", found)[:3])


_OF_TYPE: Dict[str, Callable[[str, str], Iterator[str]]] = {
    "url": _url,
    "base": _base,
    "origin": _site,
    "site": _site,
    "list": _several,
    "words": _several,
    "hosts": _several,
    "cidrs": _several,
    "ips": _addresses,
    "ip": _addresses,
    "port": _port,
    "listen": _listen,
    "int": _decimal,
    "number": _decimal,
    "duration": _timed,
    "memory": _sized,
    "enum": _choice,
    "release": _tag,
}
