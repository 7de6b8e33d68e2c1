"""From jitsi.conf to the files that Compose reads: every value whole, and in no service's file that need not see it.

What Compose itself makes of these files is in test_compose_agrees.py, what a container gets in
tests/stack/test_round_trip.py.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.many import SERVICES, added, catalogue_with, conf_of, differing, due, every_secret, planned, seen, settled
from unit.site import CONF, SIGN_ON
from unit.values import spelled

from jitsictl import releases
from jitsictl.plan.desired import running_services
from jitsictl.settings import catalogue, kinds
from jitsictl.settings.quote import conf_line, env_line
from jitsictl.settings.read import parse

TYPES = sorted({entry.type for entry in catalogue.load().values()})


def read_back(line):
    lines, problems = parse(line, "f")
    assert problems == []
    (found,) = lines
    return found.value


@given(st.sampled_from(TYPES), st.integers(0, 2**32).map(Random))
def test_a_valid_value_is_written_and_read_without_loss(kind, random):
    value = spelled(kind, random)
    assert read_back(conf_line("NAME", value)) == value
    normal = kinds.normalise(kind, value)
    assert read_back(env_line("NAME", normal)) == normal
    assert kinds.normalise(kind, normal) == normal, "what was applied can be applied again"
    assert read_back(conf_line("NAME", normal)) == normal


@pytest.mark.parametrize("seed", range(2))
def test_every_setting_reaches_the_file_of_its_service_and_no_other(seed):
    known = catalogue_with(2000, SERVICES)
    conf = conf_of(known, seed)
    names = [f"N{number}" for number in range(0, 2000, 7)]
    made = planned(conf, known, interpolated=names)
    for service in SERVICES:
        found = added(seen(made.files[f"env/{service}.env"]))
        wanted = due(made.settings, known, service)
        assert differing(found, wanted) == [] and set(found) == set(wanted)
    assert added(seen(made.files[".env"])) == {name: made.settings[name] for name in names}


def test_what_was_applied_is_read_again_to_the_same_settings():
    known = catalogue_with(1000, SERVICES)
    made = planned(conf_of(known, "again"), known)
    again = settled(made.files["jitsi.conf"], known, made.files["secrets.conf"])
    assert again == made.settings


# By what upstream's images do with them, not by our catalogue: who may see the secrets of a plain site.
SEES = {
    "JVB_AUTH_PASSWORD": {"prosody", "jvb"},
    "JICOFO_AUTH_PASSWORD": {"prosody", "jicofo"},
    "JWT_APP_SECRET": {"prosody", "jitsi-keycloak", "oidc"},
    "LDAP_BINDPW": {"prosody"},
    "TURN_CREDENTIALS": {"prosody"},
    "JIBRI_XMPP_PASSWORD": {"prosody"},
    "JIGASI_XMPP_PASSWORD": {"prosody"},
    "JIGASI_SIP_PASSWORD": set(),
    "GC_PRIVATE_KEY": set(),
}


@pytest.mark.parametrize("adapter", ["jitsi-keycloak", "oidc"])
@pytest.mark.parametrize("release", releases.tags())
def test_no_service_sees_a_secret_of_another(release, adapter):
    """Every secret of the catalogue is set; each is looked for in every file that a service or Compose reads."""
    known = catalogue.load()
    secrets = every_secret()
    settings = f"{CONF}{SIGN_ON}SSO_URL=https://sso.example.org\nSSO={adapter}\n"
    switches = [s.when for s in releases.services().values() if s.when and f"{s.when.setting}=" not in settings]
    conf = f"{settings}{''.join(f'{switch}{chr(10)}' for switch in switches)}JITSI_IMAGE_VERSION={release}\n"
    made = planned(conf, known, "".join(f"{conf_line(name, value)}\n" for name, value in secrets.items()))
    services = [service.name for service in running_services(made.settings)]
    holders = {
        name: {s for s in services if holds(made.files[f"env/{s}.env"], value)} for name, value in secrets.items()
    }
    for name, value in secrets.items():
        allowed = set(known[name].services) & set(services)
        assert holders[name] == (allowed if name in made.settings else set()), name
        assert not holds(made.files[".env"], value) and value not in made.files["compose.yaml"], name
    for name, allowed in SEES.items():
        assert holders[name] == allowed & set(services), name
    assert sum(map(len, holders.values())) >= len(SEES)


def holds(text, value):
    return any(value in other for other in seen(text).values())
