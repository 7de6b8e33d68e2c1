"""Prosody's store, read from this host: which accounts there are and what is kept of each. Prosody need not run."""

from __future__ import annotations

from typing import List, Optional

from jitsictl.accounts import record
from jitsictl.accounts.home import Home
from jitsictl.accounts.record import Record
from jitsictl.doors import files
from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.failure import Failure


def names(home: Home) -> List[str]:
    """All accounts of people, sorted. The throw-away account of a change that runs is none."""
    found = (record.name_of(file) for file in files.entries(home.records))
    return sorted(name for name in found if name is not None and name != VERIFY_ACCOUNT)


def read(home: Home, name: str) -> Optional[Record]:
    """What is kept of an account, None when there is none. Failure: its record is damaged."""
    path = home.record(name)
    data = files.read_bytes(path)
    if data is None:
        return None
    try:
        return record.parse(data)
    except ValueError as error:
        raise Failure(
            f"expected the record of {name} in {path}, found it damaged: {error}; "
            f"give the account another password with: jitsi-passwd {name}"
        ) from None
