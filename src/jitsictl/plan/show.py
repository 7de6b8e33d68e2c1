"""A preview in words, for 80 columns."""

from __future__ import annotations

import posixpath
import textwrap
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from jitsictl.plan import durations
from jitsictl.plan.differences import shown
from jitsictl.types.preview import Edit, Preview, ServiceChange, SettingChange, Upgrade

WIDTH = 80


def lines(preview: Preview) -> List[str]:
    """The whole preview, section by section; nothing of it is a secret."""
    parts = [
        _head(preview),
        _section(f"{preview.upgrade.before} -> {preview.upgrade.after}", _upgrade(preview.upgrade))
        if preview.upgrade
        else [],
        _section("Settings", _settings(preview)),
        _section("Changed by hand, and replaced", [line for edit in preview.edits for line in diff(edit)]),
        _section("Files", _table([(f.path, f.what) for f in preview.files])),
        _directories(preview),
        _section("Images to be fetched", preview.fetched),
        _section("Services, in this order", _services(preview.services)),
        _outlook(preview),
    ]
    return [line for part in parts for line in part]


def warnings(texts: Iterable[str]) -> List[str]:
    """What the settings are warned of, above the plan."""
    return [line for text in texts for line in _wrapped(text, "", WIDTH)]


def diff(edit: Edit) -> List[str]:
    """An edit by hand, under the path of the file."""
    said = edit.diff or ("what it was is not kept: an older package made it",)
    return [edit.path, *(f"  {line}" for line in said)]


def _head(preview: Preview) -> List[str]:
    applied = "nothing" if preview.generation is None else f"generation {preview.generation}"
    return [f"{preview.verb}: release {preview.release}, {applied} is applied"]


def _section(title: str, body: Iterable[str]) -> List[str]:
    lines = [f"  {line}" for line in body]
    return [title, *lines] if lines else []


def _settings(preview: Preview) -> List[str]:
    """By group, as the catalogue has them."""
    first = preview.generation is None
    groups: Dict[str, List[SettingChange]] = {}
    for change in preview.settings:
        groups.setdefault(change.group or "Not in the catalogue", []).append(change)
    found = []
    for title, members in groups.items():
        rows = [(c.name, _value(c.after) if first else _change(c), c.origin) for c in members]
        found += [title, *(f"  {line}" for line in _setting_rows(rows))]
    return found


def _setting_rows(rows: Sequence[Tuple[str, str, str]]) -> Iterator[str]:
    """Three columns; a row that is too wide for them has its value on lines of its own."""
    short = [row for row in rows if len("  ".join(row)) <= WIDTH - 4]
    name_width = max((len(name) for name, _, _ in short), default=0)
    value_width = max((len(value) for _, value, _ in short), default=0)
    for name, value, origin in rows:
        line = f"{name:<{name_width}}  {value:<{value_width}}  {origin}"
        if (name, value, origin) in short and len(line) <= WIDTH - 4:
            yield line
            continue
        yield f"{name}  ({origin})"
        yield from _wrapped(value, "  ", WIDTH - 4)


def _upgrade(upgrade: Upgrade) -> Iterator[str]:
    """What is added, renamed, dropped and moved."""
    if upgrade.layout:
        yield from _wrapped(f"another layout: {upgrade.layout}")
    for move in upgrade.moves:
        yield from _wrapped(f"moved below CONFIG, {move.what}: {move.before} -> {move.after}")
    yield f"settings: {len(upgrade.added)} begin to be read, {len(upgrade.dropped)} cease to be"
    for name, instead in upgrade.lost.items():
        yield from _wrapped(f"{name} loses its effect: {instead}")
    for name in upgrade.gained:
        yield f"{name} begins to have an effect"
    for change in upgrade.defaults:
        yield from _wrapped(f"the images' default of {change.name}: {_change(change)}")


def _directories(preview: Preview) -> List[str]:
    """Below the directory that all are in, which is said once."""
    paths = [directory.path for directory in preview.directories]
    if not paths:
        return []
    common = posixpath.commonpath(paths) if len(paths) > 1 else posixpath.dirname(paths[0])
    rows = [(posixpath.relpath(d.path, common), d.what) for d in preview.directories]
    return _section(f"Directories in {common}", _table(rows))


def _services(changes: Sequence[ServiceChange]) -> Iterator[str]:
    width = max((len(change.service) for change in changes), default=0)
    for change in changes:
        ready = f"ready after some {_seconds(change.usual.seconds)}" if change.usual else ""
        notes = "; ".join(note for note in (change.cost, ready) if note)
        told = [f"{change.action}: {', '.join(change.why)}", *([notes] if notes else [])]
        body = [line for text in told for line in _wrapped(text, "", WIDTH - 4 - width)]
        for number, line in enumerate(body):
            yield f"{change.service if number == 0 else '':<{width}}  {line}"


def _outlook(preview: Preview) -> Iterator[str]:
    """Calls and time: what an admin weighs before he says yes."""
    if any(change.interrupts_calls for change in preview.services):
        yield from _wrapped(f"Running calls are interrupted; {_calls(preview)}.", "", WIDTH)
    elif any(change.action != "new" for change in preview.services):
        yield "Running calls go on."
    if preview.seconds is not None:
        fetching = " once the images are here" if preview.fetched else ""
        about = f"about {_seconds(preview.seconds)}{fetching}"
        yield from _wrapped(f"It usually takes {about}, {durations.source(preview.services)}.", "", WIDTH)
    elif preview.files or preview.directories:
        yield "No service restarts."


def _calls(preview: Preview) -> str:
    calls = preview.calls
    if calls is None:
        return "how many run now cannot be known, since jicofo does not tell"
    if not calls.conferences:
        return "none runs now"
    return f"{calls} now"


def _table(rows: Sequence[Tuple[str, str]]) -> Iterator[str]:
    """Two columns; what does not fit stands below its path."""
    width = max((len(path) for path, _ in rows), default=0)
    for path, what in rows:
        if width + 2 + len(what) <= WIDTH - 2:
            yield f"{path:<{width}}  {what}"
        else:
            yield path
            yield from _wrapped(what, "  ")


def _wrapped(text: str, indent: str = "", width: int = WIDTH - 2) -> List[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _change(change: SettingChange) -> str:
    return f"{_value(change.before)} -> {_value(change.after)}"


def _value(value: Optional[str]) -> str:
    return shown(value).replace("\n", "\\n")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
