"""What becomes of the adapter's settings: its place in Compose, its image, what it reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml

from jitsictl.plan import reasons
from jitsictl.types.settings import Settings
from unit.site import CONF, SECRETS, SIGN_ON, running, wanted

MAIN = "ghcr.io/d3473r/jitsi-keycloak:main"
SECRET = "JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"
OIDC = f"{CONF}SSO=oidc\n{SIGN_ON}"
JITSI_KEYCLOAK = f"{CONF}SSO=jitsi-keycloak\nSSO_URL=https://sso.meet.example.org\n{SIGN_ON}"
ALL_OF_IT = (
    "KEYCLOAK_CA=/etc/ssl/ca.pem\nKEYCLOAK_ADDRESS=host-gateway\nKEYCLOAK_NETWORK=keycloak0.lan\n"
    "KEYCLOAK_NETWORK_ADDRESS=172.20.0.6\n"
)


def made(conf: str, secret: str = SECRET):
    return wanted(conf, secrets=f"{SECRETS}{secret}")


def composed(desired):
    return yaml.safe_load(desired.files["compose.yaml"])


@pytest.mark.parametrize(("conf", "service", "port"), [(OIDC, "oidc", 9000), (JITSI_KEYCLOAK, "jitsi-keycloak", 3000)])
def test_the_adapter_is_apart_from_the_other_services_and_on_loopback(conf, service, port):
    desired = made(conf)
    document = composed(desired)
    adapter = document["services"][service]
    assert adapter["networks"] == {"sso": {}} and "sso" in document["networks"]
    assert adapter["ports"] == [f"${{SSO_PORT}}:{port}"] and "SSO_PORT='127.0.0.1:3000'" in desired.files[".env"]
    assert adapter["read_only"] is True and adapter["cap_drop"] == ["ALL"]
    assert adapter["security_opt"] == ["no-new-privileges:true"]
    assert all("sso" not in other["networks"] for name, other in document["services"].items() if name != service)
    assert "keycloak" not in document["networks"] and "extra_hosts" not in adapter


@pytest.mark.parametrize(("conf", "service"), [(OIDC, "oidc"), (JITSI_KEYCLOAK, "jitsi-keycloak")])
def test_what_the_adapter_needs_to_reach_keycloak(conf, service):
    desired = made(f"{conf}{ALL_OF_IT}")
    document = composed(desired)
    adapter = document["services"][service]
    assert document["networks"]["keycloak"] == {"external": True, "name": "${KEYCLOAK_NETWORK}"}
    assert adapter["networks"] == {"sso": {}, "keycloak": {"ipv4_address": "${KEYCLOAK_NETWORK_ADDRESS}"}}
    assert adapter["extra_hosts"] == ["${KEYCLOAK_HOST}:${KEYCLOAK_ADDRESS}"]
    assert "${KEYCLOAK_CA}:/ca/keycloak.pem:ro" in adapter["volumes"]
    for line in ("HOST='sso.example.org'", "ADDRESS='host-gateway'", "NETWORK='keycloak0.lan'"):
        assert f"KEYCLOAK_{line}" in desired.files[".env"]
    assert "='/ca/keycloak.pem'" in desired.files[f"env/{service}.env"]


def test_the_secret_has_one_place_and_two_names():
    secret = SECRET.partition("=")[2].strip()
    files = made(JITSI_KEYCLOAK).files
    assert f"JITSI_SECRET='{secret}'" in files["env/jitsi-keycloak.env"]
    assert "JITSI_URL='https://meet.example.org'" in files["env/jitsi-keycloak.env"]
    assert f"JWT_APP_SECRET='{secret}'" in files["env/prosody.env"]
    assert f"JWT_APP_SECRET='{secret}'" in made(OIDC).files["env/oidc.env"]


def test_keycloak_json_is_written_from_the_settings_and_has_no_password():
    read = json.loads(made(f"{JITSI_KEYCLOAK}OIDC_CLIENT_ID=meet\n").files["env/keycloak.json"])
    assert read == {
        "realm": "foundation",
        "auth-server-url": "https://sso.example.org/auth",
        "ssl-required": "external",
        "resource": "meet",
        "public-client": True,
        "confidential-port": 0,
    }
    assert "env/keycloak.json" not in made(OIDC).files


def test_another_realm_restarts_the_adapter_alone():
    before = made(JITSI_KEYCLOAK)
    after = made(JITSI_KEYCLOAK.replace("foundation", "guild"))
    found = reasons.restarts(after, running(before))
    assert found == {"jitsi-keycloak": ("mounted file env/keycloak.json",)}


def test_another_authority_restarts_the_adapter_alone():
    conf = f"{OIDC}KEYCLOAK_CA=/etc/ssl/ca.pem\n"
    before, after = (
        wanted(conf, secrets=f"{SECRETS}{SECRET}", reads={"/etc/ssl/ca.pem": text}) for text in ("old", "new")
    )
    seen = running(before)
    assert seen.applied is not None
    seen = replace(seen, applied=replace(seen.applied, inputs=before.inputs))
    assert reasons.restarts(after, seen) == {"oidc": ("mounted file /etc/ssl/ca.pem",)}


def test_a_new_secret_restarts_both_who_have_it():
    after = made(JITSI_KEYCLOAK, SECRET.replace("0", "f"))
    assert set(reasons.restarts(after, running(made(JITSI_KEYCLOAK)))) == {"prosody", "jitsi-keycloak"}


@pytest.mark.parametrize(
    ("conf", "held", "expected"),
    [
        (OIDC, {}, "ghcr.io/jitsi-contrib/jitsi-oidc-adapter:v20260328"),
        (JITSI_KEYCLOAK, {}, MAIN),
        (JITSI_KEYCLOAK, {MAIN: "sha256:1"}, f"{MAIN}@sha256:1"),
        (f"{JITSI_KEYCLOAK}SSO_IMAGE=my/own:1\n", {"my/own:1": "sha256:2"}, "my/own:1@sha256:2"),
        (
            f"{OIDC}SSO_IMAGE=my/own:1@sha256:{'3' * 64}\n",
            {f"my/own:1@sha256:{'3' * 64}": "sha256:4"},
            f"my/own:1@sha256:{'3' * 64}",
        ),
        (CONF, {}, None),
    ],
)
def test_the_image_is_the_packages_or_the_admins_and_its_digest_is_held(conf, held, expected):
    from jitsictl import releases
    from jitsictl.plan.desired import Ground, desired
    from jitsictl.settings import catalogue
    from unit.site import PIECES, settings

    pieces = {path.name: path.read_text() for path in PIECES.glob("*.yaml")}
    read: Settings = settings(conf, secrets=f"{SECRETS}{SECRET}")
    ground = Ground(pieces, conf, SECRETS, held=held)
    images = desired(read, catalogue.load(), releases.get("stable-11146-2"), ground).images
    assert (images.get("oidc") or images.get("jitsi-keycloak")) == expected
