"""What the admin's files ask for: jitsi.conf and secrets.conf, read, completed and found valid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.doors import files, host, process
from jitsictl.settings import catalogue, check
from jitsictl.settings.edit import edited
from jitsictl.settings.pin import pin, pinned
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import read_bytes
from jitsictl.settings.secrets import missing, renewed
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.release import Release
from jitsictl.types.settings import Line, NewLines, Problem, Settings

SECRETS_HEAD = (
    "# Passwords made by jitsictl: it adds what is missing, and only `jitsictl secrets rotate` replaces one.\n"
)


class SettingsWrong(Failure):
    """The settings are wrong: every problem on a line of its own. Nothing was touched."""

    def __init__(self, problems: List[Problem]) -> None:
        wrong = [problem for problem in problems if not problem.warning]
        super().__init__("\n".join(map(str, wrong)), Exit.SETTINGS)
        self.problems = problems


@dataclass(frozen=True)
class Intent:
    """Valid settings, the texts they came from, and what to warn of.

    `made` names secrets that were missing and `renewed` those with another value, both not yet on disk. `before` is
    jitsi.conf as it stands there.
    """

    settings: Settings
    release: Release
    conf: str
    secrets: str
    warnings: Tuple[Problem, ...] = ()
    made: Tuple[str, ...] = ()
    renewed: Tuple[str, ...] = ()
    before: str = ""


def wanted_release(paths: Paths) -> str:
    """The release that jitsi.conf pins, else the newest this package knows."""
    line = pin(read_bytes(_text(paths, "jitsi.conf"), paths.conf.name)[0])
    return line.value if line else releases.newest().tag


def lines(paths: Paths) -> Tuple[List[Line], List[Line]]:
    """The lines of jitsi.conf and secrets.conf as they stand, right or wrong. Failure: no jitsi.conf."""
    conf = read_bytes(_text(paths, "jitsi.conf"), str(paths.conf))[0]
    return conf, read_bytes(_text(paths, "secrets.conf"), str(paths.secrets))[0]


def problems(paths: Paths, source: Optional[Tuple[str, bytes]] = None) -> List[Problem]:
    """All that is wrong with jitsi.conf, and all to warn of; nothing is made or written.

    `source` is another file's name and content, examined as if it stood in jitsi.conf's place. Failure: no
    jitsi.conf, or it cannot be read.
    """
    name, data = source or (str(paths.conf), _text(paths, "jitsi.conf"))
    mode = files.mode_of(paths.conf) if source is None else 0
    return _examined(paths, _Source(name, data, _text(paths, "secrets.conf"), mode), None, False).problems


def read(
    paths: Paths,
    tag: Optional[str] = None,
    *,
    force: bool = False,
    renew: Sequence[str] = (),
    drafted: Optional[Tuple[bytes, bytes]] = None,
    put: NewLines = NewLines(),  # noqa: B008 - it cannot be changed
) -> Intent:
    """Read both files; missing secrets, and new ones for `renew`, are made in memory, to be written as a step.

    `drafted` are jitsi.conf and secrets.conf as they are about to be written, taken instead of the files. `put` is
    put into them in memory, too.

    `tag` replaces what jitsi.conf pins: a reload stays with the applied release, but a pin that is wrong
    is wrong all the same. `force` allows a release newer than this package knows. SettingsWrong: all
    problems at once, exit 5. Failure: no jitsi.conf, or it cannot be read.
    """
    before, kept = drafted or (_text(paths, "jitsi.conf"), _text(paths, "secrets.conf"))
    conf, kept = _with(before, put.conf), _with(kept, put.secrets)
    if renew:
        kept = renewed(kept.decode("utf-8-sig"), {name: _password() for name in renew}).encode()
    source = _Source(str(paths.conf), conf, kept, 0o600 if drafted else files.mode_of(paths.conf))
    found = _examined(paths, source, tag, force)
    if found.settings is None:
        raise SettingsWrong(found.problems)
    secrets, made = _completed(kept.decode("utf-8-sig"), found.conf, found.secrets, found.settings)
    settings: Optional[Settings] = found.settings
    if made:
        settings = _examined(paths, replace(source, secrets=secrets.encode()), tag, force).settings
    if settings is None:  # what was made here is not valid: a bug, but no reason for a traceback
        raise SettingsWrong(found.problems)
    _hide(settings)
    return Intent(
        settings, found.release, conf.decode("utf-8-sig"), secrets, tuple(found.problems), made, tuple(renew),
        before.decode("utf-8-sig"),
    )  # fmt: skip


def _with(data: bytes, values: Mapping[str, Optional[str]]) -> bytes:
    """The file with these settings; one that is no text as it is, for its problem to be told."""
    try:
        return edited(data.decode("utf-8"), values).encode() if values else data
    except UnicodeDecodeError:
        return data


@dataclass(frozen=True)
class _Source:
    """The texts to examine. `mode` is the permission bits of the first one."""

    name: str
    conf: bytes
    secrets: bytes
    mode: int


class _Examined(NamedTuple):
    """settings is None when any problem is an error."""

    settings: Optional[Settings]
    release: Release
    conf: List[Line]
    secrets: List[Line]
    problems: List[Problem]


def _examined(paths: Paths, source: _Source, tag: Optional[str], force: bool) -> _Examined:
    names = catalogue.load()
    conf, problems = read_bytes(source.conf, source.name)
    secrets, more = read_bytes(source.secrets, str(paths.secrets))
    release, wrong_pin = _release(conf, tag, force)
    settings, found = check.settle(
        pinned(conf, release.tag, source.name),
        secrets,
        names,
        [*releases.tags(), *([] if release.known else [release.tag])],
        zones=host.time_zones(),
        lenient_secrets=files.exists(paths.secrets) and not files.readable(paths.secrets),
        host=host.facts(paths.root),
    )
    if problems and not conf:
        found = []  # the file is no text, or not one line of it is a setting: what follows from that is no news
    lost = {problem.name for problem in problems if problem.name}  # a line that cannot be read is not missing as well
    found = [problem for problem in found if problem.line is not None or problem.name not in lost]
    told = [*problems, *more, *wrong_pin, *found, *_readable_by_others(source, check.secret_lines(conf, names))]
    wrong = any(not problem.warning for problem in told)
    return _Examined(
        None if wrong else settings, release, conf, secrets, check.in_order(told, [source.name, str(paths.secrets)])
    )


def _readable_by_others(source: _Source, secret_lines: List[Line]) -> List[Problem]:
    if not secret_lines or not source.mode & 0o077:
        return []
    what = f"holds {secret_lines[0].name}, and others than root can read it; write: chmod 600 {source.name}"
    return [Problem(what, source.name, None, True)]


def _release(conf: List[Line], tag: Optional[str], force: bool) -> Tuple[Release, List[Problem]]:
    """The release to plan for, and what is wrong with the pinned one; Failure: `tag` itself is wrong."""
    line = pin(conf)
    wrong: List[Problem] = []
    release = releases.newest()
    if line is not None:
        try:
            release = releases.get(line.value, force)
        except Failure as failure:
            what = f"{check.RELEASE}: {failure.what}"
            newest = f"{check.RELEASE}={release.tag}"
            wrong.append(Problem(what, line.file, line.number, False, check.RELEASE, newest))
    return (releases.get(tag, force) if tag is not None else release), wrong


def _hide(settings: Settings) -> None:
    """From now on no output shows a secret of this site."""
    for name in settings:
        if catalogue.load()[name].secret:
            process.secret(settings[name])


def _completed(text: str, conf: List[Line], kept: List[Line], settings: Settings) -> Tuple[str, Tuple[str, ...]]:
    """secrets.conf with what is missing appended; what stands there is never touched."""
    names = missing(conf, kept, catalogue.load(), settings)
    if not names:
        return text, ()
    head = text or SECRETS_HEAD
    if not head.endswith("\n"):
        head += "\n"
    return head + "".join(f"{conf_line(name, _password())}\n" for name in names), tuple(names)


def _password() -> str:
    """32 hexadecimal digits, upstream's own form."""
    import secrets as randomness  # most calls have nothing to make

    return randomness.token_hex(16)


def _text(paths: Paths, name: str) -> bytes:
    path = paths.conf.with_name(name)
    secret = name == "secrets.conf"
    if secret and not files.readable(path):
        return b""  # `check` runs as somebody else, who takes them as present
    data = files.read_bytes(path)
    if data is not None:
        return data
    if secret:
        return b""
    raise Failure(f"expected the settings in {path}, found no such file; make it with: jitsictl setup", Exit.SETTINGS)
