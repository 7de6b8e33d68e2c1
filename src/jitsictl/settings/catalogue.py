"""The catalogue: every setting once, in catalogue.yaml, compiled to JSON for the package.

The file goes by group, in the order of the sample. A group has a title and its settings; a setting has
the fields of types.settings.Entry.
"""

from __future__ import annotations

import functools
from typing import Any, Dict, Optional

from jitsictl import data
from jitsictl.releases import order
from jitsictl.types.settings import Catalogue, Entry


@functools.cache
def load() -> Catalogue:
    """All settings by name, in the order of the catalogue; one dictionary for all callers."""
    return from_tree(tree())


def tree() -> Dict[str, Any]:
    """The catalogue as it was written: {group: {"title": ..., "settings": {name: fields}}}."""
    groups: Dict[str, Any] = data.load("settings", "catalogue")
    return groups


@functools.cache
def titles() -> Dict[str, str]:
    """The groups of the catalogue and their titles, in its order."""
    return {group: str(content["title"]) for group, content in tree().items()}


def from_tree(groups: Dict[str, Any]) -> Catalogue:
    """TypeError or KeyError: a field that an Entry does not have, or lacks."""
    return {
        name: _entry(name, group, fields)
        for group, content in groups.items()
        for name, fields in content["settings"].items()
    }


def _entry(name: str, group: str, fields: Dict[str, Any]) -> Entry:
    lists = {key: tuple(fields.get(key, ())) for key in ("services", "javascript")}
    inside = fields.get("inside", {})  # one name for all of its services, or one a service
    if isinstance(inside, str):
        inside = dict.fromkeys(lists["services"], inside)
    return Entry(name=name, group=group, **{**fields, **lists, "inside": inside})


def reads(entry: Entry, release: str) -> bool:
    """Whether the images of a release read the setting (or, for one without services, Compose or we do)."""
    if entry.first is None and entry.last is None:
        return True
    here = order(release)
    begun = entry.first is None or order(entry.first) <= here
    return begun and (entry.last is None or here <= order(entry.last))


def span(entry: Entry) -> Optional[str]:
    """The releases that read a setting, in words; None when all do."""
    if entry.first and entry.last:
        return f"{entry.first} to {entry.last}"
    if entry.first:
        return f"{entry.first} and later"
    return f"releases up to {entry.last}" if entry.last else None
