"""Work out what taking over an installation would do: everything is looked at, nothing is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import AbstractSet, Dict, List, Optional, Sequence, Tuple

from jitsictl.adopt import look, ran
from jitsictl.change import generations, intent, observe, prepare
from jitsictl.change.intent import Intent
from jitsictl.change.prepare import Prepared
from jitsictl.change.tools import Tools
from jitsictl.doors import files, http, trees
from jitsictl.plan import adopt as plans
from jitsictl.plan.desired import desired
from jitsictl.plan.passwords import encoded
from jitsictl.settings import catalogue, pads
from jitsictl.settings.check import RELEASE
from jitsictl.setup import upstream, write
from jitsictl.setup.upstream import Brought
from jitsictl.types.adoption import Difference, OldSite
from jitsictl.types.change import File, Step
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.preview import Calls
from jitsictl.types.settings import Line, Settings
from jitsictl.types.site import Container

WEB_PORTS = ("HTTP_PORT", "HTTPS_PORT")  # where a layout's web_ports are published
PAGE_SECONDS = 3.0


@dataclass(frozen=True)
class Request:
    """What was asked for: the folder, settings given before its .env, names to leave out of it."""

    directory: str
    given: Tuple[Line, ...] = ()
    drop: AbstractSet[str] = frozenset()
    replacing: bool = False


@dataclass(frozen=True)
class Adoption:
    """A change that takes an installation over, and all that is to be said of it before. `calls` None: not known."""

    site: OldSite
    brought: Brought
    differing: Tuple[Difference, ...]
    accounts: int
    prepared: Prepared
    wanted: Intent
    calls: Optional[Calls] = None


def prepare_adoption(paths: Paths, tools: Tools, request: Request, id: str = "plan") -> Adoption:
    """Failure or SettingsWrong: it cannot be taken over, with all that is wrong."""
    _nothing_applied(paths)
    write.must_be_new(paths, request.replacing)
    directory = look.folder(request.directory)
    file = f"{directory}/.env"
    lines, problems = upstream.lines_of(file, request.given, request.drop)
    pinned = {line.name: line.value for line in lines}.get(RELEASE, "")
    site = look.find(directory, tools.foreign, tools.compose.program, pinned)
    differing = _differing(lines, site)
    taken = [line for line in ran.effective(lines, differing, file) if line.name != RELEASE]
    brought = upstream.judge(file, taken, problems, request.given, request.drop, paths)
    if brought.draft is None:
        raise brought.failure()
    settings = brought.draft.settings
    site = replace(site, layout=look.layout(site, settings["CONFIG"]))
    _folders_as_expected(site, settings)
    wanted, steps = _files(paths, brought, request.replacing)
    prepared = _prepared(paths, tools, site, wanted, steps, _old_page(taken), id)
    store = Path(settings["CONFIG"]) / site.layout.store / encoded(settings["XMPP_DOMAIN"]) / "accounts"
    calls = look.calls(site, tools.foreign)
    return Adoption(site, brought, tuple(differing), len(trees.tree(store)), prepared, wanted, calls)


def _prepared(
    paths: Paths, tools: Tools, site: OldSite, wanted: Intent, steps: Tuple[Step, ...], page: str, id: str
) -> Prepared:
    where = prepare.places(paths, id)
    own = prepare.custom_files(wanted.settings)
    target = desired(wanted.settings, catalogue.load(), wanted.release, prepare.ground(paths, wanted, wanted.conf, own))
    observed = observe.observe(paths, tools.docker, target, where)
    old = {path: files.kept(Path(path)) for path in plans.watched(target, site.layout)}
    observed = replace(observed, paths={**observed.paths, **{p: kept for p, kept in old.items() if kept is not None}})
    taken = plans.Taken(site, page, str(paths.adopted))
    change = plans.adoption(target, observed, catalogue.load(), where, taken, (*steps, *own.steps))
    # The ports that ours will have are held by the old services until they make way.
    holders = {c.service: Container(c.service, c.id, "running", "", c.image, "") for c in site.containers if c.running}
    return Prepared(change, target, replace(observed, containers=holders), where)


def _nothing_applied(paths: Paths) -> None:
    applied = generations.current(paths)
    if applied is None:
        return
    if files.exists(paths.adopted):
        raise Failure(
            "expected no site of this package yet, found one that was taken over already; `jitsictl adopt --undo` "
            "gives it back, `jitsictl adopt --finish` removes the old containers"
        )
    raise Failure(
        f"expected no site of this package yet, found generation {applied.number} applied ({applied.release}); "
        "two sites cannot be made into one"
    )


def _differing(lines: Sequence[Line], site: OldSite) -> List[Difference]:
    """What runs with another value than the .env has, for each setting once."""
    literals = ran.literals(look.compose_texts(site))
    published: List[Tuple[str, str, str, Optional[str]]] = [
        ("web", f"{port}/tcp", name, None) for port, name in zip(site.layout.web_ports, WEB_PORTS)
    ]
    if any(line.name == pads.PUBLIC_URL for line in lines):  # it stood in no .env, but in the Compose file alone
        published.append(("etherpad", "9001/tcp", pads.PORT, catalogue.load()[pads.PORT].default))
    found: Dict[str, Difference] = {}
    for difference in (
        *ran.places(lines, site, published),
        *ran.differences(lines, site, literals, catalogue.load()),
    ):
        found.setdefault(difference.name, difference)
    return list(found.values())


def _folders_as_expected(site: OldSite, settings: Settings) -> None:
    """Prosody's folder is where upstream's files put it, below CONFIG. Failure: its accounts would stay behind."""
    prosody = site.service("prosody")
    if prosody is None or ran.config_of(site) == settings["CONFIG"].rstrip("/"):
        return
    mounts = ", ".join(f"{source} on {inside}" for inside, source in sorted(prosody.mounts.items())) or "nothing"
    raise Failure(
        f"expected prosody's folder at {settings['CONFIG']}/prosody/config, found that {prosody.name} mounts {mounts}; "
        "copy its folders there while it is stopped, or give --set CONFIG=DIR"
    )


def _files(paths: Paths, brought: Brought, replacing: bool) -> Tuple[Intent, Tuple[Step, ...]]:
    """The admin's files as they will be, read and completed as any other, and the steps that write them."""
    draft = brought.draft
    assert draft is not None  # noqa: S101 - asked by the caller
    before = files.read_text(paths.secrets) or ""
    secrets = write.with_secrets(before, draft.secrets) if draft.secrets else before
    wanted = intent.read(paths, drafted=(draft.conf.encode(), secrets.encode()))
    steps: List[Step] = []
    old = files.read_text(paths.conf)
    if replacing and old is not None:
        steps.append(File(f"{paths.conf}.old", old, files.mode_of(paths.conf), secret=True))
    steps.append(File(str(paths.conf), wanted.conf, 0o600))
    if wanted.secrets != before:
        steps.append(File(str(paths.secrets), wanted.secrets, 0o600, secret=True))
    return wanted, tuple(steps)


def _old_page(lines: Sequence[Line]) -> str:
    """The old page on this host, if it answers now; an own certificate or a redirect keeps it from telling."""
    port = next((line.value for line in reversed(lines) if line.name == "HTTP_PORT"), "")
    address, _, number = port.rpartition(":")
    if not number.isdigit():
        return ""
    url = f"http://{address if address not in ('', '0.0.0.0') else '127.0.0.1'}:{number}/config.js"  # noqa: S104
    return url if _answers(url) else ""


def _answers(url: str) -> bool:
    try:
        return http.get(url, deadline=PAGE_SECONDS).status == 200
    except Failure:
        return False
