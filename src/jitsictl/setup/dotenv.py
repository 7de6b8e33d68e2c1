"""Reading upstream's .env as Compose reads it. Pure.

settings/read.py is for a file that people write for us, and refuses what would surprise them. This one takes
what an installation that runs already has: `$NAME` is replaced by what the file says before, as Compose does
(the real one is the oracle of tests/unit/setup/test_dotenv.py). What depends on anything but the file (the
environment of whoever started Compose) is a problem.
"""

from __future__ import annotations

import re
from typing import Dict, List, Match, Tuple

from jitsictl.types.settings import Line, Problem

_BLANKS = " \t\r\v\f\x85\xa0"
_NAME = re.compile(rf"(?:export[{_BLANKS}]+)?([\w.\-\[\]]+)[{_BLANKS}]*[=:][{_BLANKS}]*")
_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:?-)(?P<otherwise>[^${}]*))?\}|(?P<odd>\{))"
)
_ESCAPE = re.compile(r'\\([abfnrtv$"\\]|0[0-7]{3})')
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$"}


def read(text: str, file: str) -> Tuple[List[Line], List[Problem]]:
    """The assignments of a .env, in order and with what Compose makes of their values; and what it would not take.

    A name that is assigned twice is given twice; for Compose the last one counts.
    """
    text = text[1:] if text.startswith("\ufeff") else text
    lines: List[Line] = []
    problems: List[Problem] = []
    place = 0
    while place < len(text):
        end = _end(text, place)
        statement = text[place:end].strip(_BLANKS)
        if statement and not statement.startswith("#"):
            start = text.index(statement, place)
            number = text.count("\n", 0, start) + 1
            try:
                line, end = _assignment(text, start, file, number, {line.name: line.value for line in lines})
                lines.append(line)
            except ValueError as error:
                name = _NAME.match(text, start, end)
                problems.append(Problem(str(error), file, number, name=name.group(1) if name else ""))
        place = end + 1
    return lines, problems


def _end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _assignment(text: str, start: int, file: str, number: int, known: Dict[str, str]) -> Tuple[Line, int]:
    """The assignment that begins at `start`, and where it ends: a quoted value may go over several lines."""
    end = _end(text, start)
    match = _NAME.match(text, start, end)
    if match is None:
        raise ValueError("is no assignment; Compose reads NAME=value")
    name, place = match.group(1), match.end()
    try:
        if text[place : place + 1] not in ("'", '"'):
            value = text[place:end].strip(_BLANKS).partition(" #")[0].rstrip(_BLANKS)
            return Line(name, _expanded(value, known), file, number), end
        quote = text[place]
        inside = re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL).match(text, place)
        if inside is None:
            raise ValueError(f"the {quote} is not closed")
        end = _end(text, inside.end())
        behind = text[inside.end() : end].strip(_BLANKS)
        if behind and not behind.startswith("#"):
            raise ValueError(f"there is more text after the closing {quote}")
        value = inside.group(1).replace(f"\\{quote}", quote)
        if quote == '"':
            value = _expanded(_ESCAPE.sub(_escape, value), known)
        return Line(name, value, file, number), end
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _escape(match: Match[str]) -> str:
    char = match.group(1)
    return chr(int(char, 8)) if len(char) > 1 else _ESCAPES.get(char, char)


def _expanded(value: str, known: Dict[str, str]) -> str:
    def variable(match: Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if match["odd"]:
            raise ValueError("has a ${ that this program does not follow; write the value itself")
        name = match["bare"] or match["braced"]
        found = known.get(name)
        if match["operator"] and (found is None or (not found and match["operator"] == ":-")):
            return match["otherwise"] or ""
        if found is None:
            raise ValueError(
                f"has ${name}, which the lines before do not set, so Compose took it from its environment or left "
                "nothing; write the value itself, in '...' to keep a $"
            )
        return found

    return _VARIABLE.sub(variable, value)
