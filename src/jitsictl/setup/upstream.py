"""Settings out of an existing upstream .env, each of its lines accounted for. The site it belongs to is not touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import AbstractSet, Dict, List, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.change.intent import SettingsWrong
from jitsictl.doors import files, host
from jitsictl.settings import catalogue
from jitsictl.settings.check import RELEASE
from jitsictl.setup import dotenv, translate
from jitsictl.setup.translate import Fate, Source
from jitsictl.setup.write import Draft, draft
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Line, Problem

ADVICE = (
    "Nothing was written. Correct a value with --set NAME=VALUE, leave its line out with --drop NAME, "
    "or correct {file} itself."
)


@dataclass(frozen=True)
class Brought:
    """What became of a .env. `draft` is None when something is wrong, and then `problems` says all of it.

    `notes` are differences in what applies without a line.
    """

    file: str
    fates: Tuple[Fate, ...]
    draft: Optional[Draft]
    problems: Tuple[Problem, ...]
    notes: Tuple[str, ...]

    def failure(self) -> Failure:
        told = SettingsWrong(list(self.problems)).what
        return Failure(f"{told}\n{ADVICE.format(file=self.file)}", Exit.SETTINGS)

    def facts(self) -> Dict[str, object]:
        """The report for programs; no secret is in it."""
        return {
            "valid": self.draft is not None,
            "lines": [_row(fate) for fate in self.fates],
            "notes": list(self.notes),
            "problems": [
                {"file": p.file, "line": p.line, "name": p.name, "warning": p.warning, "what": p.what}
                for p in self.problems
            ],
        }


def bring(file: str, given: Sequence[Line], drop: AbstractSet[str], paths: Paths) -> Brought:
    """Judge every line of the .env `file`; what is given goes before it, what is in `drop` is left out.

    Failure: the file cannot be read, or has none of the names to leave out.
    """
    lines, problems = lines_of(file, given, drop)
    return judge(file, lines, problems, given, drop, paths)


def lines_of(file: str, given: Sequence[Line], drop: AbstractSet[str]) -> Tuple[List[Line], List[Problem]]:
    """The assignments of the .env `file`, and what is wrong with those that count. Failure: as `bring`."""
    text = files.read_text(Path(file))
    if text is None:
        raise Failure(f"expected an upstream .env at {file}, found no such file", Exit.USAGE)
    lines, problems = _read(text, file, drop | {line.name for line in given})
    for name in sorted(drop - {line.name for line in lines}):
        raise Failure(f"expected a line that sets {name} in {file}, found none; correct --drop", Exit.USAGE)
    return lines, problems


def judge(
    file: str,
    lines: Sequence[Line],
    problems: Sequence[Problem],
    given: Sequence[Line],
    drop: AbstractSet[str],
    paths: Paths,
) -> Brought:
    """What becomes of each of the lines, which stand in `file` or are what a site runs with instead."""
    answers = {line.name: line.value for line in given}
    last = {line.name: line for line in lines}
    source = Source(
        catalogue=catalogue.load(),
        release=_release(answers, last),
        last=last,
        given=answers,
        drop=drop,
        home=host.home(),
        directory=str(Path(file).absolute().parent),
    )
    fates = translate.fates(lines, source)
    found = list(problems)
    made = None
    try:
        made = draft([*given, *(fate.gives for fate in fates if fate.gives)], paths, keep_defaults=True)
        found += made.warnings
    except SettingsWrong as wrong:
        found += wrong.problems
    failed = any(not problem.warning for problem in found)
    return Brought(file, tuple(fates), None if failed else made, tuple(found), tuple(_notes(source)))


def _read(text: str, file: str, replaced: AbstractSet[str]) -> Tuple[List[Line], List[Problem]]:
    """The assignments. A value that cannot be read is no problem where it is not wanted."""
    lines, problems = dotenv.read(text, file)
    for problem in [problem for problem in problems if problem.name in replaced]:
        problems.remove(problem)
        lines.append(Line(problem.name, "", file, problem.line or 0))
    return sorted(lines, key=lambda line: line.number), problems


def _release(answers: Dict[str, str], last: Dict[str, Line]) -> str:
    """The release whose settings count: the pinned one where it can run here."""
    pinned = answers.get(RELEASE) or (last[RELEASE].value if RELEASE in last else "")
    return pinned if pinned in releases.tags() else releases.newest().tag


def _notes(source: Source) -> List[str]:
    """Where an .env says nothing, upstream's default applied until now; ours may be another."""
    return [
        f"{name} is not in the file: it was {entry.image_default} then, here it is {entry.default}"
        for name, entry in source.catalogue.items()
        if entry.default and entry.image_default and entry.default != entry.image_default
        if not source.value(name) and translate.read_here(entry) and not entry.replaced_by
    ]


def _row(fate: Fate) -> Dict[str, object]:
    gives = fate.gives
    secret = fate.verdict == translate.SECRET
    return {
        "file": fate.line.file,
        "line": fate.line.number,
        "name": fate.line.name,
        "verdict": fate.verdict,
        "why": fate.why,
        "setting": gives.name if gives else None,
        "value": gives.value if gives and not secret else None,
    }
