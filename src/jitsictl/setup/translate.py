"""What becomes of each line of an upstream .env: kept, translated, moved to secrets.conf, or dropped. Pure.

Upstream's file and ours have most names in common. What differs is named here, a function a setting, or follows from
the catalogue: names that are gone, defaults, who reads what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import AbstractSet, Callable, Dict, List, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from jitsictl import releases
from jitsictl.settings import kinds, pads
from jitsictl.settings.catalogue import reads, span
from jitsictl.settings.check import RELEASE
from jitsictl.settings.derive import ETHERPAD_INSIDE, WHITEBOARD_INSIDE
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Catalogue, Entry, Line

KEPT, TRANSLATED, SECRET, DROPPED = "kept", "translated", "to secrets.conf", "dropped"


@dataclass(frozen=True)
class Fate:
    """One assignment of the .env and what becomes of it. `gives`: the line of ours that it turns into.

    `why` says what is not plain from the verdict; it holds no secret.
    """

    line: Line
    verdict: str
    why: str = ""
    gives: Optional[Line] = None

    def __str__(self) -> str:
        text = f"{self.line.file}:{self.line.number}: {self.line.name} {self.verdict}"
        return f"{text}: {self.why}" if self.why else text


@dataclass(frozen=True)
class Source:
    """What the lines of a .env are judged by. `last` is the line that counts for each name.

    given: what somebody answered, which goes before the file; drop: names to leave out; home and directory: what
    a path in the file starts from, as it did for Compose.
    """

    catalogue: Catalogue
    release: str
    last: Dict[str, Line]
    given: Mapping[str, str]
    drop: AbstractSet[str]
    home: str
    directory: str

    def value(self, name: str) -> str:
        """What the site has for a name, "" without anything."""
        return self.given.get(name) or (self.last[name].value if name in self.last else "")


def fates(lines: Sequence[Line], source: Source) -> List[Fate]:
    """One fate for each line, in order. What is wrong with a line is kept as it stands, for check to say."""
    return [_fate(line, source) for line in lines]


def read_here(entry: Entry) -> bool:
    """Whether a service that this package can run, or the package itself, reads a setting."""
    return not entry.services or any(service in releases.services() for service in entry.services)


def _fate(line: Line, source: Source) -> Fate:
    if line.name in source.drop:
        return Fate(line, DROPPED, "as --drop says")
    last = source.last[line.name]
    if last is not line:
        return Fate(line, DROPPED, f"line {last.number} sets it again, and the last one counts")
    if line.name in source.given:
        return Fate(line, DROPPED, "another value was given")
    entry = source.catalogue.get(line.name)
    if entry is None:
        return _kept(line, line.value)
    if not line.value:
        return Fate(line, DROPPED, "it is empty, which is as if it were not there")
    own = _OWN[line.name](line, source) if line.name in _OWN else None
    return own or _by_catalogue(line, entry, source)


def _by_catalogue(line: Line, entry: Entry, source: Source) -> Fate:
    still_read = entry.last is not None and reads(entry, source.release)
    if entry.replaced_by and not still_read:
        return _gone(line, entry.replaced_by, source)
    if not reads(entry, source.release):
        return Fate(line, DROPPED, f"only {span(entry)} read it")
    if not read_here(entry):
        return Fate(line, DROPPED, f"no service of this package reads it ({', '.join(entry.services)} would)")
    if entry.type == "duration" and re.fullmatch("[0-9]+", line.value):
        value = f"{line.value} seconds"
        return _translated(line, line.name, value, "without a unit it would be thousandths of a second now")
    try:
        value = kinds.normalise(entry.type, line.value)
    except ValueError:
        return _kept(line, line.value)
    if entry.secret:
        return Fate(line, SECRET, "", _line(line, line.name, value))
    if value == entry.default:
        return Fate(line, DROPPED, "it is the default")
    if entry.default is None and value == entry.image_default:
        return Fate(line, DROPPED, "it is the images' own default")
    return _kept(line, value)


def _gone(line: Line, replaced_by: str, source: Source) -> Fate:
    """A catalogue's `write NAME instead` hands the value on where the new name takes it."""
    match = re.fullmatch(r"write ([A-Z][A-Z0-9_]+) instead", replaced_by)
    entry = source.catalogue.get(match.group(1)) if match else None
    if entry is None:
        return Fate(line, DROPPED, replaced_by.replace("; delete the line", ""))
    if source.value(entry.name):
        return Fate(line, DROPPED, f"{entry.name}, which replaced it, is set as well")
    try:
        value = kinds.normalise(entry.type, line.value)
    except ValueError:
        return Fate(line, DROPPED, f"{replaced_by}, which has values of another kind")
    return _translated(line, entry.name, value, f"{line.name} is its old name")


def _line(line: Line, name: str, value: str) -> Line:
    return Line(name, value, line.file, line.number)


def _kept(line: Line, value: str) -> Fate:
    verdict, why = (KEPT, "") if value == line.value else (TRANSLATED, _assignment(line.name, value))
    return Fate(line, verdict, why, _line(line, line.name, value))


def _translated(line: Line, name: str, value: str, why: str) -> Fate:
    return Fate(line, TRANSLATED, f"{_assignment(name, value)}; {why}", _line(line, name, value))


def _assignment(name: str, value: str) -> str:
    return f"{name}={value}" if len(value) <= 60 and "\n" not in value else name


def _config(line: Line, source: Source) -> Optional[Fate]:
    """Where accounts are must not hang on a default, so the line always stays."""
    path = line.value
    if path == "~" or path.startswith("~/"):
        path = source.home + path[1:]
        return _translated(line, line.name, path, "~ was the home directory of whoever started Compose")
    if not path.startswith("/"):
        path = f"{source.directory}/{path[2:] if path.startswith('./') else path}"
        return _translated(line, line.name, path, f"it was relative to {source.directory}")
    return _kept(line, path)


def _listen(line: Line, _: Source) -> Optional[Fate]:
    if not re.fullmatch("[0-9]+", line.value):
        return None
    return _translated(
        line, line.name, f"127.0.0.1:{line.value}",
        "without an address it is open on all of them, past the firewall and without TLS",
    )  # fmt: skip


def _https_port(line: Line, source: Source) -> Optional[Fate]:
    """Published with the container's own TLS alone, which is off unless the .env says so itself."""
    if _off(source.value("DISABLE_HTTPS")):
        return None
    return Fate(line, DROPPED, "TLS ends at Apache here (DISABLE_HTTPS=1), so nothing would listen there")


def _off(value: str) -> bool:
    try:
        return kinds.normalise("bool", value) == "0"
    except ValueError:
        return False


def _own_etherpad(source: Source) -> bool:
    inside = urlsplit(ETHERPAD_INSIDE).hostname
    return urlsplit(source.value("ETHERPAD_URL_BASE")).hostname == inside


def _etherpad_url_base(line: Line, source: Source) -> Optional[Fate]:
    if not _own_etherpad(source):
        return None
    return _translated(line, "ETHERPAD", "1", "the address follows from it")


def _whiteboard_url_base(line: Line, _: Source) -> Optional[Fate]:
    if urlsplit(line.value).hostname != urlsplit(WHITEBOARD_INSIDE).hostname:
        return None
    return _translated(line, "WHITEBOARD", "1", "the address follows from it")


def _etherpad_public_url(line: Line, source: Source) -> Optional[Fate]:
    """An address of its own stays, so that saved links and Apache's block for it lead to the pads as before."""
    if _own_etherpad(source) and line.value == pads.built_in(source.value("PUBLIC_URL").rstrip("/")):
        return Fate(line, DROPPED, "it is where the page itself has its pads")
    return None


def _image_repo(line: Line, _: Source) -> Optional[Fate]:
    usual = {release.repository for release in releases.known()}
    if line.value in usual or line.value in {f"docker.io/{name}" for name in usual}:
        return Fate(line, DROPPED, "where upstream's images are follows from the release")
    return None


def _image_version(line: Line, source: Source) -> Optional[Fate]:
    """A release that is too old to run here was upstream's; what is newer than all known is for check to refuse."""
    try:
        releases.get(line.value, force=True)
    except Failure:
        first, last = releases.tags()[0], releases.tags()[-1]
        return Fate(line, DROPPED, f"this package runs {first} to {last}, and {source.release} unless another is given")
    return None


_OWN: Dict[str, Callable[[Line, Source], Optional[Fate]]] = {
    "CONFIG": _config,
    "HTTP_PORT": _listen,
    "HTTPS_PORT": _https_port,
    pads.PORT: _listen,
    "ETHERPAD_URL_BASE": _etherpad_url_base,
    pads.PUBLIC_URL: _etherpad_public_url,
    "WHITEBOARD_COLLAB_SERVER_URL_BASE": _whiteboard_url_base,
    "JITSI_IMAGE_REPO": _image_repo,
    RELEASE: _image_version,
}
