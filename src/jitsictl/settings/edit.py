"""Settings put into the text of jitsi.conf, or taken out: every other line, and every comment, stays as it is."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional

from jitsictl.settings.quote import conf_line, env_line
from jitsictl.settings.read import parse, value_at

_MARK = "\ufeff"  # a byte order mark


def edited(text: str, values: Mapping[str, Optional[str]]) -> str:
    """The text with these settings: each in its own line, else behind the last one; None takes its line away.

    A comment behind a value stays, and a line that says the same already is not touched. ValueError: a character
    that the grammar has no way to write.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    lines: List[Optional[str]] = list(text[len(mark) :].split("\n"))  # as the reader counts them
    places: Dict[str, int] = {}
    for line in parse(text[len(mark) :], "")[0]:
        if line.name not in values:
            continue
        if line.name in places:
            lines[places[line.name]] = None  # the last one counts
        places[line.name] = line.number - 1
        wanted = values[line.name]
        if wanted is None:
            lines[line.number - 1] = None
        elif wanted != line.value:
            lines[line.number - 1] = _with_value(str(lines[line.number - 1]), line.name, wanted)
    end = "\r" if "\r\n" in text else ""
    new = [conf_line(name, value) for name, value in values.items() if name not in places and value is not None]
    kept = [line for line in lines if line is not None]
    if not new:
        return mark + "\n".join(kept)
    if kept[-1:] == [""]:
        kept.pop()  # it ends with a newline, as the new lines will
    elif kept:
        kept[-1] = kept[-1].rstrip("\r") + end
    return mark + "\n".join([*kept, *(line + end for line in new), ""])


def _with_value(raw: str, name: str, value: str) -> str:
    """The line with another value. In quotes it stays in quotes: behind them a tab may lead to a comment."""
    start, end = value_at(raw)
    line = conf_line(name, value)
    if raw[start : start + 1] in ("'", '"'):
        line = env_line(name, value)
    behind = raw[end:]
    comment = behind.lstrip()
    if comment and behind[: -len(comment)].strip(" \t"):  # other blanks lead to one behind an unquoted value only
        behind = f" {comment}"
    return raw[:start] + line.partition("=")[2] + behind
