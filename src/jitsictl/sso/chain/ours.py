"""Our side of the chain: the adapter's container, its port and secret, its tokens, the page, Apache."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Dict
from urllib.parse import urlsplit

from jitsictl.change import probes
from jitsictl.change.tools import Tools
from jitsictl.doors import files, http
from jitsictl.plan import signon, vhost
from jitsictl.settings.javascript import Unclosed, assigned
from jitsictl.sso.chain.links import ROOM, Chain
from jitsictl.sso.tokens import mint
from jitsictl.sso.tokens.rooms import Room
from jitsictl.sso.tokens.rules import rules
from jitsictl.sso.tokens.verify import verify
from jitsictl.types.failure import Failure

SECONDS = 15.0
_LOOPBACK = ("127.", "[::1]", "::1")
_SECRETS = ("JITSI_SECRET", "JWT_APP_SECRET")
_RELOAD = "reload: /etc/rc.d/rc.jitsi reload"

# Runs in jitsi-keycloak's container, with what that trusts.
_FETCH = """
const url = %s;
require('https').get(url, { timeout: 10000 }, answer => {
  answer.resume();
  answer.on('end', () => { process.stdout.write(JSON.stringify({ status: answer.statusCode })); process.exit(0); });
}).on('timeout', function () { this.destroy(new Error('no answer within 10 s')); })
  .on('error', error => { process.stdout.write(JSON.stringify({ error: error.message })); process.exit(0); });
"""


def runs(chain: Chain, tools: Tools) -> str:
    reason = probes.state(tools, chain.settings, chain.adapter.name)
    if reason is not None:
        raise Failure(
            f"expected {chain.adapter.name} to run, found: {reason}; see jitsictl status and docker logs "
            f"docker-jitsi-meet-{chain.adapter.name}-1, then start: /etc/rc.d/rc.jitsi start"
        )
    return f"{chain.adapter.name} runs, {tools.container(chain.adapter.name).image}"


def port(chain: Chain, tools: Tools) -> str:
    """Past Apache there is no TLS, and no guard."""
    bound = tools.docker.running(tools.container(chain.adapter.name).id).published
    public = [each for each in bound if not each.startswith(_LOOPBACK)]
    if public:
        right = f"127.0.0.1:{public[0].rpartition(':')[2]}"
        what = f"expected the adapter on loopback alone, found it at {public[0]}"
        raise Failure(f"{what}; write SSO_PORT={right}, {_RELOAD}")
    return f"{' and '.join(bound)} alone"


def secret(chain: Chain, tools: Tools) -> str:
    """What each runs with, whatever the settings say."""
    values = {}
    for service in ("prosody", chain.adapter.name):
        environment = tools.docker.running(tools.container(service).id).environment
        values[service] = next((environment[name] for name in _SECRETS if environment.get(name)), "")
    if not all(values.values()) or len(set(values.values())) > 1:
        raise Failure(
            f"expected prosody and {chain.adapter.name} to run with one JWT_APP_SECRET, found another one, or none, in "
            f"one of them; look into compose.override.yaml, then {_RELOAD}"
        )
    return "prosody and the adapter run with the same"


def reaches_keycloak(chain: Chain, tools: Tools) -> str:
    """From inside: another name server, other certificates, another network than this host's."""
    where = "set KEYCLOAK_ADDRESS (host-gateway for this machine), KEYCLOAK_CA for a private authority, then reload"
    if chain.below_the_page:
        reply = adapter(chain, "/oidc/auth?state=%7B%22room%22%3A%22" + ROOM + "%22%7D")
        there = reply.headers.get("location", "")
        if reply.status in (302, 303) and urlsplit(there).netloc == urlsplit(chain.authorization).netloc:
            return f"from its container, too: it sends people to {urlsplit(there).netloc}"
        found = f"that it cannot (HTTP {reply.status})"
        raise Failure(f"expected the adapter to reach {chain.issuer}, found {found}; {where}")
    script = _FETCH % json.dumps(chain.document)
    container = tools.container(chain.adapter.name)
    done = tools.docker.execute(container.id, ("node", "-"), stdin=script, deadline=SECONDS)
    try:
        said: Dict[str, Any] = json.loads(done.out)
    except ValueError:
        said = {"error": done.last_lines.strip() or "nothing"}
    if said.get("status") != 200:
        found = said.get("error") or f"HTTP {said.get('status')}"
        raise Failure(f"expected {chain.issuer} to be reached from the adapter's container, found: {found}; {where}")
    return "from its container, too"


def token(chain: Chain) -> str:
    """What the adapter puts into a token, by the rules of Prosody and of the page."""
    settings = chain.settings
    by = rules(settings)
    now = time.time()
    adapters: Dict[str, Any] = {
        "context": {"user": {"name": "jitsictl", "email": "jitsictl@example.org", "lobby_bypass": True}},
        "aud": settings["JWT_APP_ID"],
        "iss": settings["JWT_APP_ID"],
        "nbf": int(now) - 1,
        "exp": int(now) + 300,
        "iat": int(now),
        "sub": urlsplit(settings["PUBLIC_URL"]).hostname,
        "room": ROOM,
    }
    if not chain.below_the_page:
        adapters.update(sub=settings.get("ALLOWED_SUB") or "*", room=settings.get("ALLOWED_ROOM") or "*")
    room = ROOM if adapters["room"] in ("*", ROOM) else str(adapters["room"])
    refused(mint.token(by, adapters), chain, room)
    return "as the adapter makes it: Prosody and the page would take it"


def refused(made: str, chain: Chain, room: str) -> None:
    """Failure: Prosody or the page would refuse this token."""
    report = verify(made, rules(chain.settings), time.time(), Room(room))
    wrong = [f"{row.part} {no.why}" for row in report.rows for no in row.refused]
    if wrong:
        raise Failure(f"expected a token that Prosody and the page take, found: {'; '.join(wrong)}; see jitsictl check")


def page(chain: Chain) -> str:
    """Where the page that is served sends people to log in."""
    reply = http.get(f"{probes.base_url(chain.settings)}/config.js", deadline=SECONDS)
    try:
        found = assigned(reply.text, "config", "tokenAuthUrl")
    except Unclosed as error:
        raise Failure(
            f"expected config.js, found a script that does not parse: {error.what}; look into "
            f"{chain.settings['CONFIG']}/web/custom-config.js"
        ) from None
    wanted = chain.settings["TOKEN_AUTH_URL"]
    served = found[-1].value if found else None
    if served != wanted:
        raise Failure(
            f"expected the page to send people to {wanted}, found {served or 'that it sends them nowhere'}; look for "
            f"tokenAuthUrl in {chain.settings['CONFIG']}/web/custom-config.js, or {_RELOAD}"
        )
    return f"sends people to {wanted}"


def apache(chain: Chain) -> str:
    """Through the Apache of this host: to the adapter, and for a host of its own not to where a room says."""
    if chain.below_the_page:
        reply = _front(chain, "/oidc/health")
        if reply.status != 200:
            raise Failure(
                f"expected {chain.origin}/oidc/ to lead to the adapter, found HTTP {reply.status}; "
                "write Apache's file anew: jitsictl vhost --install"
            )
        return f"{chain.origin}/oidc/ leads to the adapter"
    if _front(chain, "/api/keycloak.json").status != 200:
        raise Failure(
            f"expected {chain.origin} to lead to the adapter, found that it does not; write Apache's file "
            "anew: jitsictl vhost --install"
        )
    for room in ("/http:evil.example", "/%5C%5Cevil.example", "//evil.example"):
        status = _front(chain, room).status
        if status not in (400, 404):
            raise Failure(
                f"expected 400 from {chain.origin}{room}, which would send people to evil.example with their "
                f"token, found HTTP {status}; write Apache's file anew: jitsictl vhost --install"
            )
    return f"{chain.origin} leads to the adapter, and rooms that name another site get 400"


def _front(chain: Chain, target: str) -> http.Reply:
    """As a browser's, to this host, whatever the name's address is. Its own certificate is trusted."""
    name = signon.URL if not chain.below_the_page else "PUBLIC_URL"
    host = next(each for each in vhost.hosts(chain.settings) if each.setting == name)
    file = Path(host.certificate)
    with http.opened(
        chain.origin, deadline=SECONDS, authority=file if files.exists(file) else None, at="127.0.0.1"
    ) as connection:
        return connection.request("GET", target)


def adapter(chain: Chain, target: str, **headers: str) -> http.Reply:
    """From the adapter itself, past Apache, by the name that browsers use."""
    base = probes.base_url(chain.settings, signon.PORT)
    return http.get(f"{base}{target}", deadline=SECONDS, headers={"Host": urlsplit(chain.origin).netloc, **headers})
