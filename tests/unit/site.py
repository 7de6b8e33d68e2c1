"""Sites for unit tests: settings from a few lines, the package's own pieces, what a host may look like."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping

from jitsictl import releases
from jitsictl.plan.build import watched_paths
from jitsictl.plan.desired import Ground, desired
from jitsictl.plan.generation import Places
from jitsictl.settings import catalogue, check
from jitsictl.settings.read import parse
from jitsictl.types.settings import Settings
from jitsictl.types.site import Applied, Container, Desired, Kept, Observed

PIECES = Path(__file__).parents[2] / "src/compose"
PLACES = Places("/g", "/current", "/p", "20260101-000000-1")
SECRETS = "JICOFO_AUTH_PASSWORD=aaaa1111aaaa1111\nJVB_AUTH_PASSWORD=bbbb2222bbbb2222\n"
CONF = "PUBLIC_URL=https://meet.example.org\nJVB_ADVERTISE_IPS=192.0.2.10\nTZ=UTC\nETHERPAD=1\n"
SIGN_ON = "KEYCLOAK_URL=https://sso.example.org/auth\nKEYCLOAK_REALM=foundation\n"  # with SSO=oidc: all it needs


def settings(conf: str = CONF, release: str = "stable-11146-2", secrets: str = SECRETS) -> Settings:
    lines, problems = parse(f"{conf}JITSI_IMAGE_VERSION={release}\n", "jitsi.conf")
    kept, more = parse(secrets, "secrets.conf")
    made, found = check.settle(lines, kept, catalogue.load(), releases.tags())
    assert made is not None, [str(p) for p in (*problems, *more, *found)]
    return made


def wanted(
    conf: str = CONF,
    release: str = "stable-11146-2",
    reads: Mapping[str, str] = {},  # noqa: B006
    override: str = "",
    secrets: str = SECRETS,
) -> Desired:
    pieces = {path.name: path.read_text() for path in PIECES.glob("*.yaml")}
    ground = Ground(pieces, conf, secrets, reads, override)
    return desired(settings(conf, release, secrets), catalogue.load(), releases.get(release), ground)


def running(of: Desired, number: int = 1, before: int | None = None, **other: Container) -> Observed:
    """A host on which `of` is applied and runs, with its directories, a store and pads."""
    containers: Dict[str, Container] = {
        name: Container(name, f"id-{name}", "running", "healthy", of.images[name], digest)
        for name, digest in of.digests.items()
    }
    containers.update(other)
    paths = {path: Kept(0, 0, 0o755, True) for path in watched_paths(of, of.release.tag, PLACES)}
    for directory in of.directories:
        uid, gid = directory.owner or (0, 0)
        paths[directory.path] = Kept(uid, gid, directory.mode, True)
    return Observed(
        applied=Applied(number, of.release.tag, of.files, before=before),
        containers=containers,
        images=tuple(of.images.values()),
        paths=paths,
        newest_generation=number,
    )
