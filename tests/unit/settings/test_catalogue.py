"""The catalogue by itself, and against the facts about upstream: a copy of them, and the facts where they are."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import yaml
from unit.settings import facts

from jitsictl import data, releases
from jitsictl.releases import order
from jitsictl.settings import catalogue
from jitsictl.settings.catalogue import reads, span
from jitsictl.settings.kinds import normalise

SOURCE = Path(data.__file__).parent / "settings" / "catalogue.yaml"
ALL = catalogue.load()
FACTS = facts.load()
ADAPTERS = {"jitsi-keycloak", "oidc"}
SERVICES = {*facts.SERVICES, *ADAPTERS}
# No image of upstream's reads these: they say what runs, or are Compose's own.
OURS = {
    "ROLE", "SNAPSHOTS_KEPT", "ETHERPAD", "WHITEBOARD", "RECORDING", "TELEPHONY", "TRANSCRIPTION", "SSO",
    "COMPOSE_PROJECT_NAME", "COMPOSE_FILE", "COMPOSE_PROFILES", "TLS_CERTIFICATE", "TLS_KEY", "ACME_DIRECTORY",
    "SSO_URL", "SSO_PORT", "SSO_TLS_CERTIFICATE", "SSO_TLS_KEY", "SSO_IMAGE", "KEYCLOAK_URL", "KEYCLOAK_REALM",
    "KEYCLOAK_CA", "KEYCLOAK_ADDRESS", "KEYCLOAK_NETWORK", "KEYCLOAK_NETWORK_ADDRESS",
    "JITSI_SECRET", "JITSI_URL", "JITSI_SUB",
    "ETHERPAD_PORT", "ETHERPAD_TLS_CERTIFICATE", "ETHERPAD_TLS_KEY",
    *(name for name, entry in ALL.items() if entry.javascript),
}  # fmt: skip
# Where we differ from what upstream's files do, and why.
EXCEPT_SERVICES = {
    "JVB_COLIBRI_PORT": set(),  # the host's side of a published port; upstream does not pass it either
    "JWT_APP_ID": {"prosody", "oidc"},  # whoever signs tokens needs what Prosody checks them by
    "JWT_APP_SECRET": {"prosody", *ADAPTERS},
    "PUBLIC_URL": {*FACTS["variables"]["PUBLIC_URL"]["services"], "jitsi-keycloak"},
    "JIGASI_MODE": set(),  # what makes jigasi and transcriber two services of one image is not for jitsi.conf
    "DISPLAY": set(),
}
# Our Compose pieces read these at every release, whatever upstream's did.
FROM_THE_START = {"JITSI_IMAGE_VERSION", "JITSI_IMAGE_REPO"}
# The default is 0 or false, and something else than a switch.
NO_SWITCHES = {
    "JIBRI_USAGE_TIMEOUT": "a time; 0 is none",
    "PROSODY_VISITOR_INDEX": "a number counted from 0",
    "JWT_APP_SECRET": "false is none",
    "ROOM_PASSWORD_DIGITS": "how many digits; false is any password",
}
LITTLE_WORDS = set(
    re.findall("[a-z]+", "a an and are as at by for from has in is it its no of on or that the this to with")
)


def word_of(kind: str) -> str:
    return kind.partition(" ")[0]


@pytest.mark.parametrize("entry", ALL.values(), ids=ALL)
def test_an_entry_is_sound(entry):
    assert set(entry.services) <= SERVICES
    for value in (entry.default, entry.image_default, entry.example):
        assert value is None or normalise(entry.type, value)
    assert entry.default is None or normalise(entry.type, entry.default) == entry.default
    assert not entry.generated or entry.secret
    assert not entry.secret or (entry.default, entry.image_default, entry.example) == (None, None, None)
    for tag in (entry.first, entry.last):
        assert tag is None or order(tag)
    if entry.last is not None:
        assert entry.replaced_by, "a name that is gone says what to do"
    assert set(entry.inside) <= set(entry.services)


@pytest.mark.parametrize("entry", ALL.values(), ids=ALL)
def test_the_help_says_more_than_the_name(entry):
    assert re.fullmatch(r"[A-Z][^\n]*\.", entry.help) and len(entry.help) <= 140
    said = set(re.findall(r"[a-z0-9]+", entry.help.lower())) - LITTLE_WORDS
    known = set(entry.name.lower().split("_"))
    assert len(said - known) >= 4, "a name in other words helps nobody"
    assert len(entry.help.split()) >= 6
    assert not re.match(r"(Its|Their|That|The same)\b", entry.help), "explain shows it without the entry before"


def test_no_two_settings_have_the_same_help():
    helps = [entry.help for entry in ALL.values()]
    assert sorted(helps) == sorted(set(helps))


def test_at_most_a_quarter_is_plain_text():
    """`text` and `prose` take nearly anything; the types that check a form are no text, nor are secrets."""
    plain = [name for name, entry in ALL.items() if word_of(entry.type) in ("text", "prose")]
    assert len(plain) <= len(ALL) / 4
    assert len(plain) <= 25, "and there is no need for that many"


def test_a_number_has_a_range():
    for name, entry in ALL.items():
        if word_of(entry.type) in ("int", "number"):
            low, high = re.fullmatch(r"(?:int|number) (-?[0-9.]+?)\.\.(-?[0-9.]+)(?:\|[a-z]+)?", entry.type).groups()
            assert float(low) < float(high), name


def test_a_default_has_the_type_that_it_looks_like():
    """Ours, the images' as the catalogue has them, and the images' as upstream's files have them."""
    for name, entry in ALL.items():
        found = {entry.default, entry.image_default, *FACTS["variables"].get(name, {}).get("default", [])} - {None}
        for default in found:
            if default in ("0", "1", "true", "false"):
                assert word_of(entry.type) == "bool" or name in NO_SWITCHES, name
            elif re.fullmatch(r"-?[0-9]+", default):
                assert word_of(entry.type) in ("int", "port"), name
            elif re.fullmatch(r"-?[0-9]+\.[0-9]+", default):
                assert word_of(entry.type) == "number", name


def test_a_switch_without_an_upstream_that_understands_1_is_written_in_words():
    """Upstream's templates hand these on without making a boolean of them; Java, Node and a shell's = want true."""
    words = {"JIBRI_SINGLE_USE_MODE", "ENABLE_STATS_D", "JIBRI_CHROMEDRIVER_DEBUG", "ALLOW_UNSECURE_CERT",
             "AUTO_RETURN_TO_APP", "JIGASI_TRANSCRIBER_RECORD_AUDIO", "JIGASI_TRANSCRIBER_SEND_TXT",
             "JIGASI_TRANSCRIBER_ADVERTISE_URL"}  # fmt: skip
    found = {name for name, entry in ALL.items() if entry.type == "bool words" and "etherpad" not in entry.services}
    assert found == words
    etherpads = {entry.type for entry in ALL.values() if entry.services == ("etherpad",) and "bool" in entry.type}
    assert etherpads == {"bool words"}


def test_every_type_in_use_is_known():
    for entry in ALL.values():
        with pytest.raises(ValueError):
            normalise(entry.type, "\x01")


def test_no_name_is_written_twice():
    """YAML's reader would keep the second one without a word."""
    names = re.findall(r"^    ([A-Z0-9_]+):$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(names) == sorted(set(names)) == sorted(ALL)


def test_the_compiled_form_is_the_same_catalogue():
    tree = json.loads(data.compiled("settings", "catalogue"))
    assert catalogue.from_tree(tree) == ALL
    assert tree == yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("first", "last", "tag", "is_read", "words"),
    [
        (None, None, "stable-11146-2", True, None),
        ("stable-11146", None, "stable-11146", True, "stable-11146 and later"),
        ("stable-11146-1", None, "stable-11146", False, "stable-11146-1 and later"),
        (None, "stable-9457-2", "stable-9457-2", True, "releases up to stable-9457-2"),
        (None, "stable-9457-2", "stable-10741", False, "releases up to stable-9457-2"),
        ("stable-8218", "stable-9111", "stable-8218", True, "stable-8218 to stable-9111"),
        ("stable-8218", "stable-9111", "stable-8138-1", False, "stable-8218 to stable-9111"),
    ],
)
def test_which_releases_read_a_setting(first, last, tag, is_read, words):
    entry = dataclasses.replace(ALL["TZ"], first=first, last=last)
    assert reads(entry, tag) is is_read
    assert span(entry) == words


def test_a_default_is_good_for_every_release_that_runs(settle):
    for tag in releases.tags():
        assert settle(tags=[tag]).problems == []


def test_the_copy_of_the_facts_is_no_other():
    if not facts.SOURCE.is_dir():
        pytest.skip("the facts about upstream's releases are not beside this checkout")
    assert facts.extract(facts.SOURCE) == FACTS, "python tests/unit/settings/facts.py writes the copy anew"
    assert facts.COPY.read_text(encoding="utf-8") == facts.written(FACTS)


def test_every_variable_of_a_service_is_known():
    by_inside = {name for entry in ALL.values() for name in entry.inside.values()}
    assert {name for name in FACTS["variables"] if name not in ALL and name not in by_inside} == set()
    assert len(FACTS["variables"]) > 500


def test_what_is_not_upstreams_is_ours_or_an_adapters():
    for name, entry in ALL.items():
        if name not in FACTS["variables"] and not entry.inside:
            assert set(entry.services) <= ADAPTERS and bool(entry.services) == (name not in OURS), name


@pytest.mark.parametrize("name", FACTS["variables"])
def test_services_and_releases_are_upstreams(name):
    if name not in ALL or set(ALL[name].inside) >= set(ALL[name].services):
        return
    entry, found = ALL[name], FACTS["variables"][name]
    assert set(entry.services) == EXCEPT_SERVICES.get(name, set(found["services"]))
    assert entry.first == (None if name in FROM_THE_START else found.get("first"))
    assert entry.last == found.get("last")
    assert entry.compose == found.get("compose", False)


def test_all_of_upstreams_examples_are_known():
    for names in FACTS["examples"].values():
        assert set(names) <= set(ALL)


def test_all_names_that_are_gone_are_known():
    gone = {name for name, found in FACTS["variables"].items() if "last" in found}
    assert gone == {name for name, entry in ALL.items() if entry.last is not None}
    passed = {name for name in gone if not FACTS["variables"][name].get("unpassed")}
    assert len(passed) == 42  # the facts' own count


def test_what_is_gone_names_living_settings():
    for name, entry in ALL.items():
        for other in re.findall(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+", entry.replaced_by or ""):
            assert other == name or ALL[other].replaced_by is None, name


def test_the_help_names_living_settings():
    for name, entry in ALL.items():
        for other in re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+(?!\w|\*)", entry.help):
            assert other in ALL and ALL[other].replaced_by is None, name


def test_the_images_defaults_are_upstreams():
    compared = 0
    for name, entry in ALL.items():
        found = FACTS["variables"].get(name, {}).get("default")
        if entry.image_default is not None and found:
            assert {normalise(entry.type, value) for value in found} == {normalise(entry.type, entry.image_default)}
            compared += 1
    assert compared > 180


def test_what_is_not_built_yet_is_refused_and_says_so():
    for name, value in (("ROLE", "bridge"), ("TELEPHONY", "1"), ("RECORDING", "yes")):
        with pytest.raises(ValueError, match="this package cannot do yet; write"):
            normalise(ALL[name].type, value)
        assert normalise(ALL[name].type, ALL[name].default) == ALL[name].default
