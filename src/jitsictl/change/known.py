"""What may be seen of a site when somebody asks about its settings: by any user, without Docker, wrong files too."""

from __future__ import annotations

from typing import List, Mapping, Optional, Tuple

from jitsictl import releases
from jitsictl.change import generations
from jitsictl.doors import files
from jitsictl.plan import differences
from jitsictl.settings import catalogue, check
from jitsictl.settings.explain import Known
from jitsictl.settings.pin import pin, pinned
from jitsictl.settings.read import read_bytes
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Line, Problem, Settings, Value
from jitsictl.types.site import Applied


def known(paths: Paths) -> Known:
    """What this user may read is known, the rest is not. Failure: there is something else in the place of a file."""
    applied = _applied(paths)
    newest = applied.release if applied else releases.newest().tag
    if not files.readable(paths.conf):
        return Known(newest, why=f"not known: {paths.conf} is for root")
    if not files.exists(paths.conf):
        return Known(newest, why=f"not known: there is no {paths.conf}")
    conf, secrets, problems = _read(paths)
    release = newest if applied else _pinned(conf)
    tags = [*releases.tags(), *([] if release in releases.tags() else [release])]
    settings, found = check.settle(
        pinned(conf, release, str(paths.conf)), secrets, catalogue.load(), tags, lenient_secrets=True
    )
    wrong = any(not problem.warning for problem in (*problems, *found))
    return Known(
        release,
        None if settings is None or wrong else _with_pin(settings, conf),
        {line.name: line for line in (*conf, *secrets) if line.value},
        tuple(check.in_order([*problems, *found], [str(paths.conf)])),
        _in_effect(applied),
        "as it stands there, since the files have errors: see jitsictl check" if wrong else "",
    )


def _read(paths: Paths) -> Tuple[List[Line], List[Line], List[Problem]]:
    conf, problems = read_bytes(files.read_bytes(paths.conf) or b"", str(paths.conf))
    if not files.readable(paths.secrets):
        return conf, [], problems
    secrets, more = read_bytes(files.read_bytes(paths.secrets) or b"", str(paths.secrets))
    return conf, secrets, [*problems, *more]


def _applied(paths: Paths) -> Optional[Applied]:
    """None when nothing is applied, when it is damaged, and when it is not for this user."""
    if not files.readable(paths.generations):
        return None
    try:
        return generations.current(paths)
    except Failure:
        return None


def _in_effect(applied: Optional[Applied]) -> Optional[Mapping[str, str]]:
    return differences.in_effect(applied.files, applied.release, catalogue.load()) if applied else None


def _pinned(conf: List[Line]) -> str:
    line = pin(conf)
    return line.value if line is not None and line.value in releases.tags() else releases.newest().tag


def _with_pin(settings: Settings, conf: List[Line]) -> Settings:
    """The release as jitsi.conf has it, whichever the others were read at."""
    line = pin(conf)
    value = Value(line.value, f"jitsi.conf:{line.number}") if line else Value(releases.newest().tag, "default")
    return Settings(settings.release, {**settings.values, check.RELEASE: value})
