"""Settings and a release -> Desired: every file of a generation, every directory, every image."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Dict, List, Mapping, Tuple

from jitsictl import releases
from jitsictl.plan import compose, custom, signon
from jitsictl.settings import pads
from jitsictl.settings.quote import env_line
from jitsictl.settings.read import parse
from jitsictl.types.change import Dir
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.release import Release, Service
from jitsictl.types.settings import Catalogue, Settings
from jitsictl.types.site import Applied, Desired

OVERRIDE = "compose.override.yaml"  # among a generation's files and a service's inputs
OWN_TLS = "x-own-tls"  # the page with the container's own TLS beside Apache, or without one
PUBLISHED_PADS = "x-published-pads"


@dataclass(frozen=True)
class Ground:
    """What the plan is made from besides the settings, read by the caller.

    `reads` are hashes of the mounted files that services read at start, by path below CONFIG or absolute, as the
    change leaves them; `custom` are our lines in some of them (plan.custom). `held` are the digests, by image, of
    images whose tag may come to mean another one.
    """

    pieces: Mapping[str, str]
    conf: str
    secrets: str
    reads: Mapping[str, str] = field(default_factory=dict)
    override: str = ""
    override_file: str = "compose.override.yaml"
    custom: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)


def desired(settings: Settings, catalogue: Catalogue, release: Release, ground: Ground) -> Desired:
    """The complete state that these settings ask for at this release."""
    services = running_services(settings)
    values = {name: settings[name] for name in settings}
    values.setdefault("JITSI_IMAGE_REPO", release.repository)
    values["JITSI_IMAGE_VERSION"] = release.tag
    values["ETHERPAD_IMAGE"] = release.etherpad
    values["WHITEBOARD_IMAGE"] = release.whiteboard
    values.update(signon.values(settings, ground.held))
    document = compose.merge(ground.pieces, release.layout.piece, [s.name for s in services], _options(settings))
    env = {s.name: _service_env(s.name, settings, catalogue) for s in services}
    generated = signon.files(settings)
    ground = replace(ground, reads={**ground.reads, **{name: _hash(text) for name, text in generated.items()}})
    digests = _digests(document, values, env, services, ground, settings)
    files = {
        "compose.yaml": compose.dump(document, digests),
        ".env": _dotenv(document, values),
        **{f"env/{name}.env": text for name, text in env.items()},
        **generated,
        "jitsi.conf": ground.conf,
        "secrets.conf": ground.secrets,
    }
    if ground.override:
        files[OVERRIDE] = ground.override
    files.update({custom.name_of(path): text for path, text in ground.custom.items() if text})
    return Desired(
        settings=settings,
        release=release,
        files=files,
        directories=directories(settings, release, services),
        digests=digests,
        images={name: compose.filled(document["services"][name]["image"], values) for name in digests},
        inputs=_inputs(services, ground, settings),
    )


def _options(settings: Settings) -> List[str]:
    """Blocks of Compose pieces that settings switch on."""
    asked = {OWN_TLS: settings.get("DISABLE_HTTPS") == "0", PUBLISHED_PADS: pads.published(settings) is not None}
    return [*(block for block, wanted in asked.items() if wanted), *signon.options(settings)]


def running_services(settings: Settings) -> List[Service]:
    """The services that these settings switch on, in the order in which they are recreated."""
    return [s for s in releases.services().values() if s.runs(settings)]


def directories(settings: Settings, release: Release, services: List[Service]) -> Tuple[Dir, ...]:
    """CONFIG itself, closed to everybody but root, and what the services mount of it, parents first."""
    config = settings["CONFIG"]
    wanted = {config: Dir(config, 0o700)}
    for service in services:
        for directory in service.directories[release.layout.name]:
            path = config
            for part in directory.path.split("/")[:-1]:
                path = f"{path}/{part}"
                wanted.setdefault(path, Dir(path))
            path = f"{config}/{directory.path}"
            wanted[path] = Dir(path, directory.mode, directory.owner)
    return tuple(wanted[path] for path in sorted(wanted))


def _service_env(service: str, settings: Settings, catalogue: Catalogue) -> str:
    """What the service may see, under the names it knows; no other service's secret is in it."""
    seen = [catalogue[name] for name in sorted(settings) if name in catalogue and service in catalogue[name].services]
    return "".join(f"{env_line(entry.name_in(service), settings[entry.name])}\n" for entry in seen)


def _dotenv(document: compose.Document, values: Mapping[str, str]) -> str:
    names = compose.variables(document)
    missing = [name for name in names if name not in values]
    if missing:
        raise Failure(f"compose/*.yaml asks for {', '.join(missing)}, which jitsi.conf does not give", Exit.SETTINGS)
    return "".join(f"{env_line(name, values[name])}\n" for name in names)


def _digests(
    document: compose.Document,
    values: Mapping[str, str],
    env: Mapping[str, str],
    services: List[Service],
    ground: Ground,
    settings: Settings,
) -> Dict[str, str]:
    """One digest a service over all that it reads when it starts; Compose sees neither env nor mounted files."""
    override = compose.override_services(ground.override, ground.override_file)
    made = {}
    for service in services:
        definition = document["services"][service.name]
        reads = _reads(service, ground, settings)
        whole = {
            "definition": definition,
            "values": {name: values.get(name, "") for name in compose.variables(definition)},
            "env": env[service.name],
            "reads": reads,
            "override": override.get(service.name),
        }
        text = json.dumps(whole, sort_keys=True, default=str)
        made[service.name] = _hash(text)[:16]
    return made


def _inputs(services: List[Service], ground: Ground, settings: Settings) -> Dict[str, Dict[str, str]]:
    """Hashes of what is the admin's own and goes into a digest: kept, so that a later plan can tell which differs."""
    override = compose.override_services(ground.override, ground.override_file)
    found = {}
    for service in services:
        own = _reads(service, ground, settings)
        if service.name in override:
            text = json.dumps(override[service.name], sort_keys=True, default=str)
            own[OVERRIDE] = _hash(text)
        found[service.name] = own
    return found


def _reads(service: Service, ground: Ground, settings: Settings) -> Dict[str, str]:
    """Hashes of the mounted files that it reads when it starts."""
    outside = signon.mounted(settings) if service == signon.adapter(settings) else ()
    paths = (*service.reads_at_start, *service.generated, *outside)
    return {path: ground.reads[path] for path in paths if path in ground.reads}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_applied(applied: Applied, settings: Settings, release: Release) -> Desired:
    """An earlier generation as something to want again: its files as they are, not made anew."""
    values = {line.name: line.value for line in parse(applied.files[".env"], ".env")[0]}
    digests = compose.digests(applied.files["compose.yaml"])
    images = compose.images(applied.files["compose.yaml"])
    services = [s for s in releases.services().values() if s.name in digests]
    return Desired(
        settings=settings,
        release=release,
        files=applied.files,
        directories=directories(settings, release, services),
        digests=digests,
        images={name: compose.filled(image, values) for name, image in images.items()},
        inputs=applied.inputs,
    )
