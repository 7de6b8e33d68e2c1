"""What may be an account's name: the local part of a JID. Pure."""

from __future__ import annotations

from jitsictl.accounts.prep import nodeprep
from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.failure import Exit, Failure

LONGEST = 1023  # bytes of a local part (RFC 6122 section 2.1)


def check(name: str) -> str:
    """The name, if Prosody keeps it as it is written. Failure (exit 2): why not, and what would do.

    A name that Prosody would change, such as Alien to alien, is refused with the changed one as a
    suggestion: the account would otherwise have another name than the one that was handed out.
    """
    try:
        _check(name)
    except ValueError as error:
        raise Failure(f"expected an account's name, found {name!r}: {error}", Exit.USAGE) from None
    return name


def _check(name: str) -> None:
    user, at, _ = name.partition("@")
    if at and user:
        raise ValueError(f"the host is not part of it; write {user!r}")
    if name.startswith("-"):
        raise ValueError("prosodyctl would take it for an option; begin with a letter or a digit")
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise ValueError("it is not UTF-8")
    prepared = nodeprep(name)
    if not prepared:
        raise ValueError("it is empty")
    if prepared != name:
        raise ValueError(f"XMPP takes it for {prepared!r}; write that")
    if len(name.encode()) > LONGEST:
        raise ValueError(f"it has {len(name.encode())} bytes; at most {LONGEST} are allowed")
    if name == VERIFY_ACCOUNT:
        raise ValueError("an account of this name is made and deleted whenever a change is verified; choose another")
