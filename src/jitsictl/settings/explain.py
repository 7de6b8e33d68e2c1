"""What there is to know of a setting: from the catalogue, and from a site as far as it may be looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Mapping, Optional, Sequence, Tuple

from jitsictl.settings.catalogue import reads, span, titles
from jitsictl.settings.kinds import meaning
from jitsictl.settings.show import masked
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.settings import Catalogue, Entry, Line, Problem, Settings


@dataclass(frozen=True)
class Known:
    """What was seen of a site. `release` is the applied one, else the one that jitsi.conf pins, else the newest.

    `settings` None: `why` says why not, and only `lines` tell what the files say. `applied`: the settings of the
    applied generation; None: nothing is applied, or this user may not look.
    """

    release: str
    settings: Optional[Settings] = None
    lines: Mapping[str, Line] = field(default_factory=dict)
    problems: Tuple[Problem, ...] = ()
    applied: Optional[Mapping[str, str]] = None
    why: str = ""


@dataclass(frozen=True)
class Explained:
    """One setting. No field holds a secret: it is masked.

    `value` None: not set, or not known (`note`). `applied` is what the applied generation has, where that
    differs from `value`. `default` is ours, `image_default` what the images take by themselves.
    """

    name: str
    group: str
    help: str
    type: str
    value: Optional[str]
    origin: str
    applied: Optional[str]
    default: Optional[str]
    image_default: Optional[str]
    services: Tuple[str, ...]
    releases: str
    secret: bool
    generated: bool
    replaced_by: Optional[str]
    problems: Tuple[str, ...] = ()
    note: str = ""
    javascript: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """A group of settings: the name to ask for it by, its title, how many settings it has."""

    name: str
    title: str
    settings: int


def explain(entry: Entry, known: Known, catalogue: Catalogue) -> Explained:
    """All of one setting. What is applied is held against the value itself, before both are masked."""
    value, origin, note = _now(entry, known)
    applied = None if known.applied is None else known.applied.get(entry.name, "" if _reaches(entry) else None)
    differs = applied is not None and applied != (value or "") and not (known.settings is None and known.why)
    return Explained(
        name=entry.name,
        group=titles()[entry.group],
        help=entry.help,
        type=meaning(entry.type),
        value=None if value is None else masked(entry.name, value, catalogue),
        origin=origin,
        applied=masked(entry.name, applied or "", catalogue) if differs else None,
        default=entry.default,
        image_default=entry.image_default,
        services=entry.services,
        releases=span(entry) or "all",
        secret=entry.secret,
        generated=entry.generated,
        replaced_by=entry.replaced_by,
        problems=tuple(str(problem) for problem in known.problems if problem.name == entry.name),
        note=note,
        javascript=entry.javascript,
    )


def _reaches(entry: Entry) -> bool:
    """Whether a change applies it; what this host alone reads, such as the certificate's place, counts at once."""
    return bool(entry.services or entry.compose or entry.javascript or entry.default is not None)


def changed(known: Known, catalogue: Catalogue) -> List[Explained]:
    """Every setting that is not what it would be if nobody said anything, in the catalogue's order.

    Failure: nothing is known of the site.
    """
    if known.settings is None and not known.lines:
        raise Failure(f"what differs is {known.why}")
    found = [explain(entry, known, catalogue) for entry in catalogue.values()]
    return [each for each in found if each.value is not None and _differs(each)]


def groups(catalogue: Catalogue) -> List[Group]:
    """All groups, in the catalogue's order."""
    return [Group(group, title, len(members(group, catalogue))) for group, title in titles().items()]


def members(group: str, catalogue: Catalogue) -> List[Entry]:
    """The settings of a group that can be used; where there are none, all that are in it."""
    entries = [entry for entry in catalogue.values() if entry.group == group]
    return [entry for entry in entries if entry.replaced_by is None] or entries


def group_called(text: str) -> str:
    """The group of this name or title, in whatever case. Failure, exit 2: there is none."""
    wanted = text.strip().lower()
    for group, title in titles().items():
        if wanted in (group.lower(), title.lower()):
            return group
    raise Failure(f"expected a group of settings, found {text}; there are: {', '.join(titles())}", Exit.USAGE)


def called(names: Sequence[str], catalogue: Catalogue) -> List[Entry]:
    """The settings of these names, in whatever case. Failure, exit 2: some are none; all of them are told."""
    unknown = [Line(name, "", "", 0) for name in names if name.upper() not in catalogue]
    if unknown:
        from jitsictl.settings.suggest import Suggestions

        suggestions = Suggestions(catalogue)
        told = [f"{line.name} is not a setting; {suggestions.advice(line)[0]}" for line in unknown]
        raise Failure("\n".join(told), Exit.USAGE)
    return [catalogue[name.upper()] for name in names]


def _now(entry: Entry, known: Known) -> Tuple[Optional[str], str, str]:
    """(value, where it comes from, what is to be said of it)."""
    line = known.lines.get(entry.name)
    if known.settings is not None and entry.name in known.settings:
        value = known.settings.values[entry.name]
        return value.text, value.origin, ""
    if line is not None:
        origin = f"{line.file.rpartition('/')[2]}:{line.number}"
        unread = not reads(entry, known.release)
        return line.value, origin, f"without effect at {known.release}" if unread else known.why
    if known.settings is None and not known.lines:
        return None, "", known.why
    if entry.default is not None and reads(entry, known.release):
        return entry.default, "default", ""
    return None, "", ""


def _differs(each: Explained) -> bool:
    default = each.default if each.default is not None else each.image_default
    return each.origin != "default" and (each.secret or each.value != default)
