"""The release that jitsi.conf pins: found, replaced in its lines, replaced in its text."""

from __future__ import annotations

from typing import List, Optional, Sequence

from jitsictl.settings.check import RELEASE
from jitsictl.settings.edit import edited
from jitsictl.settings.read import read_bytes
from jitsictl.types.settings import Line


def pin(conf: Sequence[Line]) -> Optional[Line]:
    """The line that pins a release, None without one. An empty value counts as not set."""
    pins = [line for line in conf if line.name == RELEASE and line.value]
    return pins[-1] if pins else None


def pinned(conf: Sequence[Line], tag: str, file: str = "jitsi.conf") -> List[Line]:
    """The same lines, of `file`, with JITSI_IMAGE_VERSION set to `tag`, whatever the file says."""
    for line in conf:
        if line.name == RELEASE:
            return [other if other is not line else Line(line.name, tag, line.file, line.number) for other in conf]
    return [*conf, Line(RELEASE, tag, file, 0)]


def repin(conf: str, tag: str) -> str:
    """The text of jitsi.conf with its pinned release replaced, its comments kept; unchanged when it pins none."""
    if pin(read_bytes(conf.encode(), "jitsi.conf")[0]) is None:
        return conf
    return edited(conf, {RELEASE: tag})
