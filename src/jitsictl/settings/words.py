"""The types that are words, names or text. See settings.kinds."""

from __future__ import annotations

import re
import warnings
from typing import List

from jitsictl.settings.addresses import items
from jitsictl.settings.characters import refuse, refuse_characters

_WORD = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9._-]*")
_NUMBER = re.compile(
    r"\s*[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|0[xXbBoO][0-9A-Fa-f]+)\s*"
)
_SHELL = re.compile(r"[\s$;&|<>()*?\[\]{}!#~^:]")


def timezone(value: str, _: str) -> str:
    """The shape only: which zones there are is the host's to tell (settings.check)."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}", value):
        raise ValueError("is no time zone; write a name such as Europe/Amsterdam or UTC")
    return value


def enum(value: str, argument: str) -> str:
    """One of a|b|!c; a choice with ! is known and cannot be had yet."""
    choices = argument.split("|")
    for choice in choices:
        if value.lower() == choice.lstrip("!").lower():
            if choice.startswith("!"):
                raise ValueError(f"is something that this package cannot do yet; write {either(ready(argument))}")
            return choice
    raise ValueError(f"is none of the choices; write {either(ready(argument))}")


def ready(argument: str) -> List[str]:
    return [choice for choice in argument.split("|") if not choice.startswith("!")]


def either(choices: List[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]


def choices(value: str, argument: str) -> str:
    """Some of a|b, with commas between them."""
    return ",".join(enum(item, argument) for item in items(value))


def listing(value: str, _: str) -> str:
    """Items that templates put into quotes one by one."""
    found = items(value)
    for item in found:
        if re.search(r"\s", item):
            raise ValueError(f"has a blank in {item!r}; write items with commas between them")
    return ",".join(found)


def words(value: str, argument: str) -> str:
    """Single words with commas between them, or with `blank` with blanks."""
    blank = argument == "blank"
    found = value.split() if blank else items(value)
    for item in found:
        if not _WORD.fullmatch(item):
            between = "blanks" if blank else "commas"
            raise ValueError(f"has {item!r}, which is no single word; write words with {between} between them")
    if not found:
        raise ValueError("has no word; write one or more, with blanks between them")
    return (" " if blank else ",").join(found)


def word(value: str, _: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError("is no single word; write letters, digits, `.`, `_` and `-` only")
    return value


def name(value: str, _: str) -> str:
    """What others call something: of a key, a tenant, a machine."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/@:-]*", value):
        raise ValueError("is no name; write letters, digits, `.`, `_`, `/`, `@`, `:` and `-` only")
    return value


def colour(value: str, _: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError("is no colour; write it as #336699, in quotes since # begins a comment")
    return value.lower()


def flags(value: str, _: str) -> str:
    """Chromium's, each of which becomes one argument."""
    found = items(value)
    for item in found:
        if not re.fullmatch(r"--[a-z][a-z0-9-]*(?:=[^\s,]+)?", item):
            raise ValueError(f"has {item!r}, which is no flag; write them as --kiosk,--start-maximized")
    return ",".join(found)


def language(value: str, _: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(?:[-_]?[A-Za-z0-9]{2,8}){0,2}", value):
        raise ValueError("is no language; write its code, such as en or pt-BR")
    return value


def path(value: str, _: str) -> str:
    """An absolute path that a shell, Compose and a list of directories all take as one word."""
    parts = [part for part in value.split("/") if part not in ("", ".")]
    if not value.startswith("/") or ".." in parts or not parts or _SHELL.search(value):
        raise ValueError(
            "is no path to use; write an absolute one, without blanks, `:`, `$`, `..` and the shell's marks"
        )
    return "/" + "/".join(parts)


def folder(value: str, _: str) -> str:
    """A path below the page's address, as nginx's locations have it."""
    if not re.fullmatch(r"/?[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*/?", value):
        raise ValueError("is no folder; write letters, digits, `_` and `-`, as in rtc-visualizer")
    return value.strip("/")


_IMAGE = r"[a-z0-9][a-z0-9._-]*(?::[0-9]+)?(?:/[a-z0-9._-]+)*"


def image(value: str, argument: str) -> str:
    """A registry and folder; with `whole` an image, with its tag or digest or both."""
    if argument == "whole":
        if not re.fullmatch(rf"{_IMAGE}(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?(?:@sha256:[0-9a-f]{{64}})?", value):
            raise ValueError("is no image; write it as ghcr.io/d3473r/jitsi-keycloak:main, or with @sha256:... behind")
        return value
    if not re.fullmatch(r"[a-z0-9._-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)*", value):
        raise ValueError("is no image repository; write it as ghcr.io/jitsi or 127.0.0.1:5000/jitsi")
    return value


def release(value: str, _: str) -> str:
    if not re.fullmatch(r"stable-[1-9][0-9]*(?:-[1-9][0-9]*)?", value):
        raise ValueError("is no release; write its tag, such as stable-11146-2")
    return value


def secret(value: str, argument: str) -> str:
    """With `word` it goes through a start script without quotes; with `line` it is the rest of a line in a file."""
    if argument == "line":
        return line(value, "")
    refuse(value)
    if re.search(r"\s", value):
        raise ValueError("has a blank, which the services' start scripts split at; write it without")
    if argument == "word" and (value.startswith("-") or re.search(r"[*?\[]", value)):
        raise ValueError("begins with - or has *, ? or [, which the services' start scripts read; write another")
    return value


def line(value: str, _: str) -> str:
    """One line of a file, up to its end: quotes and backslashes are as good as any character there."""
    refuse(value, "")
    if value != value.strip():
        raise ValueError("begins or ends with a blank, which gets lost; write it without")
    return value


def distinguished_name(value: str, _: str) -> str:
    """LDAP's distinguished names: ATTRIBUTE=VALUE, with commas between them."""
    line(value, "")
    parts = re.split(r"(?<!\\),", value)
    for part in parts:
        if not re.fullmatch(r"\s*[A-Za-z][A-Za-z0-9.-]*\s*=\s*\S.*", part):
            raise ValueError("is no place in a directory; write it as ou=people,dc=example,dc=com")
    return value


def ldap_filter(value: str, _: str) -> str:
    """An LDAP filter: one pair of brackets around all of it, or ATTRIBUTE=VALUE alone."""
    line(value, "")
    depth, whole = 0, not value.startswith("(")
    for place, char in enumerate(value):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth <= 0 and not whole:
            whole = place == len(value) - 1
            break
    if depth or not whole or "=" not in value or ("(" in value and not value.startswith("(")):
        raise ValueError("is no filter; write it with its brackets closed, as uid=%u or (&(uid=%u)(active=1))")
    return value


def ciphers(value: str, _: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9:!+@=._-]+", value):
        raise ValueError("is no list of ciphers; write names with : between them, as in SECURE256:SECURE128")
    return value


def regex(value: str, _: str) -> str:
    """A regular expression inside a JavaScript string; the parts that Python and JavaScript share."""
    refuse(value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what later Pythons will read in another way than JavaScript
            re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression ({error}); write one such as ^[a-z0-9-]+$") from None
    return value


def text(value: str, _: str) -> str:
    refuse(value)
    return value


def header(value: str, _: str) -> str:
    """The value of an HTTP header, inside double quotes in nginx's file: 'self' keeps its quotes."""
    refuse(value, '"\\`$')
    return value


def pem(value: str, _: str) -> str:
    """A private key, as lines or as Google hands it out in JSON, with \\n for them.

    Upstream's script makes JSON of it (jq --arg), so the service must get real line breaks.
    """
    whole = value.replace("\r\n", "\n").replace("\\n", "\n").strip("\n") + "\n"
    if not re.fullmatch(r"-----BEGIN [A-Z ]+-----\n(?:[A-Za-z0-9+/=]+\n)+-----END [A-Z ]+-----\n", whole):
        raise ValueError("is no private key; write it whole on one line, with \\n where its lines end")
    return whole


def prose(value: str, argument: str) -> str:
    """Text that Etherpad reads from its environment: anything, or with `line` no line breaks.

    Etherpad takes some words and all numbers for something else than text (its settings.json says so).
    """
    whole = value.replace("\r\n", "\n")
    refuse_characters(whole if argument == "line" else whole.replace("\n", " ").replace("\t", " "), "")
    if whole in ("true", "false", "null", "undefined") or _NUMBER.fullmatch(whole):
        raise ValueError("is a word or number that Etherpad does not take as text; write something around it")
    return whole
