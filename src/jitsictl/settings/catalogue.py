"""The catalogue: every setting once. Written as YAML, read as JSON on a host.

The YAML goes by group, in the order of the sample. A group has a title and its settings; a setting has
the fields of types.settings.Entry. Pure-Python YAML would take a third of a second at every start, so
`settings.generate` compiles the same tree to catalogue.json, which is preferred where it is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from jitsictl.types.settings import Catalogue, Entry

SOURCE = Path(__file__).with_name("catalogue.yaml")
COMPILED = Path(__file__).with_name("catalogue.json")


def load() -> Catalogue:
    """All settings by name, in the order of the catalogue."""
    return from_tree(tree())


def tree() -> Dict[str, Any]:
    """The catalogue as it was written: {group: {"title": ..., "settings": {name: fields}}}."""
    if COMPILED.exists():
        compiled: Dict[str, Any] = json.loads(COMPILED.read_text(encoding="utf-8"))
        return compiled
    return source_tree()


def source_tree() -> Dict[str, Any]:
    import yaml  # only where nothing was compiled: a checkout, the build

    source: Dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return source


def from_tree(groups: Dict[str, Any]) -> Catalogue:
    """TypeError or KeyError: a field that an Entry does not have, or lacks."""
    return {
        name: _entry(name, group, fields)
        for group, content in groups.items()
        for name, fields in content["settings"].items()
    }


def _entry(name: str, group: str, fields: Dict[str, Any]) -> Entry:
    return Entry(name=name, group=group, **{**fields, "services": tuple(fields["services"])})


def order(tag: str) -> Tuple[int, int]:
    """Where a release stands among the others: upstream counts up, all of its 75 tags from 6826 on do."""
    match = re.fullmatch(r"stable-([0-9]+)(?:-([0-9]+))?", tag)
    if match is None:
        raise ValueError(f"{tag} is no release tag")
    return int(match.group(1)), int(match.group(2) or 0)


def reads(entry: Entry, release: str) -> bool:
    """Whether the images of a release read the setting (or, for one without services, Compose or we do)."""
    here = order(release)
    return (entry.first is None or order(entry.first) <= here) and (
        entry.last is None or here <= order(entry.last)
    )


def span(entry: Entry) -> Optional[str]:
    """The releases that read a setting, in words; None when all do."""
    if entry.first and entry.last:
        return f"{entry.first} to {entry.last}"
    if entry.first:
        return f"{entry.first} and later"
    return f"releases up to {entry.last}" if entry.last else None
