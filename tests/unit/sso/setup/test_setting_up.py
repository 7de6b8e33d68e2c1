"""jitsictl sso setup and sso off on a whole site in a directory, with a small Keycloak: shown, done, undone, told."""

from __future__ import annotations

import json
import os

import pytest
from bed.fake_keycloak import ADMIN_PASSWORD, REALM, Realm

from jitsictl.change import adapter, generations
from jitsictl.types.failure import Failure
from unit.sso.setup.site import PAGE, SIGN_ON, conf, secrets

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")



def test_the_whole_of_it_and_a_second_time_nothing(run, machine, keycloak, options, account):
    said = run("setup", "--yes", *options, *account)
    client = keycloak.realms[REALM].client("jitsi")
    assert client["redirectUris"] == [f"{PAGE}/oidc/tokenize"] and client["publicClient"]
    settings = generations.applied_settings(machine.paths)
    assert (settings["SSO"], settings["KEYCLOAK_URL"], settings["KEYCLOAK_REALM"]) == ("oidc", keycloak.url, REALM)
    assert settings["KEYCLOAK_CA"] == str(keycloak.authority) and settings["KEYCLOAK_ADDRESS"] == "host-gateway"
    assert settings["JWT_APP_SECRET"] == secrets(machine)["JWT_APP_SECRET"] and "oidc" in machine.docker.runs
    for line in ("Client jitsi of realm foundation at", "+ SSO=oidc", f"redirectUris: {PAGE}/oidc/tokenize",
                 "client jitsi of realm foundation is made", "jitsictl vhost --install", "jitsictl sso check"):
        assert line in said
    text, before = machine.paths.conf.read_text(), machine.picture()
    assert run("setup", "--yes", *account) == "nothing to do: Keycloak and this site are as they should be\n"
    assert run("setup", "--yes", *options, *account).startswith("nothing to do")
    assert machine.paths.conf.read_text() == text and machine.picture() == before
    assert not [call for call in keycloak.asked[4:] if call.startswith("PUT")]


def test_a_dry_run_shows_all_and_touches_nothing(run, machine, keycloak, options, account):
    keycloak.realms[REALM].create({"clientId": "jitsi", "publicClient": True, "directAccessGrantsEnabled": True,
                                   "redirectUris": ["https://old.example.org/*"]})
    before, client = machine.picture(), json.dumps(keycloak.realms[REALM].client("jitsi"))
    said = run("setup", "--dry-run", *options, *account, code=3)
    for line in (
        "changes", "  directAccessGrantsEnabled: on -> off", f"  redirectUris: {PAGE}/oidc/tokenize is added",
        "  redirectUris also has https://old.example.org/*; take away what you do not need", "  + SSO=oidc",
        f"  + KEYCLOAK_URL={keycloak.url}", "oidc  ",
    ):  # fmt: skip
        assert line in said
    assert machine.picture() == before and json.dumps(keycloak.realms[REALM].client("jitsi")) == client


def test_nothing_happens_before_somebody_says_yes(run, machine, keycloak, options, account):
    before = machine.picture()
    with pytest.raises(Failure, match="expected --yes, found no terminal") as failed:
        run("setup", *options, *account)
    assert failed.value.exit == 2 and machine.picture() == before and keycloak.realms[REALM].client("jitsi") is None


def test_the_other_adapter_and_back_keep_the_secret(run, machine, keycloak, options, account):
    run("setup", "--yes", *options, *account)
    secret = secrets(machine)["JWT_APP_SECRET"]
    run("setup", "--yes", "--adapter", "jitsi-keycloak", "--sso-url", f"{SIGN_ON}/", *account)
    client = keycloak.realms[REALM].client("jitsi")
    assert client["redirectUris"] == [f"{PAGE}/oidc/tokenize", f"{SIGN_ON}/*"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert conf(machine)["SSO_URL"] == SIGN_ON and set(machine.docker.runs) & {"oidc", "jitsi-keycloak"} == {
        "jitsi-keycloak"
    }
    assert run("setup", "--yes", *account).startswith("nothing to do"), "the adapter that runs is the one that is meant"
    run("setup", "--yes", "--adapter", "oidc", *account)
    assert "SSO_URL" not in conf(machine) and "oidc" in machine.docker.runs
    assert "pkce.code.challenge.method" not in keycloak.realms[REALM].client("jitsi")["attributes"]
    assert secrets(machine)["JWT_APP_SECRET"] == secret


def test_off_and_on_again(run, machine, keycloak, options, account):
    machine.paths.conf.write_text(machine.paths.conf.read_text() + "# mine\nAUTH_TYPE=internal # for now\n")
    before = machine.paths.conf.read_text()
    run("setup", "--yes", *options, *account)
    assert "AUTH_TYPE" not in conf(machine) and "# mine\n" in machine.paths.conf.read_text()
    seen = machine.picture()
    said = run("off", "--dry-run", code=3)
    assert "- SSO=oidc" in said and "Client jitsi of realm foundation at" in said and machine.picture() == seen
    with pytest.raises(Failure, match="expected --yes"):
        run("off")
    said = run("off", "--yes")
    assert "1 account logs in then" in said
    assert "SSO" not in conf(machine) and conf(machine)["KEYCLOAK_REALM"] == REALM
    settings = generations.applied_settings(machine.paths)
    assert (settings["SSO"], settings["AUTH_TYPE"]) == ("none", "internal") and "oidc" not in machine.docker.runs
    assert secrets(machine)["JWT_APP_SECRET"] and (machine.config / "prosody/config/data/meet%2ejitsi").exists()
    assert run("off", "--yes") == "nothing to do: no sign-on is set\n"
    kept = {line for line in before.splitlines() if not line.startswith("AUTH_TYPE")}
    assert kept <= set(machine.paths.conf.read_text().splitlines())
    run("setup", "--yes", *account)
    assert generations.applied_settings(machine.paths)["SSO"] == "oidc"


def test_off_where_nobody_has_an_account(run, machine, keycloak, options, account):
    run("setup", "--yes", *options, *account)
    (machine.config / "prosody/config/data/meet%2ejitsi/accounts/alien.dat").rename(machine.root / "away")
    assert "There is no account to log in with yet; make one afterwards: jitsi-useradd NAME" in run("off", "-n", code=3)


@pytest.fixture
def broken(monkeypatch):
    """The image does not prove itself, which is looked at last of all."""

    def fail(*_):
        raise Failure("expected a token, found none")

    monkeypatch.setattr(adapter, "unproved", lambda *_: "image")
    monkeypatch.setattr(adapter, "prove", fail)


def test_when_this_host_is_not_ready_nothing_is_written_in_keycloak(
    run, machine, keycloak, options, account, broken
):
    before = machine.picture()
    with pytest.raises(Failure, match="^expected a token, found none$"):
        run("setup", "--yes", *options, *account)
    assert keycloak.realms[REALM].client("jitsi") is None and machine.picture() == before


@pytest.mark.parametrize("there", [False, True], ids=["a new client", "one that was there"])
def test_when_a_service_fails_the_site_is_as_before_and_the_client_is_told_of(
    run, machine, keycloak, options, account, monkeypatch, there
):
    from jitsictl.change import probes

    def fail(_tools, _settings, service):
        if service == "oidc":
            raise Failure("expected oidc to answer, found nothing")

    if there:
        keycloak.realms[REALM].create({"clientId": "jitsi", "publicClient": True})
    before = machine.picture()
    monkeypatch.setattr(probes, "wait_ready", fail)
    with pytest.raises(Failure) as failed:
        run("setup", "--yes", *options, *account)
    told = failed.value.what.splitlines()[-1]
    how = "changed, which" if there else "made, which"
    assert told.startswith(f"client jitsi of realm foundation is {how} harms nobody.")
    assert told.endswith("what was changed stands above" if there else "delete it in Keycloak's console, Clients")
    assert machine.picture() == before and keycloak.realms[REALM].client("jitsi")["publicClient"]
    monkeypatch.setattr(probes, "wait_ready", lambda *_: None)
    assert "as it should be" in run("setup", "--yes", *options, *account)


def test_a_client_that_keycloak_refuses_leaves_everything(run, machine, keycloak, options, account):
    keycloak.realms[REALM].roles["setup"] = ["view-clients"]
    before = machine.picture()
    with pytest.raises(Failure) as failed:
        run("setup", "--yes", *options, *account)
    assert failed.value.what.endswith("give setup the role manage-clients of the client realm-management")
    assert machine.picture() == before


def test_a_realm_that_changes_clients_is_told(run, machine, keycloak, options, account, monkeypatch):
    """Client policies may."""
    changed = Realm._set
    monkeypatch.setattr(
        Realm, "_set", lambda self, client, given: changed(self, client, {**given, "redirectUris": []})
    )
    before = machine.picture()
    with pytest.raises(Failure, match="found that Keycloak has: redirectUris: .*tokenize is added; something in the"):
        run("setup", "--yes", *options, *account)
    assert machine.picture() == before


def test_a_client_that_asks_for_a_secret_gets_it(run, machine, keycloak, options, account):
    keycloak.realms[REALM].create({"clientId": "jitsi", "publicClient": False, "secret": "a-secret-of-the-client"})
    said = run("setup", "--yes", *options, *account)
    assert secrets(machine)["OIDC_CLIENT_SECRET"] == "a-secret-of-the-client"
    assert machine.paths.secrets.stat().st_mode & 0o777 == 0o600
    assert "+ OIDC_CLIENT_SECRET, which this client asks for" in said and "a-secret" not in said
    assert keycloak.realms[REALM].client("jitsi")["publicClient"] is False
    assert run("setup", "--yes", *account).startswith("nothing to do")
    keycloak.realms[REALM].client("jitsi")["secret"] = "another-secret"
    run("setup", "--yes", *account)
    assert secrets(machine)["OIDC_CLIENT_SECRET"] == "another-secret"


def test_only_the_client_differs(run, machine, keycloak, options, account):
    run("setup", "--yes", *options, *account)
    keycloak.realms[REALM].client("jitsi")["enabled"] = False
    before = machine.picture()
    said = run("setup", "--yes", *account)
    assert "enabled: off -> on" in said and "restarted: no service" in said
    assert keycloak.realms[REALM].client("jitsi")["enabled"] and machine.picture() == before


def test_without_the_api(run, machine, keycloak, options, tmp_path):
    said = run("setup", "--print", *options)
    assert "kcadm.sh" in said and f"{PAGE}/oidc/tokenize" in said and "Client authentication Off" in said
    assert "SSO" not in conf(machine)
    said = run("setup", "--yes", "--no-client", *options)
    assert "for whoever looks after Keycloak; jitsictl sso setup --print says how" in said
    assert conf(machine)["SSO"] == "oidc" and all(call.endswith("openid-configuration") for call in keycloak.asked)
    assert run("setup", "--yes", "--no-client").startswith("nothing to do")


def test_by_the_file_of_the_console(run, machine, keycloak, tmp_path):
    fields = {"realm": REALM, "auth-server-url": f"{keycloak.url}/", "resource": "meet", "public-client": True}
    file = tmp_path / "keycloak.json"
    file.write_text(json.dumps(fields))
    words = ("setup", "--yes", "--ca", keycloak.authority, "--adapter", "jitsi-keycloak", "--sso-url", SIGN_ON)
    run(*words, "--keycloak-json", file)
    assert conf(machine)["OIDC_CLIENT_ID"] == "meet" and conf(machine)["KEYCLOAK_URL"] == keycloak.url
    made = (machine.paths.current / "env/keycloak.json").read_text()
    assert json.loads(made)["resource"] == "meet" and "credentials" not in made
    file.write_text(json.dumps({**fields, "credentials": {"secret": "x"}}))
    with pytest.raises(Failure, match="credentials in it"):
        run(*words, "--keycloak-json", file)
    with pytest.raises(Failure, match="no such file"):
        run(*words, "--keycloak-json", tmp_path / "other.json")


def test_a_person_of_master_by_standard_input(run, machine, keycloak, options):
    run("setup", "--yes", *options, "--admin", "admin", "--password-stdin", given=f"{ADMIN_PASSWORD}\n")
    assert keycloak.realms[REALM].client("jitsi")


def test_a_person_of_the_realm(run, machine, keycloak, options):
    realm = keycloak.realms[REALM]
    realm.users["clerk"] = {"password": "a password", "roles": ["manage-clients"]}
    run("setup", "--yes", *options, "--admin", "clerk", "--admin-realm", REALM, "--password-stdin", given="a password")
    assert realm.client("jitsi")
