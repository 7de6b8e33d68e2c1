"""Images that stand for Jitsi's: real Prosody 13, nginx and Etherpad, small agents for jicofo and jvb.

`ensure(cache)` gives a docker-registry storage directory with all of them under upstream's names:

- jitsi/{web,prosody,jicofo,jvb}:stable-6826, the tutorial's: its prosody is Debian 11's, a real 0.11;
- jitsi/{web,prosody,jicofo,jvb}:stable-10978 and :stable-11031, everything as root, in /config;
- jitsi/{web,prosody,jicofo,jvb}:stable-11146-2, which the bed's LAN serves as ghcr.io too: rootless, read-only;
- etherpad/etherpad:1.8.6 and :2.0.3, one image;
- jitsi/excalidraw-backend:21 and :2026.3.0, one stand-in on the socket.io that Etherpad brought;
- d3473r/jitsi-keycloak:main, and :latest and :v1.3.1, whose tokens have no exp;
- jitsi-contrib/jitsi-oidc-adapter:v20260328 and :latest, one stand-in.

An image is three layers: Debian packages (all images share one), what its service adds, what its layout and
release add. They are made without Docker (see registry.py), from the packages of the mirror and of npm, with the
same digests from the same sources.
"""
from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Callable

from bed.base import CACHE, locked
from bed.images import bullseye, bytecode, catalog, debian, etherpad, node
from bed.images.layers import Blob, Layer
from bed.images.registry import Storage

__all__ = ["ensure", "key"]

_AGENTS = ("jicofo", "jvb")


def _hash(*paths: Path) -> str:
    sha256 = hashlib.sha256()
    for path in paths:
        sha256.update(f"{path.relative_to(catalog.HERE)}\0{path.stat().st_mode & 0o111}\0".encode())
        sha256.update(path.read_bytes())
    return sha256.hexdigest()[:12]


def key() -> str:
    """What the images are made from, as 12 hex digits: changes with every file here."""
    return _hash(*(path for path in sorted(catalog.HERE.rglob("*"))
                   if path.is_file() and path.suffix != ".pyc"))


def _kept(cache: Path, name: str, recipe: Path, make: Callable[[Path], Layer]) -> Blob:
    """A layer of fetched packages, made again only when its recipe changes."""
    stem = f"layer-{name}-{_hash(recipe, catalog.HERE / 'layers.py', catalog.HERE / 'bytecode.py')}"
    archive, facts = cache / f"{stem}.tar", cache / f"{stem}.json"
    if not facts.exists():
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-{name}-") as scratch:
            blob = make(Path(scratch)).write(Path(scratch) / "layer.tar")
            blob.path.rename(archive)
        facts.write_text(json.dumps({"digest": blob.digest, "size": blob.size}))
    return Blob(path=archive, **json.loads(facts.read_text()))


def _service_layer(service: str, rootfs: str) -> Layer:
    layer = Layer()
    layer.tree(catalog.ROOTFS / "common")
    layer.tree(catalog.ROOTFS / rootfs)
    if service in _AGENTS:
        layer.tree(catalog.ROOTFS / "agent")
    if rootfs == "prosody":
        # Upstream's name for logins without an account; its module is Prosody's with more of what meetings need.
        layer.link("prosody-plugins/mod_auth_jitsi-anonymous.lua",
                   "/usr/lib/prosody/modules/mod_auth_anonymous.lua")
    return layer


def _release_layer(service: str, release: str) -> Layer:
    layout = catalog.RELEASES[release]
    layer = Layer()
    layer.tree(catalog.ROOTFS / layout)
    layer.file("etc/stand-in/variables", "\n".join(catalog.variables()[release][service]).encode() + b"\n")
    for volume in ("config", *(["prosody-plugins-custom"] if service == "prosody" else [])):
        layer.folder(volume)
    if layout == "rootless":
        layer.folder("storage", owner=(1000, 1000))
        layer.folder("var/lib/prosody", owner=(1000, 1000))
        # nginx keeps its temporary files here, and the root is read-only.
        layer.link("var/lib/nginx", "/run/web/tmp")
    return layer


def _fill(storage: Storage, cache: Path, scratch: Path) -> None:
    base = _kept(cache, "debian", catalog.HERE / "debian.py", debian.layer)
    old = _kept(cache, "bullseye", catalog.HERE / "bullseye.py", bullseye.layer)
    for service in catalog.SERVICES:
        layer = _service_layer(service, service)
        if service in _AGENTS:
            bytecode.add(layer, "usr/lib/stand-in/agent", scratch, [base.path])
        own = layer.write(scratch / f"{service}.tar")
        for release in catalog.RELEASES:
            layers = [base, own]
            if (service, release) == ("prosody", catalog.TUTORIAL):
                layers = [old, _service_layer(service, "prosody-0.11").write(scratch / "prosody-0.11.tar")]
            top = _release_layer(service, release).write(scratch / f"{service}-{release}.tar")
            storage.image(f"jitsi/{service}", release, [*layers, top], catalog.service_config(service, release))
    engine = _kept(cache, "node", catalog.HERE / "node.py", node.layer)
    packages = _kept(cache, "etherpad", catalog.HERE / "etherpad.py", etherpad.layer)
    settings = Layer()
    settings.tree(catalog.ROOTFS / "etherpad/usr", "usr")
    settings.tree(catalog.ROOTFS / "etherpad/home", etherpad.HOME, etherpad.OWNER)
    top = settings.write(scratch / "etherpad.tar")
    for tag in catalog.ETHERPAD_TAGS:
        storage.image("etherpad/etherpad", tag, [base, engine, packages, top], catalog.etherpad_config(tag))
    drawings = Layer()
    drawings.tree(catalog.ROOTFS / "whiteboard")
    top = drawings.write(scratch / "whiteboard.tar")
    for tag in catalog.WHITEBOARD_TAGS:
        storage.image("jitsi/excalidraw-backend", tag, [base, engine, packages, top], catalog.whiteboard_config(tag))
    for name, tags in catalog.ADAPTERS.items():
        for tag, trees in tags.items():
            own_layer = Layer()
            for tree in trees:
                own_layer.tree(catalog.ROOTFS / tree)
            own = own_layer.write(scratch / f"{trees[-1]}.tar")
            storage.image(name, tag, [base, engine, own], catalog.adapter_config(name, tag))


def ensure(cache: Path = CACHE) -> Path:
    """The registry storage with all images; made first when it is not there (some 40 s, 1 s after an edit here).

    Needs apt's and npm's ordinary configuration, dpkg-deb and npm. Raises bed.base.BedError where packages
    cannot be had.
    """
    target = cache / f"images-{key()}"
    with locked(cache / "images.lock"):
        if not target.is_dir():
            with tempfile.TemporaryDirectory(dir=cache, prefix="making-images-") as scratch:
                made = Path(scratch) / "storage"
                _fill(Storage(made), cache, Path(scratch))
                made.rename(target)
    return target
