"""Characters that no value may hold, since they would end the text that upstream's templates put around it."""

from __future__ import annotations

QUOTES = "\"'`\\"
_NAMES = {
    '"': 'a double quote (")',
    "'": "a quote (')",
    "`": "a back quote (`)",
    "\\": "a backslash (\\)",
    "$": "a dollar sign ($)",
    "\n": "a line break",
    "\r": "a carriage return",
    "\t": "a tab",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
}
# config.js stands inside the page's <script> and nginx looks for its own directives in it.
_MARKUP = ("<!--", "</script")


def refuse(value: str, characters: str = QUOTES) -> None:
    """ValueError when one of `characters`, a control character or a mark of the page's HTML is in `value`."""
    refuse_characters(value, characters)
    lowered = value.lower()
    for mark in _MARKUP:
        if mark in lowered:
            raise ValueError(f"has {mark}, which would end the page's script; write it without")


def refuse_characters(value: str, characters: str = QUOTES) -> None:
    """ValueError when one of `characters` or a control character is in `value`."""
    for place, char in enumerate(value, start=1):
        if char in characters or _breaks_lines(ord(char)):
            what = _NAMES.get(char, f"the control character 0x{ord(char):02x}")
            raise ValueError(
                f"has {what} at character {place}, which would break the services' configuration files; "
                "write it without"
            )


def _breaks_lines(code: int) -> bool:
    """C0, DEL and C1 controls, Unicode's line separators, and halves of a surrogate pair, which no file can hold."""
    return code < 32 or 127 <= code < 160 or code in (0x2028, 0x2029) or 0xD800 <= code < 0xE000
