"""sso check: the whole chain from the page to Keycloak and back, link by link, on the site as it runs."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional

from jitsictl.change import generations
from jitsictl.change.tools import looking
from jitsictl.doors import process
from jitsictl.plan import signon
from jitsictl.sso.chain import keycloak, ours, person
from jitsictl.sso.chain.links import Asked, Chain, Link, looked_at
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths


class Person(NamedTuple):
    """Who is to log in for a try."""

    name: str
    password: str


def check(paths: Paths, who: Optional[Person] = None) -> Iterator[Link]:
    """Each link as it is looked at. Failure: nothing is applied, no adapter runs here, or Docker does not answer."""
    settings = generations.applied_settings(paths)
    if settings is None:
        raise Failure("expected an applied configuration, found none; start the site: /etc/rc.d/rc.jitsi start")
    adapter = signon.adapter(settings)
    if adapter is None:
        raise Failure("expected an adapter, found SSO=none; set one up with: jitsictl sso setup")
    process.secret(settings["JWT_APP_SECRET"])
    tools = looking(paths)

    links: List[Asked] = [
        Asked("adapter", lambda chain: ours.runs(chain, tools)),
        Asked("port", lambda chain: ours.port(chain, tools), ("adapter",)),
        Asked("secret", lambda chain: ours.secret(chain, tools), ("adapter",)),
        Asked("realm", keycloak.realm),
        Asked("clock", keycloak.clock, ("realm",)),
        Asked("realm from the adapter", lambda chain: ours.reaches_keycloak(chain, tools), ("adapter", "realm")),
        Asked("client", keycloak.client, ("realm",)),
    ]
    if not signon.below_the_page(settings):
        links.append(Asked("web origins", keycloak.origins, ("realm", "client")))
    links += [Asked("token", ours.token), Asked("page", ours.page), Asked("Apache", ours.apache, ("adapter",))]
    if who is not None:
        way = ("adapter", "secret", "realm", "realm from the adapter", "client", "web origins", "token")
        links.append(Asked("login", lambda chain: person.logs_in(chain, who.name, who.password), way))
    return looked_at(Chain(settings, adapter), links)
