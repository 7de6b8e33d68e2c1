"""Tokens at a real Prosody, whose module applies the rules by its own: it and the Python verifier agree on each."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from bed.site import CONF, Site

from jitsictl.sso.tokens import jws
from jitsictl.sso.tokens.rooms import room
from jitsictl.sso.tokens.rules import Rules
from jitsictl.sso.tokens.verify import PROSODY, verify

pytestmark = pytest.mark.bed

SECRET = "0123456789abcdef0123456789abcdef"
PLAIN = Rules("jitsi", SECRET, issuers=("jitsi",))
STRICT = Rules("jitsi", SECRET, issuers=("jitsi", "other"), audiences=("jitsi", "other"), verifies_domain=True)
LINES = "ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n"
MORE = "JWT_ACCEPTED_ISSUERS=jitsi,other\nJWT_ACCEPTED_AUDIENCES=jitsi,other\nJWT_ENABLE_DOMAIN_VERIFICATION=1\n"
KNOCK = "/root/knock.py"

# What each part may be, the good one first; a time is seconds from now. None: it is not there.
PARTS: Dict[str, List[Any]] = {
    "exp": [3600, -1, -3600, None, "3600", True, False, {}],
    "nbf": [-1, -3600, 600, None, "0", "", True, False, []],
    "iss": ["jitsi", "other", "third", None, ["jitsi"], 5],
    "aud": ["jitsi", "other", "third", None, ["jitsi"], 5],
    "room": ["*", "staff", "STAFF", "[acme]staff", "board", None, 5, ["staff"]],
    "sub": ["*", "meet.jitsi", "meet.darkstar.lan", "acme", None, 5],
    "iat": [0, 9999, "x"],
    "typ": ["JWT", "at+jwt", "jwt", None],
    "alg": ["HS256", "HS512", "none", None],
    "secret": [SECRET, "x" * 32],
}
ROOMS = ("staff", "acme/staff")


@pytest.fixture(scope="module")
def site(refused: Site) -> Iterator[Site]:
    refused.host.put(Path(__file__).with_name("knock.py"), KNOCK)
    refused.host.write("/etc/jitsi-meet/secrets.conf",
                       refused.host.read("/etc/jitsi-meet/secrets.conf") + f"JWT_APP_SECRET={SECRET}\n")
    refused.host.write(CONF, refused.host.read(CONF) + LINES)
    refused.rc("reload")
    yield refused


def made(now: int, chosen: Dict[str, Any]) -> str:
    values = {name: values[0] for name, values in PARTS.items()} | chosen
    for name in ("exp", "nbf", "iat"):
        if type(values[name]) is int:
            values[name] += now
    header = {name: values[name] for name in ("alg", "typ") if values[name] is not None}
    claims = {name: values[name] for name in PARTS if name not in ("alg", "typ", "secret") and values[name] is not None}
    claims["context"] = {"user": {"name": "alien"}}
    signed = ".".join(jws.encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{jws.encode(jws.signature('HS256', signed, values['secret']))}"


def tokens(now: int, seed: int) -> List[Tuple[str, str]]:
    """One with each value of each part, all else good; then 250 in which one to three parts are any of theirs."""
    rows = [{name: value} for name, values in PARTS.items() for value in values]
    chance = random.Random(seed)
    for _ in range(250):
        names = chance.sample(list(PARTS), chance.randint(1, 3))
        rows.append({name: chance.choice(PARTS[name]) for name in names})
    good = made(now, {})
    broken = [good[:-4], good.rpartition(".")[0] + ".", good + ".x", "a.b.c", "abc"]
    return [(token, where) for token in [*(made(now, row) for row in rows[:-250]), *broken] for where in ROOMS] + [
        (made(now, row), chance.choice(ROOMS)) for row in rows[-250:]
    ]


def agree(site: Site, rules: Rules, seed: int) -> None:
    now = int(time.time())
    asked = tokens(now, seed)
    nodes = [(token, {"staff": "staff", "acme/staff": "[acme]staff"}[where]) for token, where in asked]
    found = json.loads(site.host.run(["python3", KNOCK], input=json.dumps(nodes), timeout=200).stdout)
    ours = [not verify(token, rules, time.time(), room(where)).refused_by(PROSODY) for token, where in asked]
    differ = [(where, token, theirs) for (token, where), theirs, mine in zip(asked, found, ours) if theirs != mine]
    told = [(where, jws.read(token.split(".")[1]).values, theirs) for where, token, theirs in differ[:10]]
    assert not differ, told
    assert 50 < sum(found) < len(found) - 50  # both verdicts were asked for


def test_prosody_and_the_verifier_agree(site: Site) -> None:
    agree(site, PLAIN, 1)


def test_what_the_verb_makes_lets_people_in_and_is_in_no_log(site: Site) -> None:
    token = site.jitsictl("sso", "token", "--user", "alien", "--room", "staff").stdout.strip()
    asked = json.dumps([(token, "staff"), (token, "board")])
    assert json.loads(site.host.run(["python3", KNOCK], input=asked).stdout) == [True, False]
    assert site.jitsictl("sso", "explain", "--room", "staff", input=token).returncode == 0
    refused = site.jitsictl("sso", "explain", "--room", "board", input=token, check=False)
    assert refused.returncode == 1 and "REFUSED by Prosody: room is for another room" in refused.stdout
    said = site.host.run(["grep", "-rlF", token.rpartition(".")[2], "/var/log", "/var/lib/jitsi-meet"], check=False)
    assert said.returncode == 1, said.stdout


def test_they_agree_with_lists_and_domain_verification(site: Site) -> None:
    site.host.write(CONF, site.host.read(CONF) + MORE)
    site.rc("reload")
    agree(site, STRICT, 2)
