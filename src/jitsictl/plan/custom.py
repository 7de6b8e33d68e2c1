"""Our lines in the admin's custom-config.js and custom-interface_config.js, between two marks at the file's end.

Images append these files as text to what they render, so that the last assignment wins. All else in a file stays as
it is, byte for byte.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from jitsictl.settings import quote
from jitsictl.settings.javascript import Unclosed, assigned
from jitsictl.settings.pads import built_in
from jitsictl.types.change import Block, Change, PadsServed, Step
from jitsictl.types.settings import Catalogue, Entry, Settings
from jitsictl.types.site import Applied

CONFIG_JS = "web/custom-config.js"  # below CONFIG
FILES = {"config": CONFIG_JS, "interfaceConfig": "web/custom-interface_config.js"}  # by the object that each fills
RENDERED = "web/config.js"  # where images up to stable-11031 keep it
PADS = "etherpad_base"

BEGIN = "// >>> from jitsi.conf: jitsictl writes these lines anew, and keeps them last in this file"
END = "// <<< jitsictl"
_BEGIN, _END = re.escape(BEGIN), re.escape(END)
_BLOCK = re.compile(rf"\n?^{_BEGIN}\r?\n(?:(?!{_BEGIN}).*\n)*?{_END}[^\n]*(?:\n|\Z)".encode(), re.MULTILINE)

# The tutorial's line: // etherpad_base: 'https://meet.darkstar.lan/pad/p/',
_OLD_LINE = re.compile(r"^([ \t]*)(?://[ \t]*)?etherpad_base[ \t]*:[ \t]*(['\"]).*?\2[ \t]*,?[ \t]*$", re.MULTILINE)


class NoEnd(ValueError):
    """The mark at the beginning has none at the end; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"{END} is missing")
        self.line = line


def name_of(path: str) -> str:
    """Among a generation's files, where only our lines are."""
    return posixpath.basename(path)


def lines(settings: Settings, catalogue: Catalogue, pads: bool) -> Dict[str, str]:
    """Our lines by file, below CONFIG; "" where there are none. `pads`: one for etherpad_base, too."""
    found: Dict[str, List[str]] = {path: [] for path in FILES.values()}
    for entry in catalogue.values():
        for target in entry.javascript if entry.name in settings else ():
            owner = target.partition(".")[0]
            found[FILES[owner]].append(_assignment(target, _literal(entry, settings[entry.name])))
    wanted = pads_wanted(settings)
    if pads and wanted:
        found[CONFIG_JS].append(_assignment(f"config.{PADS}", quote.javascript(wanted)))
    return {path: "".join(f"{line}\n" for line in each) for path, each in found.items()}


def pads_wanted(settings: Settings) -> str:
    """What etherpad_base is to be by the settings, "" for not set."""
    if settings.get("ETHERPAD_PUBLIC_URL"):
        return settings["ETHERPAD_PUBLIC_URL"]
    return built_in(settings["PUBLIC_URL"]) if settings.get("ETHERPAD_URL_BASE") else ""


def has_pads(applied: Optional[Applied]) -> bool:
    """Whether our lines, as they are applied, have one for etherpad_base: once it was needed, it stays."""
    return applied is not None and f"config.{PADS} = " in applied.files.get(name_of(CONFIG_JS), "")


def _assignment(target: str, literal: str) -> str:
    owner, *path = target.split(".")
    if len(path) == 1:
        return f"{target} = {literal};"
    return f"{owner}.{path[0]} = Object.assign({{}}, {owner}.{path[0]}, {{ {path[1]}: {literal} }});"


def _literal(entry: Entry, value: str) -> str:
    if entry.type == "bool":
        return "true" if value == "1" else "false"
    return quote.javascript(value)


def own(data: bytes) -> bytes:
    """A file without our lines. NoEnd: they have no end."""
    rest = _BLOCK.sub(_between, data)
    if re.search(rf"^{_BEGIN}".encode(), rest, re.MULTILINE):
        raise NoEnd(data.count(b"\n", 0, data.rindex(BEGIN.encode())) + 1)
    return rest


def _between(match: re.Match[bytes]) -> bytes:
    """What stays where our lines were: nothing, unless lines that were written behind them would join those before."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return b"\n" if before and after and not before.endswith(b"\n") else b""


def own_in_place(data: bytes) -> str:
    """A file's text with nothing where our lines are, so that the others keep their numbers. NoEnd: as in `own`."""
    own(data)
    return _BLOCK.sub(lambda match: b"\n" * match.group().count(b"\n"), data).decode("utf-8", "replace")


def whole(data: bytes, text: str) -> bytes:
    """The file with `text` as our lines, or without any when that is empty. NoEnd: as in `own`."""
    rest = own(data)
    if not text:
        return rest
    return rest + (b"\n" if rest else b"") + f"{BEGIN}\n{text}{END}\n".encode()


def steps(config: str, before: Mapping[str, bytes], after: Mapping[str, str]) -> Tuple[Step, ...]:
    """What brings the files, "" for one that is not there, to have the lines `after`."""
    return tuple(
        Block(f"{config}/{path}", text)
        for path, text in after.items()
        if whole(before.get(path, b""), text) != before.get(path, b"")
    )


def proved(change: Change, url: str) -> Change:
    """The change with a proof, before it is committed, that config.js leads to the pads there."""
    if not change:
        return change
    steps = (*change.steps[: change.commit], PadsServed(url), *change.steps[change.commit :])
    return replace(change, steps=steps, commit=change.commit + 1)


# -- what is served ----------------------------------------------------------------------------------------------


class Served(NamedTuple):
    """etherpad_base in a config.js as it is served.

    `value` None: not set, or not a plain string where `line`, of the last assignment, is not 0. `file` is where
    that line is, below CONFIG: CONFIG_JS, "" when an image rendered it. `unclosed`: the page's script does not parse.
    """

    value: Optional[str] = None
    file: str = ""
    line: int = 0
    unclosed: str = ""


def served(config_js: str, custom: bytes) -> Served:
    """`custom` is custom-config.js as it is on disk, which images append."""
    added = custom.decode("utf-8", "replace")
    before = len(config_js) - len(added)
    appended = bool(added) and config_js.endswith(added)
    first = config_js.count("\n", 0, before) if appended else 0

    def place(line: int) -> Tuple[str, int]:
        return (CONFIG_JS, line - first) if appended and line > first else ("", line)

    try:
        found = assigned(config_js, "config", PADS)
    except Unclosed as error:
        file, line = place(error.line)
        return Served(None, file, line, error.what)
    if not found:
        return Served()
    file, line = place(found[-1].line)
    return Served(found[-1].value, file, line)


def uncommented(config_js: str, page: str, url: str) -> Optional[str]:
    """An old config.js, of before images rendered it, with its line for pads made good; `page` is what is served.

    None: it has no such line, commented or not, or is not what is served. Others set etherpad_base in a statement.
    """
    match = _OLD_LINE.search(config_js)
    if match is None or match.group() not in page:
        return None
    line = f"{match.group(1)}etherpad_base: {quote.javascript(url)},"
    return f"{config_js[: match.start()]}{line}{config_js[match.end() :]}"
