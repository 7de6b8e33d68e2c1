"""What is known of Jitsi's releases and of the services they run. Pure: two data files, read once."""

from __future__ import annotations

import functools
import re
from typing import Any, Dict, List, Optional, Tuple

from jitsictl.data import load
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.release import Directory, Layout, Place, Release, Service, ServiceAccount, Switch

_TAG = re.compile(r"^stable-(\d+)(?:-(\d+))?$")


def order(tag: str) -> Tuple[int, int]:
    """A key that sorts tags by age. They are no version scheme: stable-9457-2 comes after stable-9457.

    ValueError: the text is no tag of a stable release.
    """
    match = _TAG.match(tag)
    if match is None:
        raise ValueError(f"{tag!r} is not a release; expected a form like stable-11146-2")
    return int(match.group(1)), int(match.group(2) or 0)


@functools.cache
def known() -> Tuple[Release, ...]:
    """The releases that this package runs, oldest first."""
    return tuple(_release(fields) for fields in _releases()["runs"])


def layout_of(tag: str) -> Layout:
    """How a release keeps its things, also one that this package does not run, or knows to be bad.

    Failure (exit 5): it is no release, or older than all.
    """
    try:
        return [layout for layout in layouts() if order(layout.since) <= order(tag)][-1]
    except ValueError as error:
        raise Failure(str(error), Exit.SETTINGS) from None
    except IndexError:
        first = layouts()[0].since
        raise Failure(
            f"expected {first} or later, found {tag}; upgrade it to {first} by hand first", Exit.SETTINGS
        ) from None


@functools.cache
def layouts() -> Tuple[Layout, ...]:
    """The layouts of all releases, oldest first."""
    return tuple(_layout(name, fields) for name, fields in _releases()["layouts"].items())


def tags() -> List[str]:
    """The tags of `known`, oldest first."""
    return [release.tag for release in known()]


def newest() -> Release:
    return known()[-1]


def get(tag: str, force: bool = False) -> Release:
    """The release with this tag. `force` allows one that is newer than this package knows, with the newest layout.

    Failure (exit 5): it is no release, known to be bad, too old, or unknown and not forced.
    """
    for release in known():
        if release.tag == tag:
            return release
    try:
        place = order(tag)
    except ValueError as error:
        raise Failure(str(error), Exit.SETTINGS) from None
    refused: Dict[str, str] = _releases()["refused"]
    if tag in refused:
        raise Failure(f"{tag} is not run: {refused[tag]}", Exit.SETTINGS)
    first, last = known()[0].tag, known()[-1].tag
    if place > order(last) and force:
        newest = known()[-1]
        return Release(tag, layout_of(tag), newest.repository, newest.etherpad, newest.whiteboard, known=False)
    hint = "; --force tries it with the newest known layout" if place > order(last) else ""
    raise Failure(
        f"{tag} is not a release this package knows; it runs {first} to {last}: {', '.join(tags())}{hint}",
        Exit.SETTINGS,
    )


@functools.cache
def services() -> Dict[str, Service]:
    """All services by name, in the order in which they are recreated."""
    data = load("releases", "services")
    made = [_service(name, fields) for name, fields in data.items()]
    return {service.name: service for service in sorted(made, key=lambda s: s.order)}


def _releases() -> Any:
    return load("releases", "releases")


def _release(fields: Dict[str, Any]) -> Release:
    return Release(
        tag=fields["tag"],
        layout=layout_of(fields["tag"]),
        repository=fields["repository"],
        etherpad=fields["etherpad"],
        whiteboard=fields["whiteboard"],
        defaults={name: (before, after) for name, (before, after) in fields.get("defaults", {}).items()},
    )


def _layout(name: str, fields: Dict[str, Any]) -> Layout:
    owner = fields["store_owner"]
    return Layout(
        name=name,
        since=fields["since"],
        about=fields["about"],
        piece=fields["piece"],
        prosody_config=fields["prosody_config"],
        store=fields["store"],
        store_owner=None if owner is None else (owner[0], owner[1]),
        rendered=tuple(fields["rendered"]),
        keep=tuple(fields["keep"]),
        pads=fields["pads"],
        recordings=tuple(fields["recordings"]),
        web_reload=tuple(fields["web_reload"]),
        web_ports=tuple(fields["web_ports"]),
        data={what: _place(place) for what, place in fields["data"].items()},
        left=tuple(fields["left"]),
        writable=tuple(fields.get("writable", [])),
        copied=tuple(fields.get("copied", [])),
        copied_bytes=fields.get("copied_bytes", 0),
    )


def _service(name: str, fields: Dict[str, Any]) -> Service:
    directories = {
        layout: tuple(_directory(entry) for entry in entries) for layout, entries in fields["directories"].items()
    }
    return Service(
        name=name,
        order=fields["order"],
        when=_switch(fields.get("when")),
        probe=fields["probe"],
        grace_seconds=fields["grace_seconds"],
        cost=fields["cost"],
        interrupts_calls=fields["interrupts_calls"],
        usual_seconds=float(fields["usual_seconds"]),
        directories=directories,
        reads_at_start=tuple(fields.get("reads_at_start", [])),
        reload_after=tuple(fields.get("reload_after", [])),
        accounts=tuple(ServiceAccount(**account) for account in fields.get("accounts", [])),
        generated=tuple(fields.get("generated", [])),
        image=fields.get("image", ""),
    )


def _switch(when: Optional[str]) -> Optional[Switch]:
    """NAME=VALUE as it stands in services.yaml."""
    return None if when is None else Switch(*when.split("=", 1))


def _place(fields: Dict[str, Any]) -> Place:
    owner = fields.get("owner")
    return Place(fields["path"], None if owner is None else (owner[0], owner[1]), fields.get("writer", ""))


def _directory(entry: Dict[str, Any]) -> Directory:
    owner = entry.get("owner")
    return Directory(entry["path"], owner=None if owner is None else (owner[0], owner[1]))
