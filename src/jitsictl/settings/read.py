"""Reading jitsi.conf and secrets.conf: the grammar, and nothing about what the names mean.

One assignment a line, `NAME=value`. What this reader accepts, Compose reads from a .env file to the
same value (tests/unit/settings/test_compose_agrees.py holds it to that); what Compose would take in
a way that surprises is an error here.

- unquoted: literal up to the end of the line or to ` #`, which starts a comment; no `$NAME`
- '...': literal, no escapes
- "...": with \\" \\\\ \\$ and \\n; no `$NAME` without the backslash
- `export` in front, blanks around `=`, a byte order mark and CRLF are accepted
"""

from __future__ import annotations

import re
from typing import Dict, List, Match, Optional, Tuple

from jitsictl.types.settings import Line, Problem

_ASSIGNMENT = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)", re.DOTALL)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SINGLE = re.compile(r"'([^']*)'")
_ESCAPE = re.compile(r"\\(.)")
_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)?|([A-Za-z_][A-Za-z0-9_]*))")
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\", "$": "$"}


def read_bytes(data: bytes, file: str) -> Tuple[List[Line], List[Problem]]:
    """The assignments in the bytes of a file, and what is wrong with it.

    A file that is not text (NUL bytes, not UTF-8) gives one problem with the line and no assignment.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [], [Problem("is UTF-16; save it as UTF-8", file, 1)]
    if b"\0" in data:
        place = _line_at(data, data.index(b"\0"))
        return [], [Problem("has a NUL byte here: it is not a text file", file, place)]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        place = _line_at(error.object, error.start)
        return [], [Problem(f"byte 0x{bad:02x} is not UTF-8; save the file as UTF-8", file, place)]
    return parse(text, file)


def parse(text: str, file: str) -> Tuple[List[Line], List[Problem]]:
    """The assignments in `text`, in order, and every line that is none.

    A name given twice is a problem that names both lines; both assignments are returned.
    """
    lines: List[Line] = []
    problems: List[Problem] = []
    seen: Dict[str, int] = {}
    for number, raw in enumerate(text.split("\n"), start=1):
        stripped = raw.strip()  # Compose takes all of Unicode's blanks away, too
        if not stripped or stripped.startswith("#"):
            continue
        try:
            name, value = _assignment(stripped)
        except ValueError as error:
            problems.append(Problem(str(error), file, number))
            continue
        if name in seen:
            problems.append(Problem(f"{name}: is set here and in line {seen[name]}; keep one of the two", file, number))
        seen[name] = number
        lines.append(Line(name, value, file, number))
    return lines, problems


def _assignment(line: str) -> Tuple[str, str]:
    match = _ASSIGNMENT.fullmatch(line)
    if match is None:
        raise ValueError(_no_assignment(line))
    name, rest = match.groups()
    try:
        return name, _value(rest.strip())
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _no_assignment(line: str) -> str:
    """What to say of a line that is no assignment. The name may be repeated, the rest could be a secret."""
    head, equals, _ = line.partition("=")
    words = head.split()
    if not equals:
        return "is no assignment; write NAME=value, or # in front of a comment"
    if not words:
        return "has no name in front of the =; write NAME=value"
    name = words[-1] if words[0] == "export" else head.strip()
    return f"{name!r} is no name of a setting; names have letters, digits and _ only"


def _value(rest: str) -> str:
    if rest.startswith("'"):
        return _quoted(_SINGLE.match(rest), rest, "'")
    if rest.startswith('"'):
        return _unescape(_quoted(_DOUBLE.match(rest), rest, '"'))
    # Compose looks for the comment after it has dropped the blanks behind the =, so that `A= #b` is "#b"
    # there; nobody means that.
    if rest.startswith("#"):
        raise ValueError("the value starts with #; quote it, or write the comment on a line of its own")
    value = rest.partition(" #")[0].rstrip()
    _no_dollar(value, "unquoted")
    return value


def _quoted(match: Optional[Match[str]], rest: str, quote: str) -> str:
    if match is None:
        raise ValueError(f"the {quote} is not closed on this line")
    behind = rest[match.end() :]
    if behind.strip(" \t") and not re.match(r"[ \t]+#", behind):
        raise ValueError(f"there is more text after the closing {quote}; quote all of the value or nothing")
    value: str = match.group(1)
    if quote == "'" and value.endswith("\\"):
        raise ValueError('has a backslash before the closing \'; write "..." with \\\\ for a backslash')
    return value


def _unescape(value: str) -> str:
    _no_dollar(re.sub(r"\\.", "", value), 'in "..."')
    return _ESCAPE.sub(_escape, value)


def _escape(match: Match[str]) -> str:
    char = match.group(1)
    if char not in _ESCAPES:
        raise ValueError(f'\\{char} is no escape; inside "..." there are \\" \\\\ \\$ and \\n')
    return _ESCAPES[char]


def _no_dollar(value: str, where: str) -> None:
    """A $ that no name, brace or other $ follows is literal for Compose as well."""
    match = _VARIABLE.search(value)
    if match is None:
        return
    name = match.group(1) or match.group(2)
    if name:
        did = f"Compose would put the value of the variable {name} here, or nothing"
    elif match.group() == "$$":
        did = "Compose would make one $ of the two"
    else:
        did = "Compose would look for a variable's name in the braces"
    raise ValueError(f"has a $ {where}: {did}; write the value in '...' to keep the $")


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
