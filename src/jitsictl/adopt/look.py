"""Find an installation made by hand: its folder, the containers that came from it, its release and its layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.change import conferences
from jitsictl.doors import files
from jitsictl.doors.foreign import Foreign
from jitsictl.types.adoption import OldContainer, OldSite
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.preview import Calls
from jitsictl.types.release import Layout

COMPOSE_FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml")
ADAPTER = "jitsi-keycloak"
_OURS = re.compile(r"(?:^|/)(?:jitsi/[a-z-]+|etherpad/etherpad)(?::|@|$)")
_TAG = re.compile(r"stable-\d+(?:-\d+)?")


def find(directory: Path, foreign: Foreign, program: Sequence[str], pinned: str) -> OldSite:
    """The installation in a folder, its containers found by Compose's labels.

    `pinned` is JITSI_IMAGE_VERSION of its .env, for when no container tells. The layout is the release's: see
    `layout`. Failure, exit 5: its release is too old.
    """
    known = foreign.containers()
    found = [c for c in known if _belongs(c, directory)]
    ours = sorted((c for c in found if _jitsis(c)), key=_order)
    project = found[0].project if found else ""
    release = _release(ours, pinned, directory)
    described, unreadable = _described(directory, foreign, program, ours)
    return OldSite(
        directory=str(directory),
        project=project,
        release=release,
        layout=releases.layout_of(release) if release else releases.known()[0].layout,
        containers=tuple(ours),
        others=tuple(c for c in found if not _jitsis(c)),
        networks=tuple(foreign.networks(project)) if project else (),
        described=described,
        unreadable=unreadable,
        sso=next((c for c in known if ADAPTER in c.image), None),
    )


def folder(text: str) -> Path:
    """The folder that was named, if it is one of an installation. Failure, exit 2: it is not."""
    directory = Path(text).absolute()
    if not files.exists(directory / ".env"):
        compose = any(files.exists(directory / name) for name in COMPOSE_FILES)
        what = "docker-compose.yml, but no .env" if compose else "neither .env nor docker-compose.yml"
        raise Failure(
            f"expected an installation of docker-jitsi-meet in {directory}, found {what}; name the folder that "
            "`docker-compose up` was run in",
            Exit.USAGE,
        )
    return directory.resolve()


def layout(site: OldSite, config: str) -> Layout:
    """As the release has it, if accounts are there; a tag such as `latest` tells nothing, the data does."""
    stated = [site.layout] if site.release else []
    candidates = [*stated, *(known.layout for known in reversed(releases.known()))]
    there = [each for each in candidates if files.exists(Path(config) / each.store)]
    return (there or [site.layout])[0]


def calls(site: OldSite, foreign: Foreign) -> Optional[Calls]:
    """The meetings of this moment. None: neither jicofo nor the bridge runs, or is of a release that tells.

    Asked from within: before stable-7210 neither port is published, and later ones of jicofo only answer there.
    """
    answers = {
        name: foreign.read_url(container.id, f"http://127.0.0.1:{port}{path}")
        for name, port, path in (("jicofo", 8888, conferences.STATS), ("jvb", 8080, conferences.METRICS))
        for container in [site.service(name)]
        if container is not None and container.running
    }
    return conferences.counted(answers.get("jicofo", ""), answers.get("jvb", ""))


def compose_texts(site: OldSite) -> List[str]:
    """The Compose files that the containers were made from, or those that Compose would find."""
    return [files.read_text(path) or "" for path in _files(Path(site.directory), site.containers)]


def _belongs(container: OldContainer, directory: Path) -> bool:
    """By the folder in its label; Compose before 1.25 left none, and named the project after the folder."""
    if container.directory:
        return Path(container.directory).resolve() == directory
    return container.project == re.sub(r"[^-_a-z0-9]", "", directory.name.lower())


def _jitsis(container: OldContainer) -> bool:
    return container.service in releases.services() or bool(_OURS.search(container.image))


def _order(container: OldContainer) -> Tuple[int, str]:
    ours = list(releases.services())
    return ours.index(container.service) if container.service in ours else len(ours), container.service


def _release(containers: Sequence[OldContainer], pinned: str, directory: Path) -> str:
    """From the images that run, else as the .env or the folder's name says; "" where nothing does."""
    for text in (*(c.image.rpartition(":")[2] for c in containers), pinned, directory.name):
        match = _TAG.search(text)
        if match is not None:
            return match.group(0)
    return ""


def _described(
    directory: Path, foreign: Foreign, program: Sequence[str], containers: Sequence[OldContainer]
) -> Tuple[Mapping[str, Mapping[str, Optional[str]]], str]:
    names = [str(path) for path in _files(directory, containers)]
    try:
        services = foreign.described(program, directory, names if containers else ())
    except Failure as failure:
        return {}, failure.what
    return {name: _environment(definition) for name, definition in services.items()}, ""


def _environment(definition: Mapping[str, Any]) -> Dict[str, Optional[str]]:
    """`config` writes each $ of a value twice, as a Compose file has to."""
    found: Mapping[str, Optional[str]] = definition.get("environment") or {}
    return {name: None if value is None else str(value).replace("$$", "$") for name, value in found.items()}


def _files(directory: Path, containers: Sequence[OldContainer]) -> List[Path]:
    """Those that are still there, each once: a forgotten `-f etherpad.yml` is in the label of its container."""
    named = [directory / name for container in containers for name in container.files]
    if not named:
        named = [directory / name for name in COMPOSE_FILES]
    return [path for path in dict.fromkeys(named) if files.exists(path)]
