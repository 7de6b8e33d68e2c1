"""What the catalogue's tests hold it against: names, services, releases and defaults of upstream's variables.

facts.json is a small copy of the facts about upstream's releases, which lie outside this repository. Where they are
at hand, `python tests/unit/settings/facts.py` writes the copy anew, and a test holds the two equal.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

from jitsictl.releases import order

COPY = Path(__file__).with_name("facts.json")
SOURCE = Path(__file__).resolve().parents[4] / "shared" / "facts" / "releases"
SERVICES = ("web", "prosody", "jicofo", "jvb", "etherpad", "whiteboard", "jibri", "jigasi", "transcriber")
COMPOSE = "(compose)"  # what a compose file itself interpolates


def load() -> Dict[str, Any]:
    """The copy: {"first", "last", "variables": {name: {...}}, "examples": {release: [name, ...]}}.

    A variable has its services; its first and last release where not all have it; `compose` when a compose file
    interpolates it; `unpassed` when no compose file ever passed it; the defaults of the newest release's services.
    """
    facts: Dict[str, Any] = json.loads(COPY.read_text(encoding="utf-8"))
    return facts


def extract(source: Path) -> Dict[str, Any]:
    """The same from the facts themselves, for the services that this package knows."""
    whole = json.loads((source / "variables.json").read_text(encoding="utf-8"))
    ends = (whole["first"], whole["last"])
    defaults = _defaults(source / f"{ends[1]}.json")
    variables = {}
    for name, parts in sorted(whole["variables"].items()):
        found = _variable(parts, ends)
        if found:
            variables[name] = {**found, **({"default": defaults[name]} if name in defaults else {})}
    examples = {release: _example(source / f"{release}.json") for release in ends}
    return {"first": ends[0], "last": ends[1], "variables": variables, "examples": examples}


def _variable(parts: Dict[str, Any], ends: Tuple[str, str]) -> Dict[str, Any]:
    spans = [
        (service, span)
        for part in ("passed", "only_consumed")
        for service, ranges in (parts.get(part) or {}).items()
        for span in ranges
        if service in (*SERVICES, COMPOSE)
    ]
    if not spans:
        return {}
    seen = {service for service, _ in spans}
    found: Dict[str, Any] = {"services": [service for service in SERVICES if service in seen]}
    first = min((span[0] for _, span in spans), key=order)
    last = max((span[1] for _, span in spans), key=order)
    found.update({"first": first} if first != ends[0] else {})
    found.update({"last": last} if last != ends[1] else {})
    found.update({"compose": True} if COMPOSE in seen else {})
    found.update({} if parts.get("passed") else {"unpassed": True})
    return found


def _defaults(release: Path) -> Dict[str, List[str]]:
    """What the services take when nothing is said, where that is a text; more than one where they differ."""
    found: Dict[str, Set[str]] = {}
    for name, service in json.loads(release.read_text(encoding="utf-8"))["services"].items():
        for variable in (service["env"] or []) if name in SERVICES else []:
            default = variable["default"]
            if default and not re.search(r"\$[A-Z({]", default):  # another variable, or what a command says
                found.setdefault(variable["name"], set()).add(default)
    return {name: sorted(values) for name, values in found.items()}


def _example(release: Path) -> List[str]:
    return sorted({line["name"] for line in json.loads(release.read_text(encoding="utf-8"))["env_example"]})


def written(facts: Dict[str, Any]) -> str:
    """The copy's text, a variable a line."""
    lines = [
        f"  {json.dumps(name)}: {json.dumps(found, separators=(',', ':'))}"
        for name, found in facts["variables"].items()
    ]
    examples = ",\n".join(
        f"  {json.dumps(release)}: {json.dumps(names)}" for release, names in facts["examples"].items()
    )
    head = f'{{"first": "{facts["first"]}", "last": "{facts["last"]}",\n "examples": {{\n{examples}\n }},\n'
    return head + ' "variables": {\n' + ",\n".join(lines) + "\n }}\n"


if __name__ == "__main__":
    COPY.write_text(written(extract(SOURCE)), encoding="utf-8")
