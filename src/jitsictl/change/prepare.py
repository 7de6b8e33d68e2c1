"""Work out what a verb would do, and what is to be said of it before: everything is looked at, nothing is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.change import adapter, generations, intent, journal, log, observe
from jitsictl.change.customised import Customised, customised
from jitsictl.change.intent import Intent
from jitsictl.doors import files, trees
from jitsictl.doors.docker import Docker
from jitsictl.plan import build, custom, migrate, signon
from jitsictl.plan.desired import Ground, desired
from jitsictl.plan.generation import Places
from jitsictl.settings import catalogue
from jitsictl.settings.pin import repin
from jitsictl.types.change import Change, File, Step
from jitsictl.types.paths import Paths
from jitsictl.types.preview import FileChange, Preview
from jitsictl.types.settings import NewLines, Settings
from jitsictl.types.site import Desired, Observed


@dataclass(frozen=True)
class Prepared:
    """A change that was worked out and not yet begun."""

    change: Change
    desired: Desired
    observed: Observed
    places: Places
    warnings: Tuple[str, ...] = ()
    edited: Tuple[FileChange, ...] = ()  # the admin's files that the verb writes


def prepare(
    paths: Paths,
    docker: Docker,
    verb: str,
    tag: Optional[str] = None,
    *,
    force: bool = False,
    id: str = "plan",
    renew: Sequence[str] = (),
    fresh: bool = False,
    pads: bool = False,
    also: Sequence[Step] = (),
    put: NewLines = NewLines(),  # noqa: B008 - it cannot be changed
) -> Prepared:
    """Work out what `verb` would do. `tag` is the release to go to; None stays with the applied one.

    `renew` names secrets that get new values; `fresh` drops the files that images render. `pads` has our lines in
    custom-config.js set etherpad_base, and that proved; `also` are more steps before the switch. `put` are settings
    that the verb writes into jitsi.conf and secrets.conf.

    Nothing is touched. Failure or SettingsWrong: as reading, planning and looking found it.
    """
    applied = generations.current(paths)
    stay = applied.release if applied else None
    wanted = intent.read(paths, tag or stay, force=force or tag is None, renew=renew, put=put)
    extra: List[Step] = list(also)
    edited: List[FileChange] = []
    conf = wanted.conf if tag is None else repin(wanted.conf, tag)
    if conf != wanted.before:
        extra.append(File(str(paths.conf), conf, files.mode_of(paths.conf)))
        edited += [FileChange(str(paths.conf), what) for what in _written(put, tag if conf != wanted.conf else None)]
    if wanted.made or wanted.renewed or put.secrets:
        extra.append(File(str(paths.secrets), wanted.secrets, 0o600, secret=True))
    for what, names in (("made and added", wanted.made), ("new values", (*wanted.renewed, *put.secrets))):
        if names:
            edited.append(FileChange(str(paths.secrets), f"{what}: {', '.join(names)}"))
    where = places(paths, id)
    own = custom_files(wanted.settings, pads or custom.has_pads(applied))
    extra += own.steps
    edited += own.edited
    made = replace(ground(paths, wanted, conf, own), held=adapter.held(wanted.settings, applied, docker))
    target = replace(desired(wanted.settings, catalogue.load(), wanted.release, made), fresh=fresh)
    observed = observe.observe(paths, docker, target, where)
    change = build.plan(target, observed, catalogue.load(), where, verb, tuple(extra))
    if pads:
        change = custom.proved(change, custom.pads_wanted(wanted.settings))
    warnings = [str(warning) for warning in wanted.warnings]
    if fresh and not migrate.dropped(target, observed, ""):
        when = "when they start" if wanted.release.layout.rendered else "in memory"
        warnings.append(f"there is no rendered file to drop; services of {wanted.release.tag} make theirs {when}")
    if journal.interrupted(paths.changes):
        warnings.append("warning: a change was cut off: the next start or change finishes or undoes it first")
    return Prepared(change, target, observed, where, tuple(warnings), tuple(edited))


def _written(put: NewLines, tag: Optional[str]) -> Iterator[str]:
    """What becomes of jitsi.conf, in a few words."""
    if tag is not None:
        yield f"JITSI_IMAGE_VERSION becomes {tag}"
    for what, names in (
        ("set", [name for name, value in put.conf.items() if value is not None]),
        ("taken out", [name for name, value in put.conf.items() if value is None]),
    ):
        if names:
            yield f"{what}: {', '.join(names)}"


def look_ahead(paths: Paths, prepared: Prepared) -> Preview:
    """What a prepared change would do, for people and programs, with what was seen of past ones and of calls."""
    from jitsictl.change import conferences
    from jitsictl.plan.preview import Around, preview

    around = Around(prepared.edited)
    if prepared.change:
        around = Around(prepared.edited, log.past(paths), conferences.running(prepared.observed.applied))
    return preview(prepared.change, prepared.desired, prepared.observed, catalogue.load(), prepared.places, around)


def places(paths: Paths, id: str) -> Places:
    return Places(str(paths.generations), str(paths.current), str(paths.project), id)


def custom_files(settings: Settings, pads: bool = False) -> Customised:
    """The admin's custom-*.js with our lines as these settings ask for them. Failure: as in `customised`."""
    return customised(Path(settings["CONFIG"]), custom.lines(settings, catalogue.load(), pads))


def ground(paths: Paths, wanted: Intent, conf: str, own: Customised) -> Ground:
    """What a plan is made from besides the settings: the package's pieces and the admin's own files."""
    pieces = {
        name: files.read_text(paths.pieces / name) or "" for name in files.names(paths.pieces) if name.endswith(".yaml")
    }
    config = Path(wanted.settings["CONFIG"])
    reads = {
        path: trees.hash_file(config / path)
        for service in releases.services().values()
        for path in service.reads_at_start
        if files.exists(config / path)
    }
    mounted = [path for path in signon.mounted(wanted.settings) if files.exists(Path(path))]
    outside = {path: trees.hash_file(Path(path)) for path in mounted}
    made = {**reads, **outside, **own.hashes}
    override = files.read_text(paths.override) or ""
    return Ground(
        pieces,
        conf,
        wanted.secrets,
        {path: digest for path, digest in made.items() if digest is not None},
        override,
        str(paths.override),
        own.lines,
    )
