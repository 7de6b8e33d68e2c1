"""A change as data: steps of a few kinds, in order, with one commit point.

Steps are plain values so that a journal can hold them and another version of the package can undo
them. What a kind does, undoes and probes is in change/steps.py. FORMAT counts up when a field
changes its meaning.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple, Type, Union, get_args

FORMAT = 1
VERIFY_ACCOUNT = "jitsictl-verify"  # always the same name, so that one left by a crash is found and deleted


@dataclass(frozen=True)
class File:
    """Write a whole file, with its bits and owner."""

    path: str
    text: str
    mode: int = 0o600
    secret: bool = False  # never shown, in no diff


@dataclass(frozen=True)
class Block:
    """Our lines in one of the admin's files that images append to what they render; "" takes them out.

    All else in the file stays, as do its owner and bits; a file with nothing in it is removed. See plan/custom.py.
    """

    path: str
    text: str


@dataclass(frozen=True)
class Dir:
    """A directory with its bits and, where a container needs it, its owner (uid, gid)."""

    path: str
    mode: int = 0o755
    owner: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class Link:
    """A symbolic link, replaced by one rename. `current` is one: this is the switch."""

    path: str
    target: str


@dataclass(frozen=True)
class Move:
    """Rename, on one file system. Nothing is done when the source is not there."""

    source: str
    target: str


@dataclass(frozen=True)
class MoveInto:
    """Rename all that is in a directory into another one, and give it an owner; a name that is taken stays behind.

    The undo brings back what came since, too. The target may lie in the source, which then is not moved into itself.
    """

    source: str
    target: str
    owner: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class Copy:
    """Copy a tree or a file to a path that does not exist yet. Hard links where asked for and possible."""

    source: str
    target: str
    links: bool = False
    owner: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class Pull:
    """Fetch an image that is absent. Not undone: an image that nobody runs harms nobody."""

    image: str


@dataclass(frozen=True)
class Return:
    """Where undoing ends: it does nothing, and its undo brings these services up as they were applied before.

    It stands before everything that stops a service or moves its data, so that when it is undone the
    files and the data are already back.
    """

    services: Tuple[str, ...]


@dataclass(frozen=True)
class Rendered:
    """Paths that images of the next layout render at start. It does nothing; its undo deletes those that are new.

    Images of the layout before would trip over them, as over a private key that they cannot read.
    """

    paths: Tuple[str, ...]


@dataclass(frozen=True)
class Stop:
    """Stop services; Return brings them back."""

    services: Tuple[str, ...]


@dataclass(frozen=True)
class Recreate:
    """Bring services up together as `current` says and wait for the probe of each.

    The undo stops them, so that their data can be moved back under them; those that are `new` are removed. `force`:
    also where Compose sees no difference, since a container was made with a file that somebody changed by hand.
    """

    services: Tuple[str, ...]
    new: Tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True)
class Remove:
    """Stop and remove a service that the next generation no longer has; Return brings it back."""

    service: str


@dataclass(frozen=True)
class Command:
    """A command inside a running service, such as nginx's reload. Safe to repeat, not undone."""

    service: str
    argv: Tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """A throw-away account that verification logs in with. `present` False deletes it."""

    name: str
    present: bool


@dataclass(frozen=True)
class ServicePassword:
    """Give a service's own account the password that `current` says, in Prosody; images only ever set the first one.

    `setting` names the password. `record` is the account's file in Prosody's store: the undo puts back what it was,
    so that no journal holds a password, and Prosody need not run.
    """

    setting: str
    record: str


@dataclass(frozen=True)
class Verify:
    """Prove that the site works and nothing is lost; see change/verify.py. Changes nothing."""

    account: Optional[str]
    snapshot: Optional[str] = None  # compare the store with this copy
    store: Optional[str] = None
    pads: Optional[str] = None  # compare Etherpad's dirty.db with this copy


@dataclass(frozen=True)
class PadsServed:
    """Prove that config.js, as it is served, leads to this address for pads. Changes nothing."""

    url: str


@dataclass(frozen=True)
class Unpack:
    """What a checked archive has below CONFIG, into a directory that is made for it. `digest` is its manifest's."""

    archive: str
    digest: str
    target: str


@dataclass(frozen=True)
class Prune:
    """After the commit point: delete snapshots below `snapshots`, generations and images that nobody needs any more.

    The newest `kept` of each stay. `also` are paths that this change alone needed.
    """

    snapshots: str
    kept: int
    also: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Foreign:
    """Containers of an installation made by hand: those in `run` are to run, in this order, the others to be stopped.

    `policies` are their restart policies afterwards, in the order of `containers`. `page` answers when all of them
    run. The undo gives each what it had. Nothing is removed.
    """

    containers: Tuple[str, ...]  # ids
    policies: Tuple[str, ...]
    run: Tuple[str, ...]
    page: str = ""


@dataclass(frozen=True)
class Transfer:
    """Copy a file that a container keeps in itself: out of it, cut at the last newline, or back into it.

    Nothing is done when there is no such file. Only what came out is undone.
    """

    container: str  # id
    inside: str
    path: str
    out: bool
    owner: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class Discard:
    """Remove stopped containers and networks of an installation made by hand. It cannot be undone."""

    containers: Tuple[str, ...]  # ids
    networks: Tuple[str, ...]


@dataclass(frozen=True)
class Delete:
    """Remove a file or a link."""

    path: str


Step = Union[
    File, Block, Dir, Link, Move, MoveInto, Copy, Pull, Return, Rendered, Stop, Recreate, Remove, Command, Account,
    ServicePassword, Verify, PadsServed, Unpack, Prune, Foreign, Transfer, Discard, Delete,
]  # fmt: skip
_KINDS: Dict[str, Type[Any]] = {kind.__name__: kind for kind in get_args(Step)}


@dataclass(frozen=True)
class Change:
    """Steps before `commit` are undone when one of them fails; those from it on are finished."""

    verb: str
    steps: Tuple[Step, ...]
    commit: int
    release: str
    restarts: Tuple[str, ...] = ()
    why: Tuple[str, ...] = ()  # lines for people: what differs, secrets masked

    def __bool__(self) -> bool:
        return bool(self.steps)


def to_data(change: Change) -> Dict[str, Any]:
    """A JSON-ready dictionary that `from_data` reads back."""
    data = dataclasses.asdict(change)
    data["steps"] = [{"kind": type(step).__name__, **dataclasses.asdict(step)} for step in change.steps]
    return data


def from_data(data: Dict[str, Any]) -> Change:
    """Read a change back. KeyError or TypeError: it was written by a format that this one does not know."""
    steps = tuple(_step(dict(step)) for step in data["steps"])
    return Change(
        verb=data["verb"],
        steps=steps,
        commit=data["commit"],
        release=data["release"],
        restarts=tuple(data["restarts"]),
        why=tuple(data["why"]),
    )


def _step(data: Dict[str, Any]) -> Step:
    kind = _KINDS[data.pop("kind")]
    step: Step = kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in data.items()})
    return step
