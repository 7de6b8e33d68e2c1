"""What differs, for people: settings with secrets masked, services with what their restart costs."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional

from jitsictl import releases
from jitsictl.settings.read import parse
from jitsictl.settings.show import masked
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Observed


def differences(desired: Desired, observed: Observed, catalogue: Catalogue) -> List[str]:
    """Lines such as `TZ: UTC -> Europe/Amsterdam`, the release first."""
    if observed.applied is None:
        return [f"first configuration, release {desired.release.tag}"]
    lines = []
    if observed.applied.release != desired.release.tag:
        lines.append(f"release: {observed.applied.release} -> {desired.release.tag}")
    before = _environment(observed.applied.files)
    after = _environment(desired.files)
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        if old != new and name != "JITSI_IMAGE_VERSION":
            lines.append(f"{name}: {_shown(name, old, catalogue)} -> {_shown(name, new, catalogue)}")
    for name in observed.applied.edited:
        lines.append(f"{name} was changed by hand since it was made; the old one stays in its generation")
    return lines


def costs(services: List[str]) -> List[str]:
    """One line a service: what people in a meeting notice."""
    known = releases.services()
    return [f"{name} restarts: {known[name].cost}" if name in known else f"{name} is removed" for name in services]


def _environment(files: Mapping[str, str]) -> Dict[str, str]:
    values: Dict[str, str] = {}
    for name, text in files.items():
        if name == ".env" or name.startswith("env/"):
            values.update({line.name: line.value for line in parse(text, name)[0]})
    return values


def _shown(name: str, value: Optional[str], catalogue: Catalogue) -> str:
    return "(not set)" if value is None else masked(name, value, catalogue)
