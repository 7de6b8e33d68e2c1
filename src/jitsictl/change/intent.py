"""What the admin's files ask for: jitsi.conf and secrets.conf, read, completed and found valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from jitsictl import releases
from jitsictl.doors import files, host, process
from jitsictl.settings import catalogue, check
from jitsictl.settings.pin import pin, pinned
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import read_bytes
from jitsictl.settings.secrets import missing
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.release import Release
from jitsictl.types.settings import Line, Problem, Settings

SECRETS_HEAD = "# Passwords made by jitsictl. It only ever adds what is missing; nothing here is meant to be read.\n"


class SettingsWrong(Failure):
    """The settings are wrong: every problem on a line of its own. Nothing was touched."""

    def __init__(self, problems: List[Problem]) -> None:
        wrong = [problem for problem in problems if not problem.warning]
        super().__init__("\n".join(map(str, wrong)), Exit.SETTINGS)
        self.problems = problems


@dataclass(frozen=True)
class Intent:
    """Valid settings, the texts they came from, and what to warn of. `made` names secrets not yet on disk."""

    settings: Settings
    release: Release
    conf: str
    secrets: str
    warnings: Tuple[Problem, ...] = ()
    made: Tuple[str, ...] = ()


def wanted_release(paths: Paths) -> str:
    """The release that jitsi.conf pins, else the newest this package knows."""
    line = pin(read_bytes(_text(paths, "jitsi.conf"), paths.conf.name)[0])
    return line.value if line else releases.newest().tag


def read(paths: Paths, tag: Optional[str] = None, *, force: bool = False) -> Intent:
    """Read both files; missing secrets are made in memory, for the caller to write as a step.

    `tag` replaces what jitsi.conf pins: a reload stays with the applied release, but a pin that is wrong
    is wrong all the same. `force` allows a release newer than this package knows. SettingsWrong: all
    problems at once, exit 5. Failure: no jitsi.conf, or it cannot be read.
    """
    conf_bytes, secret_bytes = _text(paths, "jitsi.conf"), _text(paths, "secrets.conf")
    conf, problems = read_bytes(conf_bytes, str(paths.conf))
    kept, more = read_bytes(secret_bytes, str(paths.secrets))
    problems = [*problems, *more]
    release, wrong_pin = _release(conf, tag, force)
    conf = pinned(conf, release.tag, str(paths.conf))

    def settle(secret_lines: List[Line]) -> Optional[Settings]:
        tags = [*releases.tags(), *([] if release.known else [release.tag])]
        lenient = files.exists(paths.secrets) and not files.readable(paths.secrets)
        settings, found = check.settle(
            conf, secret_lines, catalogue.load(), tags, zones=host.time_zones(), lenient_secrets=lenient
        )
        problems[:] = check.in_order([*problems, *wrong_pin, *found], [str(paths.conf)])
        return settings

    settings = settle(kept)
    if settings is None or any(not problem.warning for problem in problems):
        raise SettingsWrong(problems)
    warnings = tuple(problems)
    secret_text, made = _completed(secret_bytes.decode("utf-8-sig"), conf, kept, settings)
    if made:
        settings = settle(read_bytes(secret_text.encode(), str(paths.secrets))[0])
    if settings is None:  # what was made here is not valid: a bug, but no reason for a traceback
        raise SettingsWrong(problems)
    _hide(settings)
    return Intent(settings, release, conf_bytes.decode("utf-8-sig"), secret_text, warnings, made)


def _release(conf: List[Line], tag: Optional[str], force: bool) -> Tuple[Release, List[Problem]]:
    """The release to plan for, and what is wrong with the pinned one; Failure: `tag` itself is wrong."""
    line = pin(conf)
    wrong: List[Problem] = []
    release = releases.newest()
    if line is not None:
        try:
            release = releases.get(line.value, force)
        except Failure as failure:
            wrong.append(Problem(f"JITSI_IMAGE_VERSION: {failure.what}", line.file, line.number))
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
    import secrets as randomness  # most calls have nothing to make

    head = text or SECRETS_HEAD
    if not head.endswith("\n"):
        head += "\n"
    return head + "".join(f"{conf_line(name, randomness.token_hex(16))}\n" for name in names), tuple(names)


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
