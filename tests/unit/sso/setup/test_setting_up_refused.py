"""What keeps jitsictl sso setup from its work, each said before anything is touched; Apache's file; secrets."""

from __future__ import annotations

import os

import pytest
from bed.fake_keycloak import REALM, SECRET

from jitsictl.doors import process
from jitsictl.sso.setup import apache
from jitsictl.types.failure import Failure
from unit.sso.setup.site import PAGE, SIGN_ON, conf, secrets

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")


@pytest.mark.parametrize(
    ("given", "mode", "what"),
    [("", 0o600, "found an empty line"), ("\nx\n", 0o600, "found an empty line"), ("pw\n", 0o644, "chmod 600"),
     ("pw\n", 0o640, "found mode 0640"), ("x" * 5000, 0o600, "more than 4096 bytes"), ("\udcff", 0o600, "in UTF-8")],
)  # fmt: skip
def test_a_file_that_holds_no_password(run, keycloak, options, tmp_path, given, mode, what):
    file = tmp_path / "password"
    file.write_text(given, errors="surrogateescape")
    file.chmod(mode)
    with pytest.raises(Failure, match=what) as failed:
        run("setup", "--yes", *options, "--admin", "admin", "--password-file", file)
    assert failed.value.exit == 2


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--admin", "a", "--service-account", "b"), "exclude each other"),
        (("--password-file", "a", "--password-stdin"), "exclude each other"),
        (("--no-client", "--admin", "a"), "leave the account out"),
        (("--keycloak-json", "a"), "leave KEYCLOAK out"),
        (("--sso-url", SIGN_ON), "found oidc, which has no host of its own"),
        (("--adapter", "jitsi-keycloak"), "expected --sso-url URL, found none and no terminal"),
        (("--adapter", "jitsi-keycloak", "--sso-url", PAGE), "is the host of PUBLIC_URL"),
        (("--adapter", "jitsi-keycloak", "--sso-url", "x"), "SSO_URL: 'x' is no URL"),
        (("--client", "two words"), "OIDC_CLIENT_ID: 'two words'"),
        (("--adapter", "other"), "other"),
        ((), "expected --admin NAME or --service-account CLIENT, found neither"),
        (("--admin", "a"), "expected a terminal to ask for the password"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_touched(run, machine, keycloak, options, account, words, what):
    before = machine.picture()
    if PAGE in words:
        words = (*words, *account)
    with pytest.raises(Exception, match=what):
        run("setup", "--yes", *options, *words)
    assert machine.picture() == before and not [call for call in keycloak.asked if "/admin/" in call and "POST" in call]


def test_where_keycloak_is_not(run, machine, keycloak, account):
    ca = ("--ca", keycloak.authority)
    root = keycloak.url.removesuffix("/auth")
    run("setup", "--dry-run", root, "--realm", REALM, *ca, *account, code=3)  # it is found below /auth
    run("setup", "--dry-run", f"{root}/auth/realms/{REALM}/account", *ca, *account, code=3)
    for words, what in (
        ((root, "--realm", "nope", *ca), f"expected realm nope at {keycloak.url}, found that Keycloak has no realm"),
        ((f"{root}/other", "--realm", REALM, *ca), "expected Keycloak there, found none:\n  https://localhost"),
        ((keycloak.url, "--realm", REALM), "certificate that this host trusts"),
        (("http://localhost", "--realm", REALM), "must be https"),
        ((keycloak.url, *ca), "expected --realm REALM, found none and no terminal"),
        ((f"{keycloak.url}/realms/a", "--realm", REALM, *ca), "found a in the address and --realm foundation"),
        (("--realm", REALM), "expected the address of Keycloak, found none and no terminal"),
    ):
        with pytest.raises(Failure, match=what):
            run("setup", "--yes", *words, *account)


def test_keycloak_that_calls_itself_something_else(run, keycloak, options, account, monkeypatch):
    monkeypatch.setattr(keycloak, "public", keycloak.url.replace("https:", "http:"))
    with pytest.raises(Failure, match="does not know that it is reached by https; start it with --proxy-headers"):
        run("setup", "--yes", *options, *account)


def test_apaches_file_follows_or_is_told_of(run, machine, keycloak, options, account, monkeypatch):
    done = []
    monkeypatch.setattr(apache.look, "look", lambda *_: apache.look.Look("", tuple(done)))
    monkeypatch.setattr(apache.look, "drift", lambda *_: ["- a"])
    monkeypatch.setattr(apache.install, "install", lambda *_: ["wrote it"])
    machine.paths.vhost.parent.mkdir(parents=True)
    machine.paths.vhost.write_text("")
    assert "wrote it" in run("setup", "--yes", *options, *account)
    assert "written anew, and read by httpd" in run("setup", "-n", *account, code=3)
    before = machine.picture()
    done.append("expected the certificate, found none")
    tutorial = ("--adapter", "jitsi-keycloak", "--sso-url", SIGN_ON)
    with pytest.raises(Failure) as failed:
        run("setup", "--yes", *tutorial, *account)
    assert failed.value.what.splitlines() == [
        "expected the certificate, found none",
        f"to get a certificate, write SSO_URL={SIGN_ON} into jitsi.conf, then jitsictl vhost --challenge",
        "nothing was changed",
    ]
    assert machine.picture() == before

    def refuses(*_):
        raise Failure("expected httpd to like it, found not")

    done.clear()
    monkeypatch.setattr(apache.install, "install", refuses)
    with pytest.raises(Failure, match="jitsi.conf is applied, and Apache's file is not .* jitsictl vhost --install"):
        run("setup", "--yes", *tutorial, *account)
    assert conf(machine)["SSO"] == "jitsi-keycloak"


def test_no_secret_is_told(run, machine, keycloak, options, account):
    said = run("setup", "--yes", "--verbose", *options, *account)
    said += run("setup", "-n", "--client", "other", *account, code=3)
    tokens = list(keycloak.realms[REALM].tokens)
    hidden = [SECRET, secrets(machine)["JWT_APP_SECRET"], *tokens]
    assert len(tokens) >= 2 and not [each for each in hidden if each in said or each not in process._secrets]
    for path in machine.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes()
            assert not [each for each in (SECRET, *tokens) if each.encode() in text], path
            if secrets(machine)["JWT_APP_SECRET"].encode() in text:
                assert path.stat().st_mode & 0o077 == 0, path
