"""What an installation made by hand really runs with, where that is not what its .env says today. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import yaml

from jitsictl.settings.show import masked
from jitsictl.types.adoption import Difference, OldContainer, OldSite
from jitsictl.types.settings import Catalogue, Line

Literals = Mapping[str, Mapping[str, str]]  # service -> name in its environment -> value


def differences(lines: Sequence[Line], site: OldSite, literals: Literals, catalogue: Catalogue) -> List[Difference]:
    """The settings that run with another value than the .env `lines` give, in the order of the services.

    A container keeps the environment it was made with, and Compose's files may have been edited since; `literals` are
    values that those files hold themselves, which no .env tells.
    """
    last = {line.name: line for line in lines}
    seen: Dict[str, List[Tuple[str, str]]] = {}
    for container in site.containers:
        names = _settings_inside(container.service, catalogue)
        for inside, value in _differing(container, site, literals.get(container.service, {})):
            name = names.get(inside, inside)
            if name in catalogue or name in last:
                seen.setdefault(name, []).append((container.service, value))
    found = [_difference(name, values, last.get(name)) for name, values in seen.items()]
    return [difference for difference in found if difference.ran != difference.written]


def places(
    lines: Sequence[Line], site: OldSite, published: Sequence[Tuple[str, str, str, Optional[str]]]
) -> List[Difference]:
    """The same for what no environment tells: CONFIG, from where prosody's folder is, and published ports.

    published: (service, port inside, setting, what it is where no line has it; None: then there is nothing to compare).
    """
    last = {line.name: line for line in lines}
    found = []
    config = config_of(site)
    written = last["CONFIG"].value if "CONFIG" in last else None
    if config is not None and written is not None and written.startswith("/") and written.rstrip("/") != config:
        found.append(Difference("CONFIG", written, config, ("prosody",), last["CONFIG"]))
    for service, inside, name, usual in published:
        container, line = site.service(service), last.get(name)
        bound = container.published.get(inside) if container else None
        written = line.value if line else usual
        if bound is None or written is None or _binding(written) == _binding(bound):
            continue
        address, _, port = bound.rpartition(":")
        ran = bound if address not in ("", "0.0.0.0") else port  # noqa: S104 - compared, not bound to
        found.append(Difference(name, line.value if line else None, ran, (service,), line))
    return found


def config_of(site: OldSite) -> Optional[str]:
    """CONFIG as the running prosody has it; None when there is none, or its folder is elsewhere."""
    prosody = site.service("prosody")
    for source in prosody.mounts.values() if prosody else ():
        if source.endswith("/prosody/config"):
            return source[: -len("/prosody/config")]
    return None


def effective(lines: Sequence[Line], differing: Sequence[Difference], file: str) -> List[Line]:
    """The lines with the values that ran; a name that no line sets stands at line 0."""
    values = {difference.name: difference.ran for difference in differing}
    last = {line.name: line for line in lines}
    kept = [
        replace(line, value=values[line.name] or "") if line.name in values and line is last[line.name] else line
        for line in lines
    ]
    return kept + [Line(name, value, file, 0) for name, value in values.items() if name not in last and value]


def sentence(difference: Difference, catalogue: Catalogue) -> str:
    """The difference in words; a secret is masked."""

    def shown(value: Optional[str]) -> str:
        return "no value" if value in (None, "") else repr(masked(difference.name, str(value), catalogue))

    where = f"line {difference.line.number} says" if difference.line else "the .env has"
    services = ", ".join(difference.services)
    return f"{difference.name}: {where} {shown(difference.written)}, {services} runs with {shown(difference.ran)}"


def literals(texts: Sequence[str]) -> Dict[str, Dict[str, str]]:
    """The environment that Compose files give as plain values, the later file counting. Not YAML: as if empty."""
    found: Dict[str, Dict[str, str]] = {}
    for text in texts:
        try:
            services = (yaml.safe_load(text) or {}).get("services") or {}
            for service, definition in services.items():
                entries = dict(_entries((definition or {}).get("environment")))
                found.setdefault(service, {}).update(entries)
        except (yaml.YAMLError, AttributeError, TypeError, ValueError):
            continue
    return found


def _entries(environment: Any) -> Iterator[Tuple[str, str]]:
    if isinstance(environment, dict):
        pairs = [(str(name), "" if value is None else str(value)) for name, value in environment.items()]
    else:
        pairs = [(name, value) for name, _, value in (str(entry).partition("=") for entry in environment or ())]
    yield from ((name, value) for name, value in pairs if value and "$" not in value)


def _differing(container: OldContainer, site: OldSite, literal: Mapping[str, str]) -> Iterator[Tuple[str, str]]:
    """Name inside and value that runs: of what the container was not given by today's files and .env."""
    for inside, wanted in site.described.get(container.service, {}).items():
        ran = container.environment.get(inside, "")
        if ran != (wanted or "") or literal.get(inside):
            yield inside, ran


def _difference(name: str, values: Sequence[Tuple[str, str]], line: Optional[Line]) -> Difference:
    """Where services disagree, the first one counts: prosody before the others."""
    ran = values[0][1]
    services = tuple(service for service, value in values if value == ran)
    return Difference(name, line.value if line else None, ran or None, services, line)


def _settings_inside(service: str, catalogue: Catalogue) -> Dict[str, str]:
    return {e.inside[service]: name for name, e in catalogue.items() if service in e.inside}


def _binding(value: str) -> Tuple[str, str]:
    address, _, port = value.rpartition(":")
    return ("" if address == "0.0.0.0" else address), port  # noqa: S104 - compared, not bound to
