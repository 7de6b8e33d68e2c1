"""jitsictl sso token and explain, from their arguments to what is printed, on an applied site."""

from __future__ import annotations

import contextlib
import inspect
import json

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jitsictl.cli.__main__ import jitsictl
from jitsictl.cli.generate import man_pages
from jitsictl.cli.sso import explaining, making
from jitsictl.plan import manifest
from jitsictl.sso.tokens import jws, mint, rooms, site
from jitsictl.sso.tokens.rules import rules
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.site import CONF, SECRETS, wanted
from unit.site import settings as settings_of
from unit.sso.tokens.made import SECRET, claims, signed

JWT = "ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n"
KEY = f"JWT_APP_SECRET={SECRET}\n"
# Until click 8.2 the runner mixes both streams unless it is told not to.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def said_by(token):
    """What its payload says; that it is signed as it should be is `explain`'s to tell, and PyJWT's in test_pyjwt."""
    return jws.read(token.strip().split(".")[1]).values


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run("token", ..., given=STDIN)` at a site that `run.apply(CONF)` made."""

    def call(*words, given=""):
        done = CliRunner(**APART).invoke(jitsictl, ["sso", *words], input=given, standalone_mode=False)
        if isinstance(done.exception, SystemExit):
            done.exception = None
        if done.exception is not None:
            raise done.exception
        done.exit_code = done.return_value
        return done

    def apply(more):
        made = wanted(f"{CONF}{more}", secrets=SECRETS + KEY)
        folder = Paths(tmp_path).generations / "1"
        for name, text in {**made.files, manifest.NAME: manifest.dump(made, None)}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        if not Paths(tmp_path).current.is_symlink():
            Paths(tmp_path).current.symlink_to(folder)

    call.apply = apply
    for module in (making, explaining):
        monkeypatch.setattr(module, "Paths", lambda: Paths(tmp_path))
    apply(JWT)
    return call


def test_the_token_stands_alone(run):
    said = run("token", "--user", "alien", "--email", "alien@example.org", "--moderator", "--for", "2 days")
    assert said.stdout.count("\n") == 1
    assert run("explain", given=said.stdout).exit_code == 0
    found = said_by(said.stdout)
    assert found["exp"] - found["iat"] == 2 * 86400 and found["nbf"] == found["iat"]
    assert (found["iss"], found["aud"], found["sub"], found["room"]) == ("jitsi", "jitsi", "*", "*")
    assert found["context"]["user"] == {
        "id": "alien@example.org", "name": "alien", "email": "alien@example.org", "affiliation": "moderator",
        "moderator": "true",
    }  # fmt: skip
    assert "token_affiliation" in said.stderr and "token_affiliation" not in run("token", "--user", "a").stderr
    run.apply(f"{JWT}XMPP_MUC_MODULES=other,token_affiliation\n")
    assert run("token", "--user", "alien", "--moderator").stderr == ""


def test_a_link_leads_to_the_room_and_its_token_to_no_other(run):
    link = run("token", "--user", "alien", "--room", "acme/My Room", "--link").stdout.strip()
    assert link.startswith("https://meet.example.org/acme/My%20Room?jwt=ey")
    found = said_by(link.partition("=")[2])
    assert (found["room"], found["sub"]) == ("my%20room", "acme")
    assert run("explain", given=link).exit_code == 0
    assert run("explain", given=link.replace("acme/My%20Room", "MY%20room")).exit_code == 0
    assert run("explain", given=link.replace("?jwt", "#jwt")).exit_code == 0
    other = run("explain", given=link.replace("My%20Room", "board"))
    assert other.exit_code == 1 and 'REFUSED by Prosody: room is for another room than "board"' in other.stdout
    assert other.stdout.endswith("refused by Prosody: room\n")
    assert run("explain", "--room", "board", given=link).exit_code == 1


def test_it_fits_what_the_site_accepts(run):
    run.apply(f"{JWT}JWT_ACCEPTED_ISSUERS=boss,sub\nJWT_ACCEPTED_AUDIENCES=first,second\n"
              "JWT_ENABLE_DOMAIN_VERIFICATION=1\nJWT_SIGN_TYPE=HS384\n")
    token = run("token", "--user", "alien", "--room", "staff").stdout
    found = said_by(token)
    assert (found["iss"], found["aud"], found["sub"]) == ("boss", "first", "meet.jitsi")
    assert jws.read(token.split(".")[0]).values["alg"] == "HS384"
    assert run("explain", "--room", "staff", given=token).exit_code == 0


def test_every_part_is_explained_as_words_and_as_data(run):
    token = run("token", "--user", "alien").stdout
    said = run("explain", given=token).stdout
    parts = ["form", "header", "typ", "alg", "signature", "payload", "exp", "nbf", "iat", "iss", "aud", "room", "sub",
             "context", "context.user"]  # fmt: skip
    assert [line for line in said.splitlines() if line in parts] == parts
    assert "iat\n  checked against: nothing\n" in said and said.endswith("accepted by Prosody and the page\n")
    report = json.loads(run("explain", "--json", given=token).stdout)
    assert report["accepted"] and [row["part"] for row in report["parts"]] == parts
    bad = json.loads(run("explain", "--json", given=signed("{}", "{}")).stdout)
    assert not bad["accepted"]
    refused = {row["part"] for row in bad["parts"] if row["refused"]}
    assert refused == {"typ", "alg", "exp", "iss", "aud", "room", "sub", "context"}


def test_the_secret_is_never_shown(run):
    token = signed('{"alg":"HS256","typ":"JWT"}', json.dumps(claims(iss=SECRET, room=f"a{SECRET}")), "x" * 32)
    for words in (("explain",), ("explain", "--json"), ("explain", "--room", "a")):
        said = run(*words, given=token)
        assert said.exit_code == 1 and SECRET not in said.stdout + said.stderr
    assert SECRET not in run("token", "--user", "alien", "--moderator").stdout
    assert SECRET not in repr(rules(settings_of(f"{CONF}{JWT}", secrets=SECRETS + KEY)))


@pytest.mark.parametrize(
    "conf, found",
    [
        (JWT.replace("AUTH=1", "AUTH=0"), "found ENABLE_AUTH=0"),
        ("ENABLE_AUTH=1\n", "found AUTH_TYPE=internal"),
        (f"{JWT}PROSODY_AUTH_TYPE=internal\n", "found PROSODY_AUTH_TYPE=internal"),
        (f"{JWT}JWT_ASAP_KEYSERVER=https://keys.example.com\n", "found a key server"),
    ],
)
def test_a_site_that_takes_no_tokens_says_what_to_do(run, conf, found):
    run.apply(conf)
    for words in (("token", "--user", "alien"), ("explain",)):
        with pytest.raises(Failure, match=found) as failed:
            run(*words, given="a.b.c")
        assert "reload" in failed.value.what and failed.value.exit == 1


def test_nothing_applied(run, tmp_path):
    Paths(tmp_path).current.unlink()
    with pytest.raises(Failure, match="start the site"):
        run("token", "--user", "alien")


@pytest.mark.parametrize(
    "words, what",
    [
        (("--user", "alien", "--for", "90"), "no duration with a unit"),
        (("--user", "alien", "--for", "59 seconds"), "from 1 minute to 30 days"),
        (("--user", "alien", "--for", "31 days"), "from 1 minute to 30 days"),
        (("--user", "alien", "--for", "999999999 ms"), None),
        (("--user", "alien", "--for", "30 d"), None),
        (("--user", " "), "found none"),
        (("--user", "a\nb"), "cannot be printed"),
        (("--user", "a\udcff"), "cannot be printed"),
        (("--user", "alien", "--email", "alien"), "expected an address"),
        (("--user", "alien", "--room", "a?b"), r"found \? in it"),
        (("--user", "alien", "--room", "/a"), "found nothing"),
        (("--user", "alien", "--room", ""), "found nothing"),
        (("--user", "alien", "--room", "a/b/c"), "found / in it"),
        (("--user", "alien", "--link"), "needs --room"),
        (("--user", "alien", "--room", "*", "--link"), "needs --room"),
        ((), "user"),
    ],
)
def test_wrong_arguments(run, words, what):
    if what is None:
        assert run("token", *words).exit_code == 0
        return
    with pytest.raises(Exception, match=what) as failed:
        run("token", *words)
    code = failed.value.exit if isinstance(failed.value, Failure) else failed.value.exit_code
    assert code == 2


@pytest.mark.parametrize(
    "given", ["", " \n", "A" * 70_000, "https://meet.example.org/staff", "https://[::1/?jwt=a", "https://a/b?c&jwt="]
)
def test_no_token_at_all(run, given):
    with pytest.raises(Failure, match="expected a") as failed:
        run("explain", given=given)
    assert failed.value.exit == 2 and len(failed.value.what) < 200


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"https://meet.example.org/{text}?jwt={text}"))
def test_any_text_is_a_token_or_a_failure(text):
    try:
        token, where = site.found(text)
    except Failure:
        return
    assert token and (where is None or where.node)


@given(st.text(min_size=1, max_size=40))
def test_a_room_survives_the_way_through_its_link(text):
    try:
        where = rooms.room(text)
    except Failure:
        return
    if not where.any:
        assert site.found(mint.link("https://meet.example.org", where, "a.b.c")) == ("a.b.c", where)
        assert where.node.isascii() and where.node == where.node.lower()


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_on_standard_input(run, data):
    with contextlib.suppress(Failure):
        assert run("explain", given=data).exit_code == 1


def test_the_manual_page_has_both():
    page = man_pages()["jitsictl.8"]
    assert ".SS sso token" in page and ".SS sso explain" in page and "\\-\\-moderator" in page
