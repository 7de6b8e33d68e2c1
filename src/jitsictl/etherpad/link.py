"""etherpad_base, by which a meeting finds its pad: looked at as it is served, and put right."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Tuple

from jitsictl.change import apply, generations, served
from jitsictl.change.apply import Listener
from jitsictl.change.prepare import Prepared
from jitsictl.change.served import Pads
from jitsictl.change.tools import silent
from jitsictl.doors import files
from jitsictl.plan import custom
from jitsictl.types.change import File, Step
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Applied

VERB = "etherpad fix"


def check(paths: Paths) -> Pads:
    """etherpad_base as it is served, and as what is applied asks for. Failure: nothing is applied, or no page comes."""
    return served.pads(generations.settings_of(_applied(paths)))


def fix(paths: Paths, tell: Listener = silent) -> Tuple[Pads, Optional[Prepared]]:
    """Put etherpad_base right, where it survives a restart: what is served then, and the change, None for none.

    Failure: it cannot be put right here, jitsi.conf has other edits, or the change did not end well.
    """
    applied = _applied(paths)
    settings = generations.settings_of(applied)
    found = served.pads(settings)
    if found.right:
        return found, None
    if not found.mendable:
        raise Failure(f"{found.sentence()}; nothing was changed")
    if files.read_text(paths.conf) != applied.files["jitsi.conf"]:
        raise Failure(
            f"expected {paths.conf} as it is applied, found edits, which this would apply too; apply them first: "
            "/etc/rc.d/rc.jitsi reload; nothing was changed"
        )
    prepared = apply.apply(paths, VERB, None, tell, pads=True, also=_old_line(found, settings))
    after = check(paths)
    if not after.right:
        raise Failure(
            f"{after.sentence()}, though {custom.CONFIG_JS} has it right; "
            "look whether compose.override.yaml mounts another config.js"
        )
    return after, prepared


def _applied(paths: Paths) -> Applied:
    applied = generations.current(paths)
    if applied is None:
        raise Failure("expected an applied configuration, found none; start the site: /etc/rc.d/rc.jitsi start")
    return applied


def _old_line(found: Pads, settings: Settings) -> Tuple[Step, ...]:
    """A config.js of before images rendered it, when that is what is served: the tutorial's edit of it."""
    path = Path(settings["CONFIG"]) / custom.RENDERED
    text = files.read_text(path)
    made = None if text is None else custom.uncommented(text, found.page, found.expected)
    return () if made is None else (File(str(path), made, files.mode_of(path)),)
