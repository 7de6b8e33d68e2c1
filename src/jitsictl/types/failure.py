"""How the helper says that something went wrong: exit codes, and the one error that a verb may end with."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """Exit codes of every verb; jitsictl(8) documents the same table."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CHANGES = 3  # plan: there are changes
    STOPPED = 3  # status: stopped
    UNKNOWN = 4  # status: cannot be known, no Docker
    SETTINGS = 5  # settings are wrong, nothing was touched
    NO_ACCOUNT = 6
    ACCOUNT_EXISTS = 9
    BUSY = 75  # another change holds the lock


class Failure(Exception):
    """What was expected, what was found and what to do, as the user will read it.

    Caught once, in cli/__main__; it is printed on standard error without a traceback and ends
    the process with `exit`. `what` may hold several lines; it never holds a secret.
    """

    def __init__(self, what: str, exit: Exit = Exit.FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.exit = exit
