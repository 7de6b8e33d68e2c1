"""Valid values of every type of setting, as an administrator might spell them, for tests that need many.

`random` decides, so that a seed or hypothesis (st.randoms) can. A type that is not known here gets what the catalogue
shows of it or what other types would write, until its own check accepts something.
"""

from __future__ import annotations

import functools
from random import Random
from typing import Callable, Dict, List

from jitsictl.settings import catalogue, kinds

# What trips a reader, a shell, YAML, Compose or a terminal, beside letters of one to four bytes.
TRAPS = "$#{}%!&|;<>()[]*?~^@=:,+-_./ \u00a0\u0085\u2028\ufeff\u200d\u202e"
QUOTES = "'\"`\\\n\t"
LETTERS = "abcXYZ019äß€中🎈"
WORD = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789"
_TRIES = 400


def spelled(kind: str, random: Random) -> str:
    """A value that the type accepts. AssertionError: none was found."""
    for attempt in range(_TRIES):
        try:
            value = _candidate(kind, random, attempt)
            if value and kinds.normalise(kind, value):  # an empty one counts as not set
                return value
        except ValueError:
            continue
    raise AssertionError(f"no valid value of type {kind!r} in {_TRIES} tries; teach tests/unit/values.py one")


def _candidate(kind: str, random: Random, attempt: int) -> str:
    word, _, argument = kind.partition(" ")
    if word in _WRITERS and attempt < _TRIES // 2:
        return _WRITERS[word](random, argument)
    shown = _examples().get(kind)
    if shown and attempt % 2:
        return random.choice(shown)
    return random.choice(list(_WRITERS.values()))(random, argument)


@functools.cache
def _examples() -> Dict[str, List[str]]:
    """What the catalogue itself shows of each type."""
    found: Dict[str, List[str]] = {}
    for entry in catalogue.load().values():
        shown = {entry.default, entry.image_default, entry.example} - {None, ""}
        found.setdefault(entry.type, []).extend(sorted(str(value) for value in shown))
    return found


def _of(characters: str, random: Random, most: int = 12, least: int = 1) -> str:
    return "".join(random.choice(characters) for _ in range(random.randint(least, most)))


def _text(random: Random, _: str) -> str:
    long = 4000 if random.random() < 0.01 else 16
    return _of(TRAPS + LETTERS, random, long)


def _free(random: Random, _: str) -> str:
    long = 4000 if random.random() < 0.01 else 16
    return _of(TRAPS + QUOTES + LETTERS, random, long)


def _int(random: Random, argument: str) -> str:
    low, _, high = argument.partition("|")[0].partition("..")
    least = int(float(low)) if low else -1000
    return str(random.choice([least, random.randint(least, int(float(high)) if high else least + 10**6)]))


def _number(random: Random, argument: str) -> str:
    low, _, high = argument.partition("|")[0].partition("..")
    least = float(low or 0)
    return f"{random.uniform(least, float(high) if high else least + 1000):.{random.randint(0, 4)}f}"


def _ip(random: Random, _: str = "") -> str:
    if random.random() < 0.5:
        return ".".join(str(random.randint(0, 255)) for _ in range(4))
    return ":".join(f"{random.randint(0, 65535):x}" for _ in range(8))


def _port(random: Random, _: str = "") -> str:
    return str(random.randint(1, 65535))


def _listen(random: Random, _: str) -> str:
    address = _ip(random)
    address = f"[{address}]" if ":" in address else address
    return random.choice([_port(random), f"{address}:{_port(random)}"])


def _ips(random: Random, _: str) -> str:
    return random.choice([",", ", "]).join(
        _ip(random) + random.choice(["", f"#{_port(random)}"]) for _ in range(random.randint(1, 3))
    )


def _cidrs(random: Random, _: str) -> str:
    return ",".join(random.choice(["10.0.0.0/8", "192.0.2.10", "2001:db8::/32"]) for _ in range(random.randint(1, 3)))


def _host(random: Random, _: str = "") -> str:
    return ".".join(_of(WORD, random) for _ in range(random.randint(1, 4)))


def _hosts(random: Random, _: str) -> str:
    return ",".join(_host(random) + random.choice(["", f":{_port(random)}"]) for _ in range(random.randint(1, 3)))


def _url(random: Random, argument: str) -> str:
    scheme = random.choice(argument.split("|") if argument else ["http", "https"])
    return f"{scheme}://{_host(random)}/{_of(TRAPS + LETTERS, random, 8, 0)}"


def _site(random: Random, _: str) -> str:
    return f"https://{_host(random)}" + random.choice(["", "/", f":{_port(random)}"])


def _list(random: Random, _: str) -> str:
    return ",".join(_of(TRAPS + LETTERS, random) for _ in range(random.randint(1, 4)))


def _path(random: Random, _: str) -> str:
    return "/" + "/".join(_of(TRAPS + LETTERS, random) for _ in range(random.randint(1, 4)))


def _codecs(random: Random, _: str) -> str:
    some = random.sample(["AV1", "VP9", "VP8", "H264"], random.randint(1, 4))
    return random.choice([",".join(some), "[" + ", ".join(f'"{codec}"' for codec in some) + "]"])


def _lua(random: Random, argument: str) -> str:
    text = f'"{_of(TRAPS + LETTERS, random)}"'
    return {"commas": f"a = {text}", "lines": f"a = {text}\\nb = 1", "items": f"{text}; {text}"}.get(argument, text)


def _pem(random: Random, _: str) -> str:
    lines = "\\n".join(_of(WORD + "+/", random, 64, 64) for _ in range(random.randint(1, 3)))
    return f"-----BEGIN PRIVATE KEY-----\\n{lines}\\n-----END PRIVATE KEY-----\\n"


_WRITERS: Dict[str, Callable[[Random, str], str]] = {
    "bool": lambda random, _: random.choice(["1", "0", "true", "False", "YES", "no", "on", "Off"]),
    "int": _int,
    "number": _number,
    "port": _port,
    "listen": _listen,
    "ip": _ip,
    "ips": _ips,
    "cidrs": _cidrs,
    "host": _host,
    "hosts": _hosts,
    "url": _url,
    "site": _site,
    "duration": lambda random, _: f"{random.randint(0, 999)} {random.choice(['ms', 'seconds', 'minutes', 'h'])}",
    "memory": lambda random, _: f"{random.randint(1, 9999)}{random.choice('kmgKMG')}",
    "rate": lambda random, _: f"{random.randint(1, 999)}{random.choice(['', 'k', 'm', 'g'])}b/s",
    "timezone": lambda random, _: random.choice(["UTC", "Europe/Amsterdam", "America/Argentina/Ushuaia"]),
    "enum": lambda random, argument: random.choice(argument.split("|")),
    "list": _list,
    "codecs": _codecs,
    "path": _path,
    "word": lambda random, _: _of(WORD + "._-", random),
    "image": lambda random, _: f"{_host(random).lower()}/{_of('abc0._-', random)}",
    "release": lambda random, _: f"stable-{random.randint(1, 99999)}" + random.choice(["", "-1"]),
    "secret": _text,
    "text": _text,
    "header": _free,
    "lua": _lua,
    "prose": _free,
    "pem": _pem,
}
