"""What taking over an installation would do, in words, for 80 columns where the names allow it."""

from __future__ import annotations

import posixpath
import textwrap
from typing import Any, Dict, Iterable, Iterator, List

from jitsictl import releases
from jitsictl.adopt import ran
from jitsictl.adopt.prepare import Adoption
from jitsictl.plan.adopt import DIRTY_DB
from jitsictl.settings import catalogue
from jitsictl.types.adoption import OldContainer, Record
from jitsictl.types.change import Copy, Move, MoveInto, Pull, Transfer, Verify

WIDTH = 80


def lines(adoption: Adoption) -> List[str]:
    """The whole plan, section by section; nothing of it is a secret."""
    site, target = adoption.site, adoption.prepared.desired
    project = f", project {site.project}" if site.project else ""
    return [
        f"adopt: {site.directory}{project}",
        *_wrapped(f"release: {site.release or 'unknown'} -> {target.release.tag}{_why_this_one(adoption)}", 0),
        *_section("Containers", _containers(adoption)),
        *_section("Settings that run with another value than the .env has; what runs is taken", _differing(adoption)),
        *_section("Settings, line by line", (_short(str(fate), site.directory) for fate in adoption.brought.fates)),
        *_section("Where the .env says nothing", (line for note in adoption.brought.notes for line in _wrapped(note))),
        *_section("Warnings of jitsi.conf", map(str, adoption.wanted.warnings)),
        *_section(f"Data, below {target.settings['CONFIG']}", _data(adoption)),
        *_section("Images to be fetched, while the old site runs", _images(adoption)),
        *_section("To know", (line for note in notes(adoption) for line in _wrapped(note))),
    ]


def facts(adoption: Adoption) -> Dict[str, Any]:
    """The same for programs."""
    site, target = adoption.site, adoption.prepared.desired
    return {
        "directory": site.directory,
        "project": site.project,
        "release": {"from": site.release or None, "to": target.release.tag},
        "containers": [
            {"name": c.name, "service": c.service, "image": c.image, "runs": c.running, "taken": c in site.containers}
            for c in (*site.containers, *site.others)
        ],
        "settings": [
            {
                "name": fate.line.name,
                "line": fate.line.number,
                "fate": fate.verdict,
                "why": fate.why,
                "gives": fate.gives and fate.gives.name,
            }
            for fate in adoption.brought.fates
        ],
        "differing": [difference.name for difference in adoption.differing],
        "warnings": [str(warning) for warning in adoption.wanted.warnings],
        "accounts": adoption.accounts,
        "data": list(_data(adoption)),
        "images": _images(adoption),
        "calls": adoption.calls,
        "notes": list(notes(adoption)),
    }


def notes(adoption: Adoption) -> Iterator[str]:
    """What an admin should know before he says yes."""
    site, settings = adoption.site, adoption.wanted.settings
    if not site.containers:
        yield "No container of it is left on this host: settings come from the .env alone."
        if settings.on("ETHERPAD"):
            yield "Its Etherpad kept pads in its container, which is gone: there is nothing left of them to take over."
    elif site.unreadable:
        yield (
            f"{site.unreadable}, so that settings in its Compose files are not known; look at them before you say yes."
        )
    for container in site.containers:
        if container.service not in releases.services():
            yield (
                f"{container.service} has no counterpart in this package yet: it is stopped with the rest, "
                f"its files below {settings['CONFIG']} stay."
            )
    yield from _meetings(adoption)
    for container in site.others:
        yield f"{container.name} ({container.image}) is none of Jitsi's services and runs on, as it is."
    if site.sso is not None:
        yield _adapter(site.sso, settings.get("JWT_APP_SECRET"))
    yield (
        "The old containers are stopped, kept, and do not come back at boot. If anything fails, they are started "
        "again by themselves; later: jitsictl adopt --undo. Nothing in the old folder is changed."
    )


def done(adoption: Adoption) -> List[str]:
    """What is left to do afterwards."""
    return [
        f"{adoption.site.directory} is taken over; its containers are stopped and kept.",
        "to go back, with the accounts and pads made since: jitsictl adopt --undo",
        "when all is well, remove the old containers: jitsictl adopt --finish",
    ]


def finishing(record: Record) -> List[str]:
    """What --finish removes and what it leaves."""
    return [
        f"remove the containers {', '.join(record.names)}",
        *(f"remove the network {name}" for name in record.networks),
        f"{record.directory} and its files stay; remove them yourself when you do not need them",
        "afterwards there is no way back to the old containers",
    ]


def _why_this_one(adoption: Adoption) -> str:
    release = adoption.prepared.desired.release
    if release.tag != releases.newest().tag:
        return ""
    others = ", ".join(tag for tag in releases.tags() if tag != release.tag)
    return f", the newest one that this package knows; --release takes another: {others}"


def _containers(adoption: Adoption) -> Iterator[str]:
    width = max((len(c.name) for c in (*adoption.site.containers, *adoption.site.others)), default=0)
    for container in (*adoption.site.containers, *adoption.site.others):
        state = "runs" if container.running else "does not run"
        fate = "stopped, kept" if container in adoption.site.containers else "left alone"
        yield f"{container.name:<{width}}  {container.image}, {state}: {fate}"


def _differing(adoption: Adoption) -> Iterator[str]:
    known = catalogue.load()
    for difference in adoption.differing:
        yield from _wrapped(ran.sentence(difference, known))


def _data(adoption: Adoption) -> Iterator[str]:
    config = adoption.prepared.desired.settings["CONFIG"]
    change = adoption.prepared.change
    proof = next((step for step in change.steps if isinstance(step, Verify)), None)
    for step in change.steps:
        if isinstance(step, Transfer):
            yield f"pads: from the old container ({DIRTY_DB}) to etherpad/dirty.db"
        elif isinstance(step, Copy) and proof is not None and step.target == proof.store:
            old = posixpath.relpath(f"{config}/{adoption.site.layout.store}", config)
            new = posixpath.relpath(step.target, config)
            yield f"accounts: {adoption.accounts}, {old} -> {new}; the old store is set aside whole"
        elif isinstance(step, MoveInto):
            yield f"all in {posixpath.relpath(step.source, config)} -> {posixpath.relpath(step.target, config)}"
    aside = [step.target for step in change.steps if isinstance(step, Move)]
    rendered = [target for target in aside if proof is None or target != proof.snapshot]
    if rendered:
        yield f"set aside in .snapshots: {len(rendered)} files and directories that the old images made"


def _images(adoption: Adoption) -> List[str]:
    return [step.image for step in adoption.prepared.change.steps if isinstance(step, Pull)]


def _meetings(adoption: Adoption) -> Iterator[str]:
    calls, bridge = adoption.calls, adoption.site.service("jvb")
    if calls is not None and calls.conferences:
        yield f"{calls} at this moment, which it cuts off."
    elif calls is None and bridge is not None and bridge.running:
        yield "How many meetings run cannot be told: neither jicofo nor the bridge of this release says so."


def _adapter(adapter: OldContainer, secret: str) -> str:
    kept = (
        f"{adapter.name} signs people in for it and stays as it is, a project of its own; to run one from here later, "
        "stop it, then: jitsictl sso setup"
    )
    theirs = adapter.environment.get("JITSI_SECRET", "")
    if secret and theirs != secret:
        return f"{kept}. Its JITSI_SECRET is not JWT_APP_SECRET, so that its tokens are refused."
    return f"{kept}."


def _short(text: str, directory: str) -> str:
    """Lines of the .env without its folder, which the head names; one that stands in no line without a number."""
    text = text[len(directory) + 1 :] if text.startswith(f"{directory}/") else text
    return text.replace(".env:0:", "not in .env:", 1)


def _section(title: str, body: Iterable[str]) -> List[str]:
    found = [f"  {line}" for line in body]
    return ["", title, *found] if found else []


def _wrapped(text: str, indent: int = 2) -> List[str]:
    return textwrap.wrap(text, WIDTH - indent, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
