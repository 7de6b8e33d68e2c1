"""The adapters as services of a real site, between a small Keycloak and a real Prosody, behind Apache."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List

import bed
import pytest
from bed import fake_keycloak, front, tls
from bed.site import CONF, PROJECT, Site

pytestmark = pytest.mark.bed

PAGE, SIGN_ON, KEYCLOAK = "meet.darkstar.lan", "sso.meet.darkstar.lan", "sso.darkstar.lan"
PORT = 8443
BASE = f"https://{KEYCLOAK}:{PORT}/auth"
CA = "/etc/ssl/bed-authority.pem"
KNOCK = "/root/knock.py"
SECRETS = "/etc/jitsi-meet/secrets.conf"
LINES = f"""\
KEYCLOAK_URL={BASE}
KEYCLOAK_REALM=foundation
KEYCLOAK_CA={CA}
KEYCLOAK_ADDRESS=host-gateway
SSO_TLS_CERTIFICATE=/etc/dehydrated/certs/{SIGN_ON}/fullchain.pem
SSO_TLS_KEY=/etc/dehydrated/certs/{SIGN_ON}/privkey.pem
"""
JITSI_KEYCLOAK = f"SSO=jitsi-keycloak\nSSO_URL=https://{SIGN_ON}\n"
CLIENTS = {
    "oidc": {"redirectUris": [f"https://{PAGE}/oidc/tokenize"], "webOrigins": [f"https://{PAGE}"]},
    "jitsi-keycloak": {
        "redirectUris": [f"https://{SIGN_ON}/*"], "webOrigins": [f"https://{SIGN_ON}"],
        "attributes": {"access.token.lifespan": "14400", "pkce.code.challenge.method": "S256"},
    },
}  # fmt: skip
LINKS = {"adapter", "port", "secret", "realm", "clock", "realm from the adapter", "client", "token", "page", "Apache"}

# What an admin does in Keycloak's console: the client, as JSON on standard input, made or made anew.
_CLIENT = """
import json, ssl, sys, urllib.parse, urllib.request
base, ca = sys.argv[1:]
def ask(method, path, data=None, token="", kind="application/json"):
    head = {"Content-Type": kind, "Authorization": "Bearer " + token}
    request = urllib.request.Request(base + path, data, head, method=method)
    return urllib.request.urlopen(request, context=ssl.create_default_context(cafile=ca), timeout=10).read()
account = {"grant_type": "client_credentials", "client_id": "setup", "client_secret": "setup-secret"}
form = urllib.parse.urlencode(account)
token = json.loads(ask("POST", "/realms/foundation/protocol/openid-connect/token", form.encode(), "",
                       "application/x-www-form-urlencoded"))["access_token"]
wanted = {"clientId": "jitsi", "publicClient": True, "attributes": {"pkce.code.challenge.method": ""}}
wanted.update(json.load(sys.stdin))
found = json.loads(ask("GET", "/admin/realms/foundation/clients?clientId=jitsi", None, token))
path, method = ("/" + found[0]["id"], "PUT") if found else ("", "POST")
data = json.dumps({**(found[0] if found else {}), **wanted}).encode()
ask(method, "/admin/realms/foundation/clients" + path, data, token)
"""


@pytest.fixture(scope="module")
def site(prepared_new: bed.Kept) -> Iterator[Site]:
    """A site with Apache before it and Keycloak on the same host, as it is in the tutorial; no adapter yet."""
    host = prepared_new.fork().boot()
    host.dockerd_start()
    made = Site(host)
    files = tls.ensure(name=KEYCLOAK)
    host.put(files.ca, CA)
    host.write("/etc/hosts", f"{host.read('/etc/hosts')}127.0.0.1 {PAGE} {SIGN_ON} {KEYCLOAK}\n", 0o644)
    front.install(host)
    host.write(front.CONF, front.loaded(), 0o644)
    for name in (PAGE, SIGN_ON):
        front.certify(host, name)
    front.start(host)
    host.put(Path(__file__).with_name("knock.py"), KNOCK)
    made.conf(LINES)
    options = ("--base", "/auth", "--public", BASE, "--certificate", str(files.certificate), "--key", str(files.key))
    with fake_keycloak.on(host, PORT, *options):
        made.rc("start")
        yield made
    host.down()


def console(site: Site, adapter: str, **more: object) -> None:
    """What is to be in Keycloak for an adapter."""
    words = ["python3", "-I", "-c", _CLIENT, BASE, CA]
    site.host.run(words, input=json.dumps({**CLIENTS[adapter], **more}))


def switch(site: Site, lines: str) -> None:
    """These lines in place of the ones about the adapter, and a reload; Apache's file anew."""
    ours = ("SSO=", "SSO_URL=", "SSO_IMAGE=")
    kept = [line for line in site.host.read(CONF).splitlines() if not line.startswith(ours)]
    site.host.write(CONF, "\n".join([*kept, lines]))
    site.rc("reload")
    site.jitsictl("vhost", "--install")


def inspect(site: Site, service: str) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads(site.host.run(["docker", "inspect", site.containers()[service]]).stdout)[0]
    return found


def environment(site: Site, service: str) -> Dict[str, str]:
    return dict(entry.split("=", 1) for entry in inspect(site, service)["Config"]["Env"])


def checked(site: Site, *options: str, **run: Any) -> Dict[str, str]:
    """What `sso check` says of each link: "" for one that holds."""
    done = site.jitsictl("sso", "check", "--json", *options, check=False, **run)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said, done.stderr
    assert done.returncode == (0 if all(each["state"] == "holds" for each in said) else 1)
    return {each["link"]: "" if each["state"] == "holds" else each["said"] for each in said}


def logs_in(site: Site) -> None:
    found = checked(site, "--user", "alien", "--password-stdin", input="WelcomeBOB!\n")
    assert not any(found.values()), found
    assert set(found) - {"web origins"} == {*LINKS, "login"}


def knocked(site: Site, asked: object) -> List[bool]:
    found: List[bool] = json.loads(site.host.run(["python3", KNOCK], input=json.dumps(asked), timeout=60).stdout)
    return found


def test_nothing_of_it_runs_before(site: Site) -> None:
    done = site.jitsictl("sso", "check", check=False)
    assert done.returncode == 1 and "found SSO=none; set one up with: jitsictl sso setup" in done.stderr


def test_oidc_runs_and_the_whole_chain_holds(site: Site) -> None:
    console(site, "oidc")
    before = site.containers()
    switch(site, "SSO=oidc\n")
    after = site.containers()
    assert {name for name in before if before[name] != after[name]} == {"prosody", "jicofo", "web"}
    logs_in(site)


def test_the_adapter_is_on_loopback_apart_from_the_others_and_may_write_nothing(site: Site) -> None:
    found = inspect(site, "oidc")
    assert set(found["NetworkSettings"]["Networks"]) == {"docker-jitsi-meet_sso"}
    assert found["HostConfig"]["PortBindings"] == {"9000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "3000"}]}
    assert found["HostConfig"]["ReadonlyRootfs"] and found["HostConfig"]["CapDrop"] == ["ALL"]
    assert environment(site, "oidc")["JWT_APP_SECRET"] == environment(site, "prosody")["JWT_APP_SECRET"]


def test_guests_wait_for_somebody_with_a_token(site: Site) -> None:
    token = site.jitsictl("sso", "token", "--user", "alien").stdout.strip()
    assert knocked(site, [[None, "board"]]) == [False]
    assert knocked(site, {"while": [token, "board"], "knock": [[None, "board"], [None, "other"]]}) == [True, False]


def test_what_is_broken_is_named(site: Site) -> None:
    console(site, "oidc", redirectUris=["https://elsewhere.example/*"])
    found = checked(site)
    assert {name for name, said in found.items() if said} == {"client"}
    assert f"may not send people back to https://{PAGE}/oidc/tokenize" in found["client"]
    console(site, "oidc")
    wrong = checked(site, "--user", "alien", "--password-stdin", input="wrong\n")
    assert {name for name, said in wrong.items() if said} == {"login"}
    assert "found that it refuses name or password" in wrong["login"]


def test_a_stopped_adapter_breaks_what_hangs_on_it(site: Site) -> None:
    site.compose("stop", "oidc")
    found = checked(site)
    assert "expected oidc to run, found: exited" in found["adapter"]
    broken = {name for name, said in found.items() if said}
    assert broken == {"adapter", "port", "secret", "realm from the adapter", "Apache"}
    assert found["port"] == "not looked at: adapter is broken"
    site.rc("start")


def test_a_new_secret_goes_to_both_and_tokens_of_the_old_one_are_refused(site: Site) -> None:
    token = site.jitsictl("sso", "token", "--user", "alien").stdout.strip()
    old = environment(site, "oidc")["JWT_APP_SECRET"]
    site.jitsictl("secrets", "rotate", "JWT_APP_SECRET")
    new = environment(site, "oidc")["JWT_APP_SECRET"]
    assert new != old and new == environment(site, "prosody")["JWT_APP_SECRET"]
    assert knocked(site, [[token, "board"]]) == [False]
    logs_in(site)


def test_a_network_of_keycloaks_is_looked_at_first_and_joined(site: Site) -> None:
    more = "KEYCLOAK_NETWORK=keycloak0.lan\nKEYCLOAK_NETWORK_ADDRESS=172.29.0.6\n"
    conf, ran = site.host.read(CONF), site.containers()
    site.conf(more)
    refused = site.rc("reload", check=False)
    assert refused.returncode == 1 and "KEYCLOAK_NETWORK=keycloak0.lan: expected a Docker network" in refused.stderr
    assert site.containers() == ran
    site.host.run(["docker", "network", "create", "--subnet", "172.29.0.0/24", "keycloak0.lan"])
    site.rc("reload")
    networks = inspect(site, "oidc")["NetworkSettings"]["Networks"]
    assert networks["keycloak0.lan"]["IPAddress"] == "172.29.0.6"
    assert site.containers()["web"] == ran["web"]
    site.host.write(CONF, conf)


def test_jitsi_keycloak_keeps_the_secret_and_the_whole_chain_holds(site: Site) -> None:
    secret = environment(site, "prosody")["JWT_APP_SECRET"]
    console(site, "jitsi-keycloak")
    switch(site, JITSI_KEYCLOAK)
    assert "oidc" not in site.containers()
    assert environment(site, "jitsi-keycloak")["JITSI_SECRET"] == secret
    assert environment(site, "prosody")["JWT_APP_SECRET"] == secret
    logs_in(site)


def test_a_token_that_ends_within_a_meeting_is_named(site: Site) -> None:
    """Keycloak's own 300 seconds, which jitsi-keycloak copies."""
    console(site, "jitsi-keycloak", attributes={"access.token.lifespan": "300", "pkce.code.challenge.method": "S256"})
    found = checked(site, "--user", "alien", "--password-stdin", input="WelcomeBOB!\n")
    assert {name for name, said in found.items() if said} == {"login"}
    assert "access.token.lifespan with: jitsictl sso setup" in found["login"]
    console(site, "jitsi-keycloak")


def test_the_digest_that_was_seen_first_is_held(site: Site) -> None:
    image = "ghcr.io/d3473r/jitsi-keycloak:main"
    held = re.findall(rf"^SSO_IMAGE='{image}@(sha256:[0-9a-f]+)'$", site.host.read(f"{PROJECT}/.env"), re.MULTILINE)
    assert len(held) == 1 and inspect(site, "jitsi-keycloak")["Config"]["Image"] == f"{image}@{held[0]}"
    ran = site.containers()
    site.rc("reload")
    assert site.containers() == ran


def test_an_image_whose_tokens_have_no_end_is_refused_and_the_site_runs_on(site: Site) -> None:
    conf, ran = site.host.read(CONF), site.containers()
    site.conf("SSO_IMAGE=d3473r/jitsi-keycloak:v1.3.1\n")
    refused = site.rc("reload", check=False)
    assert refused.returncode == 1
    assert "expected tokens with an end (exp), found some without, which Jitsi's page refuses" in refused.stderr
    assert site.containers() == ran
    site.host.write(CONF, conf)
    logs_in(site)


def test_what_jitsi_keycloak_gives_to_everybody_has_no_secret(site: Site) -> None:
    given = json.loads(site.host.http("/api/keycloak.json", port=3000).body)
    assert given["auth-server-url"] == BASE and given["resource"] == "jitsi" and "credentials" not in given
    mounts = [mount["Source"] for mount in inspect(site, "jitsi-keycloak")["Mounts"]]
    assert f"{PROJECT}/env/keycloak.json" in mounts


def test_without_an_adapter_it_is_gone(site: Site) -> None:
    switch(site, "AUTH_TYPE=internal\n")
    assert "jitsi-keycloak" not in site.containers()
    assert site.login("alien", "WelcomeBOB!")
