"""Reading jitsi.conf and secrets.conf: the grammar, and nothing about what the names mean.

One assignment a line, `NAME=value`. What this reader accepts, Compose reads from a .env file to the
same value (tests/unit/settings/test_compose_agrees.py holds it to that); what Compose would take in
a way that surprises is an error here.

- unquoted: literal up to the end of the line or to ` #`, which starts a comment; no `$NAME`, no
  typographic quotes around it, no tab in front of a `#`
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
_BEGUN = re.compile(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:[\s:]|$)")  # with a _, lest it be a key's letters
_SHOWN = re.compile(r"[A-Z0-9_. -]{1,40}|[a-z0-9_. -]{1,40}")  # a key or password mixes its letters
_TYPOGRAPHIC = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
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
        match = _ASSIGNMENT.fullmatch(stripped)
        if match is None:
            problems.append(Problem(_no_assignment(stripped), file, number))
            continue
        name, rest = match.groups()
        try:
            value = _value(rest.strip())
        except ValueError as error:
            problems.append(Problem(f"{name}: {error}", file, number, name=name))
            continue
        if name in seen:
            what = f"{name}: is set here and in line {seen[name]}; keep one of the two"
            problems.append(Problem(what, file, number, name=name))
        seen[name] = number
        lines.append(Line(name, value, file, number))
    return lines, problems


def value_at(raw: str) -> Tuple[int, int]:
    """Where the value stands in a line that `parse` takes, with its quotes: the part before it and its end."""
    head = len(raw) - len(raw.lstrip())
    match = _ASSIGNMENT.fullmatch(raw.strip())
    assert match is not None  # noqa: S101 - the caller has parsed it
    rest = match.group(2)
    start = head + match.start(2) + len(rest) - len(rest.lstrip())
    value = rest.strip()
    quoted = _DOUBLE.match(value) or _SINGLE.match(value)
    return start, start + (quoted.end() if quoted else len(value.partition(" #")[0].rstrip()))


def _no_assignment(line: str) -> str:
    """What to say of a line that is no assignment. A name may be repeated, all else could be a secret."""
    head, equals, _ = line.partition("=")
    if not equals:
        begun = _BEGUN.match(line)
        if begun:
            return f"{begun.group(1)} has no = behind it; write {begun.group(1)}=value"
        return "is no assignment; write NAME=value, or # in front of a comment"
    words = head.split()
    if not words:
        return "has no name in front of the =; write NAME=value"
    name = words[-1] if words[0] == "export" else head.strip()
    odd = next((char for char in name if ord(char) > 126), None)
    if odd is not None:
        what = repr(odd) if odd.isprintable() else "an invisible character"
        return f"has {what} (U+{ord(odd):04X}) in front of the =; names have letters, digits and _ only"
    shown = repr(name) if _SHOWN.fullmatch(name) else "what stands in front of the ="
    return f"{shown} is no name of a setting; names have letters, digits and _ only"


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
    if value and value[0] in _TYPOGRAPHIC and value[-1] in _TYPOGRAPHIC:
        raise ValueError("is in typographic quotes, as word processors make them; write '...' or \"...\"")
    if "\t#" in value:
        raise ValueError("has a tab in front of the #, so that no comment starts; write a blank, or quote the value")
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
    if match.group(1) or match.group(2):  # which may be a piece of a password, so it is not repeated
        did = "Compose would put the value of a variable here, or nothing"
    elif match.group() == "$$":
        did = "Compose would make one $ of the two"
    else:
        did = "Compose would look for a variable's name in the braces"
    raise ValueError(f"has a $ {where}: {did}; write the value in '...' to keep the $")


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
