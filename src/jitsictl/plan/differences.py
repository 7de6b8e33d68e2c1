"""Which settings differ between what is applied and what is wanted, each once, wherever it is written."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Set, Tuple

from jitsictl.settings import kinds
from jitsictl.settings.catalogue import reads, titles
from jitsictl.settings.read import parse
from jitsictl.settings.show import masked
from jitsictl.types.preview import SettingChange
from jitsictl.types.settings import Catalogue, Entry
from jitsictl.types.site import Desired, Observed

RELEASE = "JITSI_IMAGE_VERSION"  # told apart from the settings: it is what the whole change goes to
DEFAULT = "default"

Files = Mapping[str, str]


def settings(desired: Desired, observed: Observed, catalogue: Catalogue) -> Tuple[SettingChange, ...]:
    """What differs, in the catalogue's order. On a first configuration: what is not the default."""
    applied = observed.applied
    before = in_effect(applied.files, applied.release, catalogue) if applied else {}
    after = in_effect(desired.files, desired.release.tag, catalogue)
    found = []
    for name in [*catalogue, *sorted((set(before) | set(after)) - set(catalogue))]:
        old, new = before.get(name), after.get(name)
        if name == RELEASE or old == new or _comes_with_a_service(name, desired, observed, catalogue, old, new):
            continue
        origin = _origin(name, new, desired, catalogue)
        if origin is None or (applied is None and origin == DEFAULT):
            continue
        group = titles()[catalogue[name].group] if name in catalogue else ""
        found.append(SettingChange(name, _shown(name, old, catalogue), _shown(name, new, catalogue), origin, group))
    return tuple(found)


def in_effect(files: Files, release: str, catalogue: Catalogue) -> Dict[str, str]:
    """The settings of a generation by name: what its services and Compose are given, and what else its files say.

    The environment is read rather than jitsi.conf, since another version of this package may have had other
    defaults.
    """
    values = _own_defaults(catalogue)
    for file in ("jitsi.conf", "secrets.conf"):
        for line in parse(files.get(file, ""), file)[0]:
            entry = catalogue.get(line.name)
            if entry is not None and line.value and reads(entry, release):
                values[line.name] = _normalised(entry, line.value)
    for service, text in _environments(files).items():
        known = names_inside(service, catalogue)
        for line in parse(text, service)[0]:
            if line.name in known or service:
                values[known.get(line.name, line.name)] = line.value
    return values


def environment(files: Files, service: str) -> Dict[str, str]:
    """What a generation gives one service, by the names that the service sees."""
    return {line.name: line.value for line in parse(files.get(f"env/{service}.env", ""), service)[0]}


def interpolated(files: Files) -> Dict[str, str]:
    """What a generation gives Compose."""
    return {line.name: line.value for line in parse(files.get(".env", ""), ".env")[0]}


def services(files: Files) -> Set[str]:
    """The services of a generation that have an environment."""
    return {service for service in _environments(files) if service}


def _environments(files: Files) -> Dict[str, str]:
    """Texts by service; what Compose itself is given stands under ""."""
    found = {"": files.get(".env", "")}
    for name, text in files.items():
        if name.startswith("env/") and name.endswith(".env"):
            found[name[len("env/") : -len(".env")]] = text
    return found


def names_inside(service: str, catalogue: Catalogue) -> Dict[str, str]:
    """The settings that a service may see, by the names it sees them under; for "" those that Compose may."""
    if not service:
        return {name: name for name in catalogue}
    return {entry.name_in(service): name for name, entry in catalogue.items() if service in entry.services}


def _own_defaults(catalogue: Catalogue) -> Dict[str, str]:
    """Of settings that go into no container: those of the services are in the environment, when they apply."""
    return {name: e.default for name, e in catalogue.items() if not e.services and e.default is not None}


def _normalised(entry: Entry, value: str) -> str:
    try:
        return kinds.normalise(entry.type, value)
    except ValueError:  # as applied by a package that thought otherwise
        return value


def _comes_with_a_service(
    name: str, desired: Desired, observed: Observed, catalogue: Catalogue, old: Optional[str], new: Optional[str]
) -> bool:
    """A default that is only new, or gone, because the one service that sees it is: that service is told of already."""
    if name not in catalogue or observed.applied is None:
        return False
    common = services(observed.applied.files) & services(desired.files) & set(catalogue[name].services)
    return not common and catalogue[name].default is not None and {old, new} == {None, catalogue[name].default}


def _origin(name: str, new: Optional[str], desired: Desired, catalogue: Catalogue) -> Optional[str]:
    """Where a new value comes from. None: the release decides it, as where its images are, and not a setting."""
    tag = desired.release.tag
    if new is None:
        unread = name in catalogue and not reads(catalogue[name], tag)
        return f"{tag} does not read it" if unread else "no longer set"
    value = desired.settings.values.get(name)
    if value is not None:
        return value.origin
    return written(desired.files).get(name)


def written(files: Files) -> Dict[str, str]:
    """The names that a generation's jitsi.conf and secrets.conf set, and where."""
    both = ("jitsi.conf", "secrets.conf")
    return {line.name: f"{file}:{line.number}" for file in both for line in parse(files.get(file, ""), file)[0]}


def _shown(name: str, value: Optional[str], catalogue: Catalogue) -> Optional[str]:
    return None if value is None else masked(name, value, catalogue)


def sentences(changes: Tuple[SettingChange, ...]) -> List[str]:
    """One line a setting, for the log and for a change that runs."""
    return [f"{c.name}: {shown(c.before)} -> {shown(c.after)} ({c.origin})" for c in changes]


def shown(value: Optional[str]) -> str:
    return "not set" if value is None else value or "empty"
