"""What differs between Jitsi releases, and what is known of each service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, NamedTuple, Optional, Tuple

from jitsictl.types.settings import Settings


@dataclass(frozen=True)
class Directory:
    """A directory below CONFIG that a service mounts. `owner` None: whoever the image makes it."""

    path: str  # relative to CONFIG
    mode: int = 0o755
    owner: Optional[Tuple[int, int]] = None  # uid, gid


@dataclass(frozen=True)
class Place:
    """Where a layout keeps something that must come along, below CONFIG. `owner` None: whoever has what is there."""

    path: str
    owner: Optional[Tuple[int, int]] = None
    writer: str = ""  # the service that writes there, to be stopped while it moves


@dataclass(frozen=True)
class Layout:
    """A generation of image layouts: where things are inside the containers and below CONFIG."""

    name: str
    since: str  # the first release that has it
    about: str  # what it is like, for somebody who is about to cross to it
    piece: str  # file name in compose/
    prosody_config: str  # path in the prosody container, for prosodyctl --config
    store: str  # Prosody's data below CONFIG
    store_owner: Optional[Tuple[int, int]]
    rendered: Tuple[str, ...]  # below CONFIG: made anew at every start, stale for another layout
    keep: Tuple[str, ...]  # below CONFIG: what nobody makes anew, beside the store and recordings
    pads: str  # the one of `keep` that is Etherpad's
    recordings: Tuple[str, ...]  # below CONFIG: recordings and transcripts
    web_reload: Tuple[str, ...]  # command in the web container that makes nginx look its peers up anew
    web_ports: Tuple[int, ...]  # where web listens inside: without TLS, with it
    data: Mapping[str, Place] = field(default_factory=dict)  # besides the store, by what it is: "recordings"
    left: Tuple[str, ...] = ()  # below CONFIG: of no use to another layout, which makes its own
    writable: Tuple[str, ...] = ()  # the only directories inside that a service may write below; empty: any
    copied: Tuple[str, ...] = ()  # below CONFIG: images copy the whole directory into memory at start
    copied_bytes: int = 0  # and have room for no more than this


@dataclass(frozen=True)
class Release:
    tag: str  # "stable-11146-2"
    layout: Layout
    repository: str  # "ghcr.io/jitsi": default of JITSI_IMAGE_REPO
    etherpad: str  # image of etherpad
    whiteboard: str  # image of whiteboard
    known: bool = True  # False: newer than this package, allowed by --force
    defaults: Mapping[str, Tuple[str, str]] = field(default_factory=dict)  # the images' own: before, since this release


@dataclass(frozen=True)
class ServiceAccount:
    """An account by which a service logs in to Prosody: names of settings, and its user name where none is set."""

    user: str
    password: str  # a setting
    user_setting: str = ""
    domain_setting: str = "XMPP_AUTH_DOMAIN"


class Switch(NamedTuple):
    """The setting, and its value, that switch a service on: ETHERPAD=1, SSO=oidc."""

    setting: str
    value: str

    def __str__(self) -> str:
        return f"{self.setting}={self.value}"


@dataclass(frozen=True)
class Service:
    """One entry of services.yaml. `when` None: it always runs."""

    name: str
    order: int  # recreated in this order: XMPP first, web last; those of one order together
    when: Optional[Switch]
    probe: str  # name of a probe in change/probes.py
    grace_seconds: int  # how long it may take to be ready
    cost: str  # what users notice of a restart
    interrupts_calls: bool  # running calls stop, or everybody in them joins anew
    usual_seconds: float  # a restart until it is ready, where the site's own log does not tell yet
    directories: Mapping[str, Tuple[Directory, ...]]  # layout name -> directories
    reads_at_start: Tuple[str, ...]  # files below CONFIG, mounted and read at start; Compose does not see them
    accounts: Tuple[ServiceAccount, ...] = ()
    reload_after: Tuple[str, ...] = ()  # peers at a fixed address: nginx must look them up again
    generated: Tuple[str, ...] = ()  # files of the generation that it mounts, beside its environment
    image: str = ""  # where it does not go with Jitsi's release: the image, unless SSO_IMAGE says another

    def runs(self, settings: Settings) -> bool:
        """Whether these settings switch it on."""
        return self.when is None or settings.get(self.when.setting) == self.when.value
