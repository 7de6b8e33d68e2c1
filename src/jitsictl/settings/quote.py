"""Writing values so that what reads them gets them byte for byte: Compose, our reader, Lua, httpd, JavaScript, sh."""

from __future__ import annotations

import json
import shlex


def env_line(name: str, value: str) -> str:
    """A line for .env or an env_file, without the newline.

    Single quotes where they can hold the value, since a shell reads those the same way; else double
    ones with escapes. These two forms are what Compose 2.26 and 2.40 both hand on unchanged (tried
    with blanks, `#`, `$`, quotes, backslashes, newlines, 100,000 characters). ValueError: a NUL byte,
    which no environment can hold.
    """
    if "\0" in value:
        raise ValueError(f"{name} has a NUL byte")
    return f"{name}={_quoted(value)}"


def conf_line(name: str, value: str) -> str:
    """A line for jitsi.conf or secrets.conf that settings.read gives back as `value`.

    Plain where nothing needs a quote, as a person would write it. ValueError: a character that the
    grammar has no way to write (control characters other than a newline).
    """
    if any(ord(char) < 32 and char not in "\n\t" or ord(char) == 127 for char in value):
        raise ValueError(f"{name} has a control character")
    if value and not set(value) - _PLAIN:
        return f"{name}={value}"
    return f"{name}={_quoted(value)}"


def lua(text: str) -> str:
    """A Lua string literal on one line, ASCII only. UnicodeEncodeError: a lone surrogate."""
    inside = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode()
    )
    return f'"{inside}"'


def httpd(value: str) -> str:
    """One argument of an httpd directive. ValueError, to be read behind a setting's name: httpd would read another.

    A backslash before a quote or a backslash makes one character of both; for ${NAME} httpd has no such way.
    """
    if "${" in value:
        raise ValueError("has ${, which httpd replaces by a variable; write it without")
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) < 0xE000 for char in value):
        raise ValueError("has a control character, which httpd does not take; write it without")
    if len(value.encode()) > LONGEST_ARGUMENT:
        raise ValueError(f"has more than {LONGEST_ARGUMENT} bytes; write a shorter one")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def javascript(text: str) -> str:
    """A string literal of JavaScript on one line, ASCII only, that also may stand in a page's <script>.

    nginx looks for its own directives (<!--#) in config.js, so that no < is left.
    """
    return json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("\x7f", "\\u007f")


def shell(text: str) -> str:
    """One word of a command as one types it, plain where that will do. ValueError: a NUL byte, which no word holds."""
    if "\0" in text:
        raise ValueError("has a NUL byte")
    return shlex.quote(text)


LONGEST_ARGUMENT = 4096  # bytes; no path is longer
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,+-@%={}()[]")


def _quoted(value: str) -> str:
    if not set(value) & set("'\n\r") and not value.endswith("\\"):
        return f"'{value}'"
    for char, escape in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(char, escape)
    return f'"{value}"'
