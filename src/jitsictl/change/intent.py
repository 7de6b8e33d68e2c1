"""What the admin's files ask for: jitsi.conf and secrets.conf, read, completed and found valid."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass
from typing import List, Optional, Tuple

from jitsictl import releases
from jitsictl.change.generations import pinned
from jitsictl.doors import files, host
from jitsictl.settings import catalogue, check
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
    conf, _ = _lines(paths, paths.conf.name)
    for line in conf:
        if line.name == "JITSI_IMAGE_VERSION":
            return line.value
    return releases.newest().tag


def read(paths: Paths, tag: Optional[str] = None, *, force: bool = False) -> Intent:
    """Read both files; missing secrets are made in memory, for the caller to write as a step.

    `tag` replaces what jitsi.conf pins: a reload stays with the applied release. SettingsWrong: all
    problems at once, exit 5. Failure: no jitsi.conf, or it cannot be read.
    """
    conf_text = _text(paths, "jitsi.conf")
    conf, problems = read_bytes(conf_text, str(paths.conf))
    kept_text = _text(paths, "secrets.conf")
    kept, more = read_bytes(kept_text, str(paths.secrets))
    problems = [*problems, *more]
    if tag is not None:
        conf = pinned(conf, tag)
    release, settings = None, None
    if not any(not p.warning for p in problems):
        release = releases.get(tag or _pin(conf), force)
        tags = [*releases.tags(), *([] if release.known else [release.tag])]
        settings, found = check.settle(
            conf,
            kept,
            catalogue.load(),
            tags,
            zones=host.time_zones(),
            lenient_secrets=not files.readable(paths.secrets),
        )
        problems += found
    if settings is None or release is None:
        raise SettingsWrong(problems)
    secret_text, made = _completed(kept_text.decode(), conf, kept, settings)
    if made:
        lines, _ = read_bytes(secret_text.encode(), str(paths.secrets))
        settings, _ = check.settle(conf, lines, catalogue.load(), tags, zones=host.time_zones())
        if settings is None:
            raise SettingsWrong(problems)
    return Intent(
        settings,
        release,
        conf_text.decode("utf-8-sig"),
        secret_text,
        tuple(p for p in problems if p.warning),
        made,
    )


def repin(conf: str, tag: str) -> str:
    """The text of jitsi.conf with its pinned release replaced; unchanged when it pins none."""
    lines = conf.splitlines(keepends=True)
    for line in read_bytes(conf.encode(), "jitsi.conf")[0]:
        if line.name == "JITSI_IMAGE_VERSION":
            lines[line.number - 1] = lines[line.number - 1].replace(line.value, tag, 1)
    return "".join(lines)


def _pin(conf: List[Line]) -> str:
    pins = [line.value for line in conf if line.name == "JITSI_IMAGE_VERSION"]
    return pins[-1] if pins else releases.newest().tag


def _completed(text: str, conf: List[Line], kept: List[Line], settings: Settings) -> Tuple[str, Tuple[str, ...]]:
    """secrets.conf with what is missing appended; what stands there is never touched."""
    names = missing(conf, kept, catalogue.load(), settings)
    if not names:
        return text, ()
    head = text or SECRETS_HEAD
    if not head.endswith("\n"):
        head += "\n"
    return head + "".join(f"{conf_line(name, randomness.token_hex(16))}\n" for name in names), tuple(names)


def _lines(paths: Paths, name: str) -> Tuple[List[Line], List[Problem]]:
    return read_bytes(_text(paths, name), str(paths.conf.with_name(name)))


def _text(paths: Paths, name: str) -> bytes:
    path = paths.conf.with_name(name)
    data = files.read_bytes(path)
    if data is None:
        if name == "secrets.conf":
            return b""
        raise Failure(
            f"expected the settings in {path}, found no such file; make it with: jitsictl setup",
            Exit.SETTINGS,
        )
    return data
