"""New values for generated secrets. Prosody's side of it is in passwords.py."""

from __future__ import annotations

from typing import Callable, List, Sequence, Tuple

from jitsictl.change import apply, generations
from jitsictl.change.prepare import Prepared
from jitsictl.change.tools import Event, silent
from jitsictl.doors import files
from jitsictl.settings import catalogue
from jitsictl.settings.read import read_bytes
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

TOKENS = "JWT_APP_SECRET"
REFUSED = "tokens that were signed with the old JWT_APP_SECRET are refused from now on; give it to whoever signs them"


def rotate(paths: Paths, names: Sequence[str], tell: Callable[[Event], None] = silent) -> Prepared:
    """New values for these secrets: in secrets.conf, in Prosody, and in every service that has them."""
    return apply.apply(paths, "rotate", None, tell, renew=names)


def chosen(paths: Paths, names: Sequence[str]) -> Tuple[str, ...]:
    """The named secrets, or all that jitsictl made, in the catalogue's order.

    Failure: nothing is applied, one of the names is no generated secret (exit 2), or it is not in secrets.conf.
    """
    if generations.current(paths) is None:
        raise Failure("expected a site whose passwords to change, found none applied; run: jitsictl reseed")
    made = [name for name, entry in catalogue.load().items() if entry.generated]
    unknown = [name for name in names if name not in made]
    if unknown:
        raise Failure(
            f"expected names of generated secrets ({', '.join(made)}), found {', '.join(unknown)}", Exit.USAGE
        )
    here = _names(paths, "secrets.conf")
    elsewhere = [name for name in names if name not in here]
    if elsewhere:
        raise Failure("\n".join(_why_not(paths, name) for name in elsewhere))
    found = tuple(name for name in made if name in (names or here))
    if not found:
        raise Failure(f"expected generated secrets in {paths.secrets}, found none")
    return found


def _why_not(paths: Paths, name: str) -> str:
    if name in _names(paths, "jitsi.conf"):
        return (
            f"{name}: expected it in {paths.secrets}, found it in {paths.conf}, which is yours; change it there and "
            "run /etc/rc.d/rc.jitsi reload, which gives it to Prosody too, or take the line out to have one made"
        )
    return f"{name}: expected it in {paths.secrets}, found none: this site does not use it"


def _names(paths: Paths, file: str) -> List[str]:
    data = files.read_bytes(paths.conf.with_name(file)) or b""
    return [line.name for line in read_bytes(data, file)[0] if line.value]
