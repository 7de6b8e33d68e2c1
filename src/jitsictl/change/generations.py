"""Generations on disk: complete applied states below /var/lib/jitsi-meet/generations, one of them current."""

from __future__ import annotations

from typing import List, Mapping, Optional

from jitsictl import releases
from jitsictl.doors import files
from jitsictl.plan import manifest
from jitsictl.settings import catalogue, check
from jitsictl.settings.pin import pinned
from jitsictl.settings.read import parse
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Applied, ByHand


def current(paths: Paths) -> Optional[Applied]:
    """The applied generation, or None when nothing was ever applied. Failure: it cannot be read."""
    target = files.link_target(paths.current)
    return None if target is None else read(paths, int(target.rsplit("/", 1)[-1]))


def read(paths: Paths, number: int) -> Applied:
    """One generation with all its files. Failure: it is not whole, or of a format that is too new."""
    where = paths.generations / str(number)
    restore = f"restore the directory from a backup, or remove the link {paths.current} and run: jitsictl reseed"
    known = _manifest(files.read_text(where / manifest.NAME), str(where), restore)
    # Whatever somebody made of a file must not keep it from being replaced: any bytes will do.
    now = {name: (files.read_bytes(where / name) or b"").decode("utf-8", "replace") for name in known.hashes}
    edited = {
        name: ByHand(content, files.changed(where / name))
        for name, content in now.items()
        if manifest.digest(content) != known.hashes[name]
    }
    return Applied(number, known.release, {**now, **known.made}, edited, known.before, known.inputs, known.aside)


def archived(texts: Mapping[str, bytes], where: str) -> Applied:
    """A generation as a backup holds it, by the names of its files. Failure: as in `read`."""
    known = _manifest(texts.get(manifest.NAME, b"").decode("utf-8", "replace"), where, "use another backup")
    now = {name: texts.get(name, b"").decode("utf-8", "replace") for name in known.hashes}
    return Applied(0, known.release, {**now, **known.made}, inputs=known.inputs)


def _manifest(text: Optional[str], where: str, remedy: str) -> manifest.Manifest:
    if text is None:
        raise Failure(f"expected a generation in {where}, found no {manifest.NAME}; {remedy}")
    try:
        return manifest.load(text)
    except manifest.TooNew as error:
        raise Failure(
            f"{where} was written by a newer package ({error}); start, stop, status and backup work, "
            "changes need that package"
        ) from None
    except ValueError as error:
        raise Failure(f"expected a whole {manifest.NAME} in {where}, found it damaged ({error}); {remedy}") from None


def numbers(paths: Paths) -> List[int]:
    """The generations that are on disk, whole or not, oldest first."""
    return sorted(int(name) for name in files.names(paths.generations) if name.isdigit())


def settings_of(applied: Applied) -> Settings:
    """The settings a generation was made from. Failure: this package finds them wrong."""
    conf, _ = parse(applied.files["jitsi.conf"], "jitsi.conf")
    secrets, _ = parse(applied.files["secrets.conf"], "secrets.conf")
    settings, problems = check.settle(pinned(conf, applied.release), secrets, catalogue.load(), releases.tags())
    if settings is None:
        raise Failure("the settings as applied are not valid any more:\n" + "\n".join(map(str, problems)))
    return settings


def applied_settings(paths: Paths) -> Optional[Settings]:
    """The settings of the applied generation, or None when nothing was applied."""
    applied = current(paths)
    return None if applied is None else settings_of(applied)
