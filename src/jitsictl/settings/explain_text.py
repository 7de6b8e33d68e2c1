"""What there is to know of settings, in words for 80 columns."""

from __future__ import annotations

import textwrap
from typing import Iterable, Iterator, List, Optional, Sequence

from jitsictl.settings.explain import Explained, Group

WIDTH = 80
NOT_SET = "not set"


def whole(all_of: Sequence[Explained]) -> Iterator[str]:
    """All of each setting, with an empty line between two."""
    for number, each in enumerate(all_of):
        if number:
            yield ""
        yield from _one(each)


def _one(each: Explained) -> Iterator[str]:
    yield f"{each.name} ({each.group})"
    yield from _wrapped(each.help, "  ")
    rows = [("value", _value(each)), ("applied", _applied(each)), ("write", each.type), ("default", _default(each))]
    rows += [("services", _services(each))]
    rows += [("releases", each.releases), ("secret", _secret(each)), ("gone", each.replaced_by or "")]
    rows += [("wrong" if "warning: " not in problem else "warning", problem) for problem in each.problems]
    for label, text in rows:
        if text:
            yield from _wrapped(f"{label:<10}{text}", "  ", " " * 12)


def _services(each: Explained) -> str:
    if each.javascript:
        return f"web, by lines in its custom-*.js that set {' and '.join(each.javascript)}"
    return ", ".join(each.services) or "none: jitsictl and Compose alone read it"


def short(all_of: Sequence[Explained]) -> Iterator[str]:
    """One line a setting: its value, its default, where the value comes from; long values have lines of their own."""
    for each in all_of:
        default = each.default if each.default is not None else each.image_default
        instead = "" if default is None else f", not {_shown(default)}"
        text = f"{each.name}={_shown(each.value or '')}  ({each.origin}{instead})"
        yield from _wrapped(text, "", "  ")


def listing(all_of: Sequence[Explained]) -> Iterator[str]:
    """One line a setting: its name, and its help as far as it fits."""
    width = min(max((len(each.name) for each in all_of), default=0), WIDTH // 2)
    for each in all_of:
        room = max(20, WIDTH - 2 - max(width, len(each.name)))
        told = textwrap.shorten(each.replaced_by or each.help, room, placeholder=" ...", break_on_hyphens=False)
        yield f"{each.name:<{width}}  {told}"


def overview(groups: Iterable[Group]) -> Iterator[str]:
    """The groups, and how to see what is in one."""
    for group in groups:
        yield f"{group.name:<15}{group.title:<40}{group.settings:>4} settings"
    yield "List those of one: jitsictl explain --group GROUP"


def _value(each: Explained) -> str:
    note = f"; {each.note}" if each.note else ""
    if each.value is None:
        return each.note or NOT_SET
    return f"{_shown(each.value)}, {'the ' if each.origin == 'default' else 'from '}{each.origin}{note}".replace(
        "from derived", "derived"
    )


def _applied(each: Explained) -> str:
    if each.applied is None:
        return ""
    if each.secret and each.applied:
        return "another value; see jitsictl plan"
    return f"{_shown(each.applied) if each.applied else NOT_SET}; see jitsictl plan"


def _default(each: Explained) -> str:
    if each.generated:
        return "made by itself"
    if each.default is not None:
        return _shown(each.default)
    return "none" if each.image_default is None else f"{_shown(each.image_default)}, the images' own"


def _secret(each: Explained) -> str:
    if not each.secret:
        return ""
    return "made by itself, in secrets.conf" if each.generated else "belongs into secrets.conf"


def _shown(value: str) -> str:
    return value.replace("\n", "\\n") if value.strip() else ("a blank" if value else "empty")


def _wrapped(text: str, indent: str, more: Optional[str] = None) -> List[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent if more is None else more,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
