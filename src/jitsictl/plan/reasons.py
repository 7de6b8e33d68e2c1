"""Which services are brought up anew, and why each: the one place that decides it."""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, Tuple

from jitsictl.plan import compose, differences, edits, migrate
from jitsictl.settings import catalogue
from jitsictl.types.site import Applied, Container, Desired, Observed

MOST_NAMES = 3

Files = Mapping[str, str]


def restarts(desired: Desired, observed: Observed) -> Dict[str, Tuple[str, ...]]:
    """Services to bring up anew, XMPP first and web last, each with at least one reason."""
    by_hand = edits.touched(observed)
    dropped = migrate.dropped(desired, observed, "")
    found = {}
    for service, digest in desired.digests.items():
        why = list(_why(service, digest, desired, observed))
        if service in by_hand:
            why.append(f"its container was made with {by_hand[service]} as it was changed by hand")
        if service in dropped:
            why.append("what it renders is made anew")
        if why:
            found[service] = tuple(why)
    return found


def _why(service: str, digest: str, desired: Desired, observed: Observed) -> Iterator[str]:
    container, applied = observed.containers.get(service), observed.applied
    if container is None:
        known = applied is not None and service in compose.digests(applied.files["compose.yaml"])
        yield "its container is gone" if known else "switched on"
        return
    if container.state != "running":
        yield f"does not run ({container.state})"
    if container.digest == digest:
        return
    if applied is None or _not_as_applied(service, container, applied):
        yield "its container is not of what is applied"
        return
    found = list(_parts(service, desired, applied))
    yield from found or ["another version of this package made it"]


def _not_as_applied(service: str, container: Container, applied: Applied) -> bool:
    return compose.digests(applied.files["compose.yaml"]).get(service) != container.digest


def _parts(service: str, desired: Desired, applied: Applied) -> Iterator[str]:
    """What differs of all that a service reads when it starts; its digest is over these."""
    before, after = applied.files, desired.files
    names = _differing(differences.environment(before, service), differences.environment(after, service))
    if names:
        known = differences.names_inside(service, catalogue.load())
        yield f"environment ({_few([known.get(name, name) for name in names])})"
    old = compose.definitions(before["compose.yaml"])[service]
    new = compose.definitions(after["compose.yaml"])[service]
    image = compose.filled(old["image"], differences.interpolated(before))
    if image != desired.images[service]:
        yield f"image (now {desired.images[service]})"
    keys = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key) and key != "image"]
    values = _interpolated(old, new, before, after)
    if keys or values:
        yield f"definition ({_few([*keys, *values])})"
    yield from _inputs(applied.inputs.get(service, {}), desired.inputs.get(service, {}))


def _interpolated(old: compose.Document, new: compose.Document, before: Files, after: Files) -> List[str]:
    """Settings that Compose puts into a definition, other than into its image, and that differ."""
    names = set(compose.variables({**old, "image": ""})) & set(compose.variables({**new, "image": ""}))
    values = _differing(differences.interpolated(before), differences.interpolated(after))
    return [name for name in values if name in names]


def _inputs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The admin's own: files that the service reads at start, and the override."""
    for name in _differing(before, after):
        yield f"mounted file {name}" if "/" in name else name


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> List[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _few(names: List[str]) -> str:
    shown = names if len(names) <= MOST_NAMES + 1 else names[:MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
