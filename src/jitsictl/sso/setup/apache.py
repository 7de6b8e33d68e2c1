"""Apache's file after a change of the sign-on: looked at before anything is touched, written when all else is done."""

from __future__ import annotations

from typing import Callable, List

from jitsictl.doors import files
from jitsictl.front import install, look
from jitsictl.plan import signon
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings


def installed(paths: Paths) -> bool:
    """Whether the file is one of ours to keep right."""
    return files.exists(paths.vhost)


def must_be_possible(paths: Paths, settings: Settings) -> None:
    """Failure: the page would send people where Apache cannot lead them. Nothing was changed."""
    if not installed(paths):
        return
    problems = list(look.look(paths, settings).problems)
    if problems and signon.here(settings):
        line = f"{signon.URL}={settings[signon.URL]}"
        problems.append(f"to get a certificate, write {line} into jitsi.conf, then jitsictl vhost --challenge")
    if problems:
        raise Failure("\n".join([*problems, "nothing was changed"]))


def drifts(paths: Paths, settings: Settings) -> bool:
    return installed(paths) and bool(look.drift(paths, settings))


def follow(paths: Paths, settings: Settings, warn: Callable[[str], None]) -> List[str]:
    """Write it where it is installed; else say what is to be done. Failure: it could not be, all else is done."""
    if not installed(paths):
        return _by_hand(settings)
    try:
        return install.install(paths, settings, warn) if drifts(paths, settings) else []
    except Failure as failure:
        left = "jitsi.conf is applied, and Apache's file is not what it asks for; then: jitsictl vhost --install"
        raise Failure(f"{failure.what}\n{left}", failure.exit) from None


def _by_hand(settings: Settings) -> List[str]:
    service = signon.adapter(settings)
    if service is None:
        return []
    where = settings[signon.URL] if signon.here(settings) else f"{settings['PUBLIC_URL']}{signon.OIDC_PATH}"
    return [
        f"Apache has to lead {where} to {settings[signon.PORT]}: jitsictl vhost --install does that, jitsictl vhost "
        "prints the lines"
    ]
