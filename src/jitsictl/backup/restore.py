"""jitsictl restore: a checked archive becomes the running site, as one Change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List, Tuple

from jitsictl.backup.look import there
from jitsictl.change import apply, generations, log, observe
from jitsictl.change.prepare import Prepared, places
from jitsictl.change.tools import Event, Tools, open_tools, silent
from jitsictl.doors import files, host, process, untar
from jitsictl.plan import restore as plans
from jitsictl.plan.archive import HOST_FILES, release_of
from jitsictl.plan.desired import as_applied
from jitsictl.plan.restore import Source
from jitsictl.settings import catalogue
from jitsictl.types.backup import GENERATION, HOST, Held
from jitsictl.types.change import Move, Pull, Recreate, Remove
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Applied, Kept


@dataclass(frozen=True)
class Archive:
    """A checked archive: what it holds, what it applied, and the admin's files in it."""

    path: Path
    digest: str
    held: Held
    checked: untar.Checked
    applied: Applied
    settings: Settings
    texts: Dict[str, str]


def check(path: Path) -> Archive:
    """Read all of an archive. Failure: it is damaged, no backup, or of a release that this package does not run."""
    place = there(path)
    checked = untar.check(place, lambda name: name.startswith((f"{HOST}/", f"{GENERATION}/")))
    applied = generations.archived(_below(checked, GENERATION), f"{place}, {GENERATION}")
    release = checked.manifest.held.release
    if applied.release != release:
        raise Failure(f"expected one release in {place}, found {applied.release} beside {release}")
    settings = generations.settings_of(applied)
    for name in settings:
        if catalogue.load()[name].secret:
            process.secret(settings[name])
    if settings["CONFIG"] != checked.manifest.config:
        raise Failure(f"expected one CONFIG in {place}, found {settings['CONFIG']} beside {checked.manifest.config}")
    texts = {name: _text(name, content) for name, content in _below(checked, HOST).items()}
    held = replace(checked.manifest.held, bytes=checked.size)
    return Archive(place, checked.digest, held, checked, applied, settings, texts)


def would_do(paths: Paths, archive: Archive) -> List[str]:
    """What `restore` would do, in words. Nothing is touched."""
    change = _prepare(paths, archive, open_tools(paths), "plan").change
    lines = [line for line in change.why if not line.startswith("from ")]
    lines += [f"fetch {step.image}" for step in change.steps if isinstance(step, Pull)]
    aside = [step.source for step in change.steps if isinstance(step, Move) and "/before/" in step.target]
    lines += [f"set aside {path}" for path in aside]
    lines += [f"bring {step.target}" for step in change.steps if isinstance(step, Move) and "/unpacked/" in step.source]
    lines += [f"write {paths.conf.with_name(name)}" for name in archive.texts if name != paths.override.name]
    if paths.override.name in archive.texts:
        lines.append(f"write {paths.override}")
    started = [service for step in change.steps if isinstance(step, Recreate) for service in step.services]
    lines.append(f"stop the site and start {', '.join(started)} at {change.release}")
    return lines + [f"remove {step.service}" for step in change.steps if isinstance(step, Remove)]


def restore(paths: Paths, archive: Archive, tell: apply.Listener = silent) -> Prepared:
    """Make it so. Failure: something was not as it must be, and everything is as it was before."""
    id = apply.new_id()
    listen = log.logging_to(paths, id, "restore", tell)
    with apply.locked(paths, "restore", listen) as tools:
        prepared = _prepare(paths, archive, tools, id)
        for line in archive.held.left_out:
            listen(Event("warning", f"not in the backup: {line}"))
        return apply.carry_out(prepared, id, tools)


def _prepare(paths: Paths, archive: Archive, tools: Tools, id: str) -> Prepared:
    release = release_of(archive.held)
    target = as_applied(archive.applied, archive.settings, release)
    where = places(paths, id)
    source = Source(str(archive.path), archive.digest, archive.checked.manifest, archive.texts, _where(paths))
    seen = observe.observe(paths, tools.docker, target, where)
    watched = plans.watched(target, seen.applied.release if seen.applied else None, source)
    observed = replace(seen, paths={**seen.paths, **_kept(watched)})
    _room(archive, Path(target.settings["CONFIG"]))
    return Prepared(plans.plan(target, observed, where, source), target, observed, where)


def _room(archive: Archive, config: Path) -> None:
    needed, free = archive.checked.manifest.total, host.free_bytes(config)
    if needed > free:
        raise Failure(f"expected {needed // 10**6 + 1} MB free for {config}, found {free // 10**6} MB; make room first")


def _below(checked: untar.Checked, top: str) -> Dict[str, bytes]:
    return {name[len(top) + 1 :]: text for name, text in checked.texts.items() if name.startswith(f"{top}/")}


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure(f"expected UTF-8 in {name} of the backup, found other bytes") from None


def _where(paths: Paths) -> Dict[str, str]:
    """The admin's files on this host, by their names in an archive."""
    own = {name: paths.override if name == paths.override.name else paths.conf.with_name(name) for name in HOST_FILES}
    return {name: str(path) for name, path in own.items()}


def _kept(watched: Tuple[str, ...]) -> Dict[str, Kept]:
    seen = {path: files.kept(Path(path)) for path in watched}
    return {path: kept for path, kept in seen.items() if kept is not None}
