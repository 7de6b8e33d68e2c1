"""What may be an account's name: the local part of a JID. Pure."""

from __future__ import annotations

from typing import Sequence

from jitsictl.accounts.prep import nodeprep
from jitsictl.plan.passwords import encoded
from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.failure import Exit, Failure

# XMPP allows 1023 bytes (RFC 6122 section 2.1), but Prosody makes a file NAME.dat~ of it, in which all but letters and
# digits take three times the room, and a file system allows 255.
LONGEST = 255 - len(".dat~")


def check_all(names: Sequence[str]) -> None:
    """Failure (exit 2): what is wrong with each of the names, or that one stands there twice."""
    wrong = []
    for name in names:
        try:
            check(name)
        except Failure as failure:
            wrong.append(failure.what)
    wrong += [f"expected every name once, found {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    if wrong:
        raise Failure("\n".join(wrong), Exit.USAGE)


def check(name: str) -> str:
    """The name, if Prosody keeps it as it is written. Failure (exit 2): why not, and what would do.

    A name that Prosody would change, such as Alien to alien, is refused with the changed one as a
    suggestion: the account would otherwise have another name than the one that was handed out.
    """
    try:
        prepared = prepare(name)
        if prepared != name:
            raise ValueError(f"XMPP takes it for {prepared!r}; write that")
    except ValueError as error:
        raise Failure(f"expected an account's name, found {name!r}: {error}", Exit.USAGE) from None
    return name


def prepare(name: str) -> str:
    """The form in which Prosody keeps a name. ValueError says in a few words why it is none."""
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
    size = len(encoded(prepared))
    if size > LONGEST:
        raise ValueError(
            f"it takes {size} bytes in Prosody's store; at most {LONGEST} are allowed "
            "(a letter or a digit takes one, any other character three or more)"
        )
    if prepared == VERIFY_ACCOUNT:
        raise ValueError("an account of this name is made and deleted whenever a change is verified; choose another")
    return prepared
