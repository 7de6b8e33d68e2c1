"""A site with as many settings as a test wants: the package's own catalogue, made longer by names of every type.

Everything else is the package's own way of data: jitsi.conf is read, settled and planned.
"""

from __future__ import annotations

import re
from random import Random
from typing import Dict, List, Mapping, Sequence

import yaml

from jitsictl import releases
from jitsictl.plan.desired import Ground, desired
from jitsictl.settings import catalogue, check, kinds
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import read_bytes
from jitsictl.types.settings import Catalogue, Entry, Settings
from jitsictl.types.site import Desired
from unit.site import CONF, PIECES, SECRETS
from unit.values import spelled

# Half of the names have one of these, whose values may hold almost anything.
FREE = ("prose", "text", "header", "secret", "lua", "path", "url", "list")


# An adapter of a single sign-on is given its values as all others are, and there is one at most.
SERVICES = [s.name for s in releases.services().values() if s.when is None or s.when.setting != "SSO"]


def catalogue_with(count: int, services: Sequence[str]) -> Catalogue:
    """The catalogue and `count` names more, N0 and on; each is seen by one of `services`, in turn."""
    kinds = sorted({entry.type for entry in catalogue.load().values()})
    free = [kind for kind in kinds if kind.partition(" ")[0] in FREE]
    more: Dict[str, Entry] = {}
    for number in range(count):
        pool = free if number % 2 else kinds
        kind = pool[number // 2 % len(pool)]
        more[f"N{number}"] = Entry(f"N{number}", kind, (services[number % len(services)],), "more", "One more.")
    return {**catalogue.load(), **more}


def conf_of(known: Catalogue, seed: object) -> str:
    """A jitsi.conf with a value for each of the added names."""
    random = Random(str(seed))
    entries = [entry for entry in known.values() if _more(entry)]
    lines = [conf_line(entry.name, spelled(entry.type, random)) for entry in entries]
    return f"{CONF}WHITEBOARD=1\n" + "".join(f"{line}\n" for line in lines)


def every_secret() -> Dict[str, str]:
    """A value for each secret of the catalogue that is found nowhere else: plain letters where its type has them."""
    found: Dict[str, str] = {}
    for name, entry in catalogue.load().items():
        if not entry.secret:
            continue
        plain = f"secret-{name.lower().replace('_', '-')}"
        try:
            found[name] = kinds.normalise(entry.type, plain)
        except ValueError:
            some = [spelled(entry.type, Random(f"{name} {attempt}")) for attempt in range(9)]
            found[name] = kinds.normalise(entry.type, max(some, key=len))
    return found


def settled(conf: str, known: Catalogue, secrets: str = SECRETS) -> Settings:
    lines, problems = read_bytes(conf.encode(), "jitsi.conf")
    kept, more = read_bytes(secrets.encode(), "secrets.conf")
    settings, found = check.settle(lines, kept, known, releases.tags())
    assert settings is not None and not problems and not more, [str(p) for p in (*problems, *more, *found)]
    return settings


def planned(conf: str, known: Catalogue, secrets: str = SECRETS, interpolated: Sequence[str] = ()) -> Desired:
    """What is written for this jitsi.conf; `interpolated` are names that come from .env into labels of web."""
    settings = settled(conf, known, secrets)
    pieces = {path.name: path.read_text(encoding="utf-8") for path in PIECES.glob("*.yaml")}
    pieces["web.yaml"] = _with_labels(pieces["web.yaml"], interpolated)
    return desired(settings, known, releases.get(settings.release), Ground(pieces, conf, secrets))


def seen(text: str) -> Dict[str, str]:
    """The variables of an env file, by our own reader."""
    lines, problems = read_bytes(text.encode(), "env")
    assert problems == []
    return {line.name: line.value for line in lines}


def added(found: Mapping[str, str]) -> Dict[str, str]:
    """Those of the variables that are added names."""
    return {name: value for name, value in found.items() if re.fullmatch("N[0-9]+", name)}


def due(settings: Settings, known: Catalogue, service: str) -> Dict[str, str]:
    """The added names that a service is to see, with their values."""
    return {name: settings[name] for name, entry in known.items() if _more(entry) and service in entry.services}


def differing(found: Mapping[str, str], wanted: Mapping[str, str]) -> List[str]:
    """Names that did not arrive as they should, for messages that a person can read."""
    wrong = [name for name, value in wanted.items() if found.get(name) != value]
    return [f"{name}: {found.get(name)!r} != {wanted[name]!r}"[:200] for name in wrong]


def _more(entry: Entry) -> bool:
    return entry.group == "more"


def _with_labels(piece: str, names: Sequence[str]) -> str:
    document = yaml.safe_load(piece)
    document["services"]["web"]["labels"].update({f"from-env.{name}": f"${{{name}}}" for name in names})
    text: str = yaml.safe_dump(document)
    return text
