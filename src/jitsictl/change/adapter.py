"""The adapter of a single sign-on on this host: which image, what it needs here, and are its tokens of use?"""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Dict, Iterator, Optional

from jitsictl.change.tools import Tools
from jitsictl.doors import files, once
from jitsictl.doors.docker import Docker
from jitsictl.plan import compose, differences, signon
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings
from jitsictl.types.site import PROJECT, Applied, Desired

PROOF_SECONDS = 60.0
_WHERE = "jitsi-keycloak"  # the one whose tokens need a proof: its newest tag issues some without an end

# Plays Keycloak on the container's own loopback, starts what the image starts, and asks it for a token as a browser
# does that has logged in. Nothing of this site goes in.
_MINT = """
const crypto = require('crypto'), fs = require('fs'), http = require('http'), { spawn } = require('child_process');
const command = %s, realm = 'http://127.0.0.1:8080/realms/proof', secret = crypto.randomBytes(32).toString('hex');
const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'proof', alg: 'RS256', use: 'sig' };
const encoded = value => Buffer.from(value).toString('base64url');
const done = said => { process.stdout.write(JSON.stringify(said)); process.exit(0); };

function accessToken() {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: 'proof' }, {
    iss: realm, typ: 'Bearer', azp: 'jitsi', sub: 'proof', iat: now, auth_time: now, exp: now + 300,
    given_name: 'A', family_name: 'Person', email: 'person@example.org' }];
  const signed = parts.map(part => encoded(JSON.stringify(part))).join('.');
  return `${signed}.${encoded(crypto.sign('RSA-SHA256', Buffer.from(signed), pair.privateKey))}`;
}

function judged(body) {
  const [header, claims, signature] = JSON.parse(body).token.split('.');
  const right = encoded(crypto.createHmac('sha256', secret).update(`${header}.${claims}`).digest());
  done({ claims: JSON.parse(Buffer.from(claims, 'base64url')), signed: right === signature });
}

function ask(left) {
  const again = why => left ? setTimeout(ask, 200, left - 1) : done({ found: why });
  const headers = { authorization: `Bearer ${token}` };
  http.get({ host: '127.0.0.1', port: 3000, path: '/api/config', headers }, answer => {
    let body = '';
    answer.on('data', piece => { body += piece; });
    answer.on('end', () => answer.statusCode === 200 ? judged(body) : done({ found: `HTTP ${answer.statusCode}` }));
  }).on('error', error => again(error.message));
}

const token = accessToken();
fs.writeFileSync('/config/keycloak.json', JSON.stringify({ realm: 'proof', 'auth-server-url': 'http://127.0.0.1:8080',
  'ssl-required': 'none', resource: 'jitsi', 'public-client': true, 'confidential-port': 0 }));
process.on('uncaughtException', error => done({ found: error.message }));
setTimeout(() => done({ found: 'nothing within 45 s' }), 45000);
http.createServer((request, answer) => answer.end(JSON.stringify({ keys: [jwk] }))).listen(8080, '127.0.0.1', () => {
  const env = { ...process.env, JITSI_SECRET: secret, JITSI_URL: 'https://meet.example.org' };
  const ended = code => done({ found: `it ended (${code})` });
  spawn(command[0], command.slice(1), { env, stdio: 'ignore' }).on('exit', ended);
  ask(150);
});
"""


def held(settings: Settings, applied: Optional[Applied], docker: Docker) -> Dict[str, str]:
    """The digest that the adapter's image has here: of what is applied, else of what the tag means today.

    A tag such as `main` means another image each month; which one runs here is the admin's to decide.
    """
    wanted = signon.image(settings)
    if not wanted or "@" in wanted:
        return {}
    before = differences.interpolated(applied.files).get(signon.IMAGE, "") if applied is not None else ""
    tag, _, digest = before.partition("@")
    digest = digest if tag == wanted and digest else docker.digest(wanted)
    return {wanted: digest} if digest else {}


def refused(desired: Desired, docker: Docker) -> Iterator[str]:
    """What the adapter needs of this host and does not have."""
    settings = desired.settings
    if signon.adapter(settings) is None:
        return
    ca = settings.get("KEYCLOAK_CA")
    if ca:
        text = files.read_text(Path(ca)) if files.exists(Path(ca)) else None
        if text is None or "BEGIN CERTIFICATE" not in text:
            found = "no such file" if text is None else "none in it"
            yield f"KEYCLOAK_CA={ca}: expected a certificate in PEM form, found {found}; copy the authority's there"
        elif not files.mode_of(Path(ca)) & 0o004:
            yield f"KEYCLOAK_CA={ca}: expected that the adapter may read it, found it closed to others; chmod 644 {ca}"
    name, address = settings.get("KEYCLOAK_NETWORK"), settings.get("KEYCLOAK_NETWORK_ADDRESS")
    if name:
        yield from _network(name, address, docker)


def _network(name: str, address: str, docker: Docker) -> Iterator[str]:
    network = docker.network(name)
    if network is None:
        yield (
            f"KEYCLOAK_NETWORK={name}: expected a Docker network of that name, found none; see them with: docker "
            f"network ls, or make it: docker network create --subnet 172.20.0.0/16 {name}"
        )
    elif address and not any(ipaddress.ip_address(address) in ipaddress.ip_network(net) for net in network.subnets):
        yield (
            f"KEYCLOAK_NETWORK_ADDRESS={address}: expected an address of {name}, which has "
            f"{' and '.join(network.subnets) or 'no subnet'}; write one of these"
        )
    elif address:
        other = next((who for who, has in network.taken.items() if has == address and PROJECT not in who), None)
        if other is not None:
            yield f"KEYCLOAK_NETWORK_ADDRESS={address}: expected a free one, found that {other} has it; write another"


def unproved(desired: Desired, applied: Optional[Applied]) -> Optional[str]:
    """The image whose tokens nobody has looked at yet."""
    image = desired.images.get(_WHERE)
    if image is None or applied is None:
        return image
    named = compose.images(applied.files["compose.yaml"]).get(_WHERE, "")
    return None if compose.filled(named, differences.interpolated(applied.files)) == image else image


def prove(image: str, tools: Tools) -> None:
    """Have the image make a token. Failure: the page would refuse it, or there is none."""
    known = tools.docker.image(image)
    command = known.command if known is not None else ()
    script = _MINT % json.dumps(command)
    done = once.run(image, "node", stdin=script, writable=("/config", "/tmp"), deadline=PROOF_SECONDS)  # noqa: S108
    try:
        said = json.loads(done.out)
    except ValueError:
        said = {"found": done.last_lines.strip() or "nothing"}
    if "claims" not in said:
        raise Failure(f"{image}: expected a token of it for a try, found: {said.get('found')}; is it jitsi-keycloak?")
    end = said["claims"].get("exp")
    if not isinstance(end, (int, float)) or isinstance(end, bool):
        raise Failure(
            f"{image}: expected tokens with an end (exp), found some without, which Jitsi's page refuses; delete "
            "SSO_IMAGE for one that sets it, or write SSO=oidc"
        )
    if not said["signed"]:
        raise Failure(f"{image}: expected tokens signed with JITSI_SECRET, found another key; write another SSO_IMAGE")
