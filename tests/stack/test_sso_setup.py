"""jitsictl sso setup and off with a real Keycloak, behind the Apache of the site's own host."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator

import bed
import pexpect
import pytest
from bed import front, keycloak
from bed.execs import traced
from bed.fake_keycloak import ADMIN, ADMIN_PASSWORD, REALM, SECRET, SERVICE, USER
from bed.fake_keycloak import PASSWORD as PERSONS
from bed.site import CONF, CONFIG, Site

pytestmark = pytest.mark.bed

PAGE, SIGN_ON = "meet.darkstar.lan", "sso.meet.darkstar.lan"
KEPT = "/root/keycloak.secret"
SECRETS = "/etc/jitsi-meet/secrets.conf"
ACCOUNT = ("--service-account", SERVICE, "--password-file", KEPT)
TUTORIAL = ("--adapter", "jitsi-keycloak", "--sso-url", f"https://{SIGN_ON}")
NOTHING = "nothing to do: Keycloak and this site are as they should be\n"


# What an admin does in Keycloak's console: fields of client jitsi, as JSON on standard input, in place of what it has.
_CLIENT = f"""
import json, sys, urllib.parse, urllib.request
def ask(method, path, data=None, **head):
    request = urllib.request.Request("{keycloak.INSIDE}" + path, data, head, method=method)
    return json.loads(urllib.request.urlopen(request, timeout=20).read() or "null")
form = {{"grant_type": "client_credentials", "client_id": "{SERVICE}", "client_secret": "{SECRET}"}}
token = ask("POST", "/realms/{REALM}/protocol/openid-connect/token", urllib.parse.urlencode(form).encode())
head = {{"Authorization": "Bearer " + token["access_token"], "Content-Type": "application/json"}}
(client,) = ask("GET", "/admin/realms/{REALM}/clients?clientId=jitsi", **head)
client.update(json.load(sys.stdin))
ask("PUT", "/admin/realms/{REALM}/clients/" + client["id"], json.dumps(client).encode(), **head)
print(json.dumps(client))
"""


@pytest.fixture(scope="module")
def site(real_keycloak: keycloak.Keycloak, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site with an account, the page behind Apache, and Keycloak; the host finds its names on its own loopback."""
    # Asked for here, since pytest would make it first, and Keycloak needs the time to start.
    prepared: bed.Kept = request.getfixturevalue("prepared_new")
    host = prepared.fork().boot()
    host.dockerd_start()
    made = Site(host)
    front.install(host)
    for name in (PAGE, SIGN_ON):
        front.certify(host, name)
    keycloak.publish(host, PAGE, SIGN_ON)
    known = host.read("/etc/hosts").replace(f"{host.ip} {keycloak.NAME}", f"127.0.0.1 {keycloak.NAME}")
    host.write("/etc/hosts", known, 0o644)
    front.start(host)
    folder = f"/etc/dehydrated/certs/{SIGN_ON}"
    made.conf(f"SSO_TLS_CERTIFICATE={folder}/fullchain.pem\nSSO_TLS_KEY={folder}/privkey.pem\n# mine\n")
    made.rc("start")
    made.jitsictl("vhost", "--install")
    host.write(KEPT, f"{SECRET}\n", 0o600)
    real_keycloak.ready()
    yield made
    host.down()


def read(site: Site, file: str) -> Dict[str, str]:
    return dict(line.split("=", 1) for line in site.host.read(file).splitlines() if re.match("[A-Z_]+=", line))


def state(site: Site) -> object:
    """What a dry run must not change; what runs, and since when."""
    files = [site.host.read(path) for path in (CONF, SECRETS, "/etc/httpd/extra/httpd-jitsi.conf")]
    return files, site.containers()


def logs_in(site: Site) -> None:
    words = ("sso", "check", "--json", "--user", USER, "--password-stdin")
    done = site.jitsictl(*words, input=f"{PERSONS}\n", check=False)
    links = [json.loads(line) for line in done.stdout.splitlines()]
    assert [link for link in links if link["state"] != "holds"] == [] and links[-1]["link"] == "login", done.stderr


def console(site: Site, **changed: Any) -> Dict[str, Any]:
    """The client as it is after these changes."""
    said = site.host.run(["python3", "-I", "-c", _CLIENT], input=json.dumps(changed)).stdout
    client: Dict[str, Any] = json.loads(said)
    return client


def test_a_dry_run_shows_everything_and_touches_nothing(site: Site) -> None:
    before = state(site)
    words = (keycloak.ADDRESS, "--realm", REALM, "--ca", keycloak.AUTHORITY)
    for _ in range(2):
        done = site.jitsictl("sso", "setup", "--dry-run", *words, *ACCOUNT, check=False)
        assert done.returncode == 3, done.stderr
        for line in (
            f"Client jitsi of realm {REALM} at {keycloak.ADDRESS}: new", f"  redirectUris: https://{PAGE}/oidc/tokenize",
            "  + SSO=oidc", "  + KEYCLOAK_ADDRESS=host-gateway", "httpd-jitsi.conf: written anew",
        ):  # fmt: skip
            assert f"\n{line}" in f"\n{done.stdout}" or line in done.stdout, done.stdout
    assert state(site) == before


def test_who_is_refused_reads_why_and_nothing_is_touched(site: Site) -> None:
    before = state(site)
    there = (keycloak.ADDRESS, "--ca", keycloak.AUTHORITY)
    for words, given, what in (
        (("--realm", REALM, "--admin", ADMIN), "wrong", "Invalid user credentials. Name or password are wrong; or"),
        (("--realm", REALM, "--service-account", SERVICE), "wrong", "It takes a client of this name and secret"),
        (("--realm", REALM, "--admin", USER, "--admin-realm", REALM), PERSONS, "give alien the role manage-clients"),
        (("--realm", "nope", "--admin", ADMIN), ADMIN_PASSWORD, "found that Keycloak has no realm of this name"),
    ):
        done = site.jitsictl("sso", "setup", "--yes", *there, *words, "--password-stdin", input=given, check=False)
        assert done.returncode == 1 and what in done.stderr, done.stderr
    assert state(site) == before


def test_typed_at_a_terminal_and_somebody_logs_in(site: Site) -> None:
    """Without /auth, which is found."""
    words = ["jitsictl", "sso", "setup", "--ca", keycloak.AUTHORITY, f"https://{keycloak.NAME}"]
    argv = site.host.argv(words)
    with pexpect.spawn(argv[0], argv[1:], timeout=60, encoding="utf-8", dimensions=(50, 200)) as dialogue:
        for prompt, answer in (
            ("Realm that the people are in: ", REALM), (r"may change clients \[admin\]: ", ADMIN),
            (f"Password of {ADMIN}: ", ADMIN_PASSWORD), (r"Do this\? \[Y/n\]: ", "y"),
        ):  # fmt: skip
            dialogue.expect(prompt)
            dialogue.sendline(answer)
        dialogue.expect(pexpect.EOF)
        said = str(dialogue.before)
    assert f"client jitsi of realm {REALM} is made" in said and "wrote /etc/httpd/extra/httpd-jitsi.conf" in said
    assert read(site, CONF)["KEYCLOAK_URL"] == keycloak.ADDRESS and "# mine" in site.host.read(CONF)
    logs_in(site)


def test_a_second_time_there_is_nothing_to_do(site: Site) -> None:
    before = state(site)
    assert site.jitsictl("sso", "setup", "--yes", *ACCOUNT).stdout == NOTHING
    assert state(site) == before


def test_the_other_adapter_keeps_the_secret_and_no_program_is_given_one(site: Site, tmp_path: Path) -> None:
    secret = read(site, SECRETS)["JWT_APP_SECRET"]
    said, seen = traced(site.host, tmp_path / "helper", ["jitsictl", "sso", "setup", "--yes", *TUTORIAL, *ACCOUNT])
    assert "pkce.code.challenge.method: S256" in said and f"redirectUris: https://{SIGN_ON}/* is added" in said
    assert read(site, SECRETS)["JWT_APP_SECRET"] == secret and "oidc" not in site.containers()
    assert site.jitsictl("sso", "setup", "--yes", *ACCOUNT).stdout == NOTHING
    logs_in(site)
    told = "\n".join([said, *seen])
    assert '"docker"' in told and not [each for each in (SECRET, secret, "eyJhbGciOi") if each in told]
    places = f"/var/log /var/lib/jitsi-meet /etc /root /run /tmp {CONFIG} /usr/local/docker-jitsi-meet"
    found = site.host.run(f"grep -rlF -e '{SECRET}' -e eyJhbGciOi {places}", check=False).stdout.split()
    assert found == [KEPT]
    assert site.host.run(f"grep -rlF '{secret}' {places}").stdout
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    assert site.host.run(f"{nobody} grep -rslF '{secret}' {places}", check=False).stdout == ""


def test_a_client_that_was_changed_in_the_console_is_put_right_and_keeps_what_is_not_ours(site: Site) -> None:
    console(site, standardFlowEnabled=False, description="Ours", redirectUris=["https://a.example/*"])
    before = state(site)
    said = site.jitsictl("sso", "setup", "--yes", *ACCOUNT).stdout
    assert "standardFlowEnabled: off -> on" in said and "restarted: no service" in said
    assert "redirectUris also has https://a.example/*; take away what you do not need" in said
    assert state(site) == before and console(site)["description"] == "Ours"
    logs_in(site)


def test_off_is_back_at_the_accounts_that_were_there(site: Site) -> None:
    done = site.jitsictl("sso", "off", "--dry-run", check=False)
    assert done.returncode == 3 and "  - SSO=jitsi-keycloak" in done.stdout and "1 account logs in then" in done.stdout
    site.jitsictl("sso", "off", "--yes")
    assert site.login("alien", "WelcomeBOB!") and "jitsi-keycloak" not in site.containers()
    kept = read(site, CONF)
    assert "SSO" not in kept and kept["KEYCLOAK_REALM"] == REALM and kept["SSO_URL"] == f"https://{SIGN_ON}"
    assert site.jitsictl("sso", "off", "--yes").stdout == "nothing to do: no sign-on is set\n"
