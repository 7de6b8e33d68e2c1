"""The types that are a piece of a program's configuration: Lua, HOCON, JavaScript, Java's properties.

Each is read by the grammar of its data, as upstream's template will have written it: what is assigned must be a
constant, so brackets and quotes are closed and nothing behind the value is swallowed. Comments and code are no part
of these grammars.
"""

from __future__ import annotations

import json
import re
from typing import Any, List

from jitsictl.settings.addresses import items
from jitsictl.settings.characters import refuse, refuse_characters

_DEEPEST = 20  # brackets inside each other; nobody needs more, and the readers call themselves for each


def _token(pattern: str) -> str:
    """A pattern, not compiled: most files have no fragment, and need not pay for it."""
    return rf"\s*(?:{pattern})"


_OPEN, _CLOSE, _OPEN_SQUARE, _CLOSE_SQUARE = _token(r"\{"), _token(r"\}"), _token(r"\["), _token(r"\]")
_COMMA, _SEMICOLON, _SEPARATOR, _EQUALS = _token(","), _token(";"), _token("[,;]"), _token("=(?!=)")
_NUMBER = _token(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![\w.])")
_LUA_KEYWORDS = (
    "and|break|do|else|elseif|end|false|for|function|goto|if|in|local|nil|not|or|repeat|return|then|true|until|while"
)
_LUA_NAME = _token(rf"(?!(?:{_LUA_KEYWORDS})\b)[A-Za-z_]\w*")
_LUA_FIELD = _token(rf"(?!(?:{_LUA_KEYWORDS})\b)[A-Za-z_]\w*\s*=(?!=)")
_LUA_WORD = _token(r"(?:true|false|nil)\b")
_LUA_STRING = _token(r""""[^"\\\n]*"|'[^'\\\n]*'""")
_HOCON_KEY = _token(r'(?:"[^"\\]*"|[A-Za-z0-9_-]+)\s*[:=]')
_HOCON_VALUE = _token(r'"[^"\\]*"|[A-Za-z][A-Za-z0-9_-]*')


class _Reader:
    """A text that is read from left to right, token by token."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.depth = text, 0, 0

    def take(self, token: str) -> bool:
        match = re.compile(token, re.ASCII).match(self.text, self.place)
        self.place = match.end() if match else self.place
        return match is not None

    def next(self) -> str:
        return self.text[self.place :].lstrip()[:1]

    def need(self, token: str, what: str) -> None:
        if not self.take(token):
            raise self.expected(what)

    def expected(self, what: str) -> ValueError:
        rest = self.text[self.place :].lstrip()
        if not rest:
            return ValueError(f"ends where {what} must be")
        return ValueError(f"has {rest[0]} at character {len(self.text) - len(rest) + 1} where {what} must be")

    def deeper(self, by: int) -> None:
        self.depth += by
        if self.depth > _DEEPEST:
            raise ValueError(f"has more than {_DEEPEST} brackets inside each other")


_LUA_ADVICE = {
    "commas": 'write NAME = VALUE with commas between them, and ; between the items of a table, as {"a"; "b"}',
    "lines": "write NAME = VALUE with \\n between them",
    "items": 'write items of a table, as {levels = {min = "info"}, to = "console"};',
}


def lua(value: str, argument: str) -> str:
    r"""Settings of Prosody, in the shape that upstream's template takes them.

    `commas`: every comma becomes a line break, even one inside a table or string. `lines` and `items`: \n becomes
    one; `items` stand in a table, the others are NAME = VALUE.
    """
    if argument == "commas":
        written = value.replace(",", "\n")
        refuse(value, "`\\")
    else:
        value = value.replace("\r\n", "\n").replace("\n", "\\n")  # a line break in a .env says the same
        written = value.replace("\\n", "\n")
        refuse(written.replace("\n", " "), "`\\")
    reader = _Reader(written)
    try:
        if argument == "items":
            _lua_items(reader)
            if reader.next():
                raise reader.expected("; between two items")
        else:
            _lua_statements(reader)
    except ValueError as error:
        raise ValueError(f"{error}; {_LUA_ADVICE[argument]}") from None
    return value.strip()


def _lua_statements(reader: _Reader) -> None:
    while reader.next():
        reader.need(_LUA_NAME, "a name")
        if reader.take(_EQUALS):
            _lua_value(reader)
        else:
            reader.need(_LUA_STRING, "=")  # Include "file"; Component "name" "module"
            reader.take(_LUA_STRING)
        reader.take(_SEMICOLON)


def _lua_value(reader: _Reader) -> None:
    if reader.take(_LUA_STRING) or reader.take(_NUMBER) or reader.take(_LUA_WORD):
        return
    reader.need(_OPEN, "a value")
    reader.deeper(1)
    _lua_items(reader)
    reader.need(_CLOSE, "}")
    reader.deeper(-1)


def _lua_items(reader: _Reader) -> None:
    while reader.next() not in ("", "}"):
        if reader.take(_OPEN_SQUARE):
            _lua_value(reader)
            reader.need(_CLOSE_SQUARE, "]")
            reader.need(_EQUALS, "=")
        else:
            reader.take(_LUA_FIELD)
        _lua_value(reader)
        if not reader.take(_SEPARATOR):
            return


def hocon(value: str, argument: str) -> str:
    """A value of HOCON; with `items` what stands between the brackets of a list."""
    refuse(value, "'`\\")
    reader = _Reader(value)
    try:
        if argument == "items":
            _hocon_values(reader, "")
        else:
            _hocon_value(reader)
        if reader.next():
            raise reader.expected("the end")
    except ValueError as error:
        advice = '["us-east", "us-west"], ["eu"]' if argument == "items" else "{ 50 = 1000, 100 = 2000 }"
        raise ValueError(f"{error}; write it as {advice}") from None
    return value.strip()


def _hocon_value(reader: _Reader) -> None:
    if reader.take(_NUMBER) or reader.take(_HOCON_VALUE):
        return
    reader.deeper(1)
    if reader.take(_OPEN_SQUARE):
        _hocon_values(reader, "]")
        reader.need(_CLOSE_SQUARE, "]")
    else:
        reader.need(_OPEN, "a value")
        _hocon_fields(reader)
        reader.need(_CLOSE, "}")
    reader.deeper(-1)


def _hocon_values(reader: _Reader, end: str) -> None:
    while reader.next() not in ("", end):
        _hocon_value(reader)
        if not reader.take(_COMMA):
            return


def _hocon_fields(reader: _Reader) -> None:
    while reader.next() not in ("", "}"):
        reader.need(_HOCON_KEY, "a name and =")
        _hocon_value(reader)
        if not reader.take(_COMMA):
            return


def javascript(value: str, _: str) -> str:
    """An object, as JSON: that is JavaScript, and the only part of it that a value can be checked as."""
    refuse_characters(value, "")
    try:
        found = json.loads(value, parse_constant=_no_constant)
        if not isinstance(found, dict):
            raise ValueError("no object")
        return json.dumps(found, allow_nan=False).replace("<", "\\u003c")
    except (ValueError, RecursionError):
        raise ValueError('is no JSON object; write it as {"url": "https://example.com"}') from None


def comment(value: str, _: str) -> str:
    r"""Lines of a JavaScript file that do nothing; upstream's template makes line breaks of \n."""
    value = value.replace("\r\n", "\n").replace("\n", "\\n")
    lines = [line.strip() for line in value.split("\\n")]
    refuse("".join(lines), "")
    if not all(line.startswith("//") or not line for line in lines) or not any(lines):
        raise ValueError("is more than a comment; begin each of its lines with //, and write \\n between them")
    return "\\n".join(lines)


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def array(value: str, argument: str) -> str:
    """An array of words in JavaScript; `a,b`, `["a", "b"]` and `['a']` are all understood, a|b are all there are."""
    inside = value.strip()
    if inside.startswith("[") and inside.endswith("]"):
        inside = inside[1:-1]
    found = [_unquoted(item) for item in inside.split(",")] if inside.strip() else []
    if argument:
        known = argument.split("|")
        found = [item.upper() for item in found]
        if not found or not set(found) <= set(known) or len(set(found)) < len(found):
            raise ValueError(
                f"is no list of these; write some of {','.join(known)}, each once, the first one preferred"
            )
    elif not all(re.fullmatch(r"[A-Za-z0-9_-]+", item) for item in found):
        raise ValueError("is no list of words; write them with commas between them, as en,nl")
    return json.dumps(found)


def _unquoted(item: str) -> str:
    item = item.strip()
    return item[1:-1] if len(item) > 1 and item[0] == item[-1] and item[0] in "\"'" else item


def properties(value: str, _: str) -> str:
    """Lines of a Java properties file, with commas between them: a backslash would join it to the next line."""
    refuse(value, "\\")
    found: List[str] = items(value)
    for item in found:
        if not re.fullmatch(r"[A-Za-z0-9._-]+\s*=.*", item):
            raise ValueError(f"has {item!r}, which is no property; write NAME=VALUE, with commas between them")
    return ",".join(found)
