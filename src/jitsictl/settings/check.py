"""From the lines of the two files to the settings of a site, or to everything that is wrong with them."""

from __future__ import annotations

import re
from typing import AbstractSet, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.settings import derive, kinds, rules
from jitsictl.settings.case import Case
from jitsictl.settings.catalogue import reads, span
from jitsictl.types.failure import Failure
from jitsictl.types.host import HostFacts
from jitsictl.types.settings import Catalogue, Entry, Line, Problem, Settings, Value

RELEASE = "JITSI_IMAGE_VERSION"


def settle(
    conf: Sequence[Line],
    secrets: Sequence[Line],
    catalogue: Catalogue,
    release_tags: Sequence[str],
    zones: Optional[AbstractSet[str]] = None,
    lenient_secrets: bool = False,
    host: Optional[HostFacts] = None,
) -> Tuple[Optional[Settings], List[Problem]]:
    """The settings of a site, and all problems at once, in the order of the files.

    conf, secrets: the lines of jitsi.conf and secrets.conf; a name in both comes from secrets.conf.
    release_tags: the releases that may run, oldest first. The default is the last one; a newer one that is
    forced is simply in the list.
    zones: the host's time zones, to know a wrong one; None: only the shape of the name is checked.
    lenient_secrets: secrets.conf could not be read, so take a missing secret as present.
    host: what the rules must know of this machine; None: nothing is known.

    Settings is None when a problem is an error. A value that is empty counts as not set, as it does
    in the images. Generated secrets that are missing are no problem here (settings.secrets.missing).
    """
    lines, problems = _effective(conf, secrets, catalogue)
    release, found = _release(lines.get(RELEASE), release_tags)
    problems += found
    written: Dict[str, Value] = {}
    for name, line in lines.items():
        entry = catalogue[name]
        problems += _retired(entry, line, release, catalogue)
        if name == RELEASE or not reads(entry, release):
            continue
        try:
            written[name] = Value(_normalised(entry, line, zones), _origin(line))
        except ValueError as error:
            problems.append(_wrong(entry, line, str(error)))
    values = _with_defaults(written, lines, catalogue, release)
    settings = Settings(release, derive.derive(values, lines, catalogue))
    conf_file = conf[0].file if conf else "jitsi.conf"
    case = Case(settings, lines, catalogue, conf_file, lenient_secrets, host or HostFacts())
    problems += rules.broken(case)
    wrong = any(not problem.warning for problem in problems)
    return (None if wrong else settings), in_order(problems, [conf_file])


def in_order(problems: Iterable[Problem], files: Sequence[str] = ()) -> List[Problem]:
    """Problems as a reader meets them: by file (those in `files` first), then by line."""

    def place(problem: Problem) -> Tuple[int, str, int]:
        rank = files.index(problem.file) if problem.file in files else len(files)
        return rank, problem.file, problem.line or 0

    return sorted(problems, key=place)


def secret_lines(lines: Sequence[Line], catalogue: Catalogue) -> List[Line]:
    """The lines that hold a secret: a file with any of them must have mode 0600."""
    return [line for line in lines if line.value and line.name in catalogue and catalogue[line.name].secret]


def _effective(
    conf: Sequence[Line], secrets: Sequence[Line], catalogue: Catalogue
) -> Tuple[Dict[str, Line], List[Problem]]:
    """The line that counts for each known name, and what is to be said about names."""
    problems = _unknown([line for line in (*conf, *secrets) if line.name not in catalogue], catalogue)
    lines = {line.name: line for line in conf if line.name in catalogue and line.value}
    for line in secrets:
        if line.name not in catalogue or not line.value:
            continue
        other = lines.get(line.name)
        if other and other.value != line.value:
            what = f"{line.name}: {_origin(line)} has another value, and that one counts; delete this line"
            problems.append(Problem(what, other.file, other.number, True, line.name))
        elif not catalogue[line.name].secret:
            what = f"{line.name}: is no secret; it belongs into jitsi.conf"
            problems.append(Problem(what, line.file, line.number, True, line.name))
        lines[line.name] = line
    return lines, problems


def _unknown(lines: Sequence[Line], catalogue: Catalogue) -> List[Problem]:
    if not lines:
        return []
    from jitsictl.settings.suggest import Suggestions  # a right file need not pay for it

    suggestions = Suggestions(catalogue)
    problems = []
    for line in lines:
        words, suggestion = suggestions.advice(line)
        # A long word without a _ that is near no name may be a piece of a key that was broken into lines.
        name = line.name if suggestion or "_" in line.name or len(line.name) <= 12 else ""
        what = f"{name or 'what stands before the ='} is not a setting; {words}"
        problems.append(Problem(what, line.file, line.number, False, name, suggestion))
    return problems


def _wrong(entry: Entry, line: Line, what: str) -> Problem:
    """A value that its type refuses, with the right one where the type says it."""
    from jitsictl.settings.repair import value_meant

    meant = None if entry.secret else value_meant(entry, line.value)
    if meant is not None:
        what += f"; did you mean {meant}?"
    return Problem(f"{line.name}: {what}", line.file, line.number, False, line.name, _assignment(line.name, meant))


def _assignment(name: str, value: Optional[str]) -> str:
    return "" if value is None else f"{name}={value}"


def _normalised(entry: Entry, line: Line, zones: Optional[AbstractSet[str]]) -> str:
    try:
        text = kinds.normalise(entry.type, line.value)
        if entry.type == "timezone" and zones is not None and text not in zones:
            raise ValueError(_no_zone(text, zones))
    except ValueError as error:
        told = entry.secret or "\n" in line.value or repr(line.value) in str(error)
        shown = "" if told else f"{_short(line.value)} "
        raise ValueError(f"{shown}{error}") from None
    return text


def _short(value: str) -> str:
    """The value as people may see it: cut, and without a password that a URL carries."""
    text = re.sub(r"(?<=//)[^/@\s]+@", "***@", value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"'{text}'" if text.isprintable() else repr(text)


def _no_zone(text: str, zones: AbstractSet[str]) -> str:
    from jitsictl.settings.repair import nearest

    close = nearest(text, sorted(zones))
    advice = f"did you mean {close}?" if close else "write a name below /usr/share/zoneinfo"
    return f"is no time zone of this machine; {advice}"


def _release(line: Optional[Line], tags: Sequence[str]) -> Tuple[str, List[Problem]]:
    """The release that is meant; the newest one where it is not said or not to be had."""
    newest = tags[-1]
    if line is None or line.value in tags:
        return newest if line is None else line.value, []
    try:
        releases.get(line.value)
        what = f"{line.value} is not among the releases that may run here: {', '.join(tags)}"
    except Failure as failure:
        what = failure.what
    return newest, [Problem(f"{RELEASE}: {what}", line.file, line.number, False, RELEASE, _assignment(RELEASE, newest))]


def _retired(entry: Entry, line: Line, release: str, catalogue: Catalogue) -> List[Problem]:
    """A name that the release does not read harms nobody, so it may stay: upgrades go both ways."""
    if reads(entry, release):
        what = f"goes after {entry.last}: {entry.replaced_by}" if entry.last else entry.replaced_by or ""
        what = what if entry.replaced_by else ""
    else:
        why = entry.replaced_by or f"only {span(entry)} read it"
        what = f"has no effect at {release}: {why}"
    if not what:
        return []
    from jitsictl.settings.suggest import successor

    new = successor(entry.replaced_by or "", catalogue)
    return [Problem(f"{line.name}: {what}", line.file, line.number, True, line.name, new)]


def _with_defaults(
    written: Mapping[str, Value], lines: Mapping[str, Line], catalogue: Catalogue, release: str
) -> Dict[str, Value]:
    """What the release reads, as written or by default; a name whose line is wrong is left out."""
    pin = lines.get(RELEASE)
    values = {RELEASE: Value(release, _origin(pin) if pin else "default")}
    for name, entry in catalogue.items():
        if name in written:
            values[name] = written[name]
        elif entry.default is not None and name not in lines and reads(entry, release):
            values[name] = Value(entry.default, "default")
    return values


def _origin(line: Line) -> str:
    return f"{line.file.rpartition('/')[2]}:{line.number}"
