"""Generated files that somebody changed by hand: what differs, and which services may run with it."""

from __future__ import annotations

import difflib
import re
from typing import Dict, Iterator, List, Mapping, Tuple

from jitsictl.plan import compose, differences
from jitsictl.settings.show import MASK, masked
from jitsictl.types.preview import Edit
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Applied, Observed

# NAME=value as in .env files and in lists of compose.yaml, in a comment, too.
_ASSIGNMENT = re.compile(r"([\s#-]*[\"']?(?:export\s+)?)([A-Za-z_][A-Za-z0-9_]*)(\s*=\s*)(.*)", re.DOTALL)
# Anything that is called like a secret, however it is written.
_TELLING = re.compile(
    r"([A-Za-z0-9_.-]*(?:PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL)[A-Za-z0-9_.-]*[\"']?\s*[:=]\s*)(.+)", re.IGNORECASE
)
_CONTEXT_LINES = 2


def edits(observed: Observed, generations: str, project: str, catalogue: Catalogue) -> Tuple[Edit, ...]:
    """Every edit by hand of what is applied; `generations` and `project` are the directories, as text."""
    applied = observed.applied
    if applied is None:
        return ()
    mask = _Mask(applied, catalogue)
    places = [(f"{generations}/{applied.number}", applied.edited), (project, observed.strays)]
    return tuple(
        Edit(name, f"{where}/{name}", _diff(name, applied.files.get(name, ""), by_hand.text, mask))
        for where, edited in places
        for name, by_hand in edited.items()
        if by_hand.text != applied.files.get(name)  # a copy in place of the link, and nothing in it changed
    )


def touched(observed: Observed) -> Dict[str, str]:
    """Services whose container somebody made with Compose after an edit by hand, and the name of the file.

    Its labels do not tell: they are those of the file that was made. A container that is older than the edit does
    not run with it.
    """
    applied = observed.applied
    if applied is None:
        return {}
    found: Dict[str, str] = {}
    for name, by_hand in [*applied.edited.items(), *observed.strays.items()]:
        for service in _services(name, applied, by_hand.text):
            container = observed.containers.get(service)
            if container is not None and container.created >= by_hand.changed:
                found.setdefault(service, name)
    return found


def sentence(edit: Edit, generation: int) -> str:
    """One line for the log and for a change that runs; the diff says the rest."""
    return f"{edit.name} was changed by hand since it was made; it is replaced, and stays in generation {generation}"


def _diff(name: str, made: str, now: str, mask: _Mask) -> Tuple[str, ...]:
    lines = difflib.unified_diff(
        made.splitlines(), now.splitlines(), f"{name} as made", f"{name} by hand", lineterm="", n=_CONTEXT_LINES
    )
    return tuple(mask(line) for line in lines)


class _Mask:
    """Takes out of the lines of a diff the secrets of the site, and what looks like one that was typed in."""

    def __init__(self, applied: Applied, catalogue: Catalogue) -> None:
        values = differences.in_effect(applied.files, applied.release, catalogue)
        secrets = {value for name, value in values.items() if value and name in catalogue and catalogue[name].secret}
        self._catalogue = catalogue
        self._secrets = sorted(secrets, key=len, reverse=True)  # one may be a part of another
        self._own = set(differences.interpolated(applied.files)) - set(catalogue)  # the package's, such as an image

    def __call__(self, line: str) -> str:
        match = _ASSIGNMENT.fullmatch(line[1:])
        if match is not None and match.group(2) not in self._own:
            before, name, between, value = match.groups()
            return f"{line[0]}{before}{name}{between}{masked(name, value, self._catalogue)}"
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line if match is not None else _TELLING.sub(lambda found: found.group(1) + MASK, line)


def _services(name: str, applied: Applied, now: str) -> Iterator[str]:
    if name.startswith("env/"):
        yield name[len("env/") : -len(".env")]
    elif name == ".env":
        before, after = differences.interpolated(applied.files), differences.interpolated({".env": now})
        differing = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        for service, definition in compose.definitions(applied.files["compose.yaml"]).items():
            if differing & set(compose.variables(definition)):
                yield service
    elif name == "compose.yaml":
        yield from _redefined(compose.definitions(applied.files[name]), now)


def _redefined(made: Mapping[str, object], now: str) -> List[str]:
    """Services whose definition is another one now. With a file that is no Compose file none can run."""
    try:
        edited = compose.definitions(now)
    except ValueError:
        return []
    return [service for service in made if edited.get(service) != made[service]]
