"""Why each service is brought up anew, a sentence a reason."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl.plan.reasons import restarts
from jitsictl.types.site import ByHand, Container, Observed
from unit.site import CONF, running, wanted


def site(before=None, **more):
    """A host on which `before` is applied and runs, with what its containers were made from."""
    return dataclasses.replace(running(before or wanted()), **more)


def applied(seen, **more):
    return dataclasses.replace(seen, applied=dataclasses.replace(seen.applied, **more))


def test_nothing_restarts_without_a_reason():
    assert restarts(wanted(), site()) == {}


def test_the_environment_names_the_settings_a_few_at_most():
    conf = CONF + "JVB_STUN_SERVERS=stun.example.org:3478\nVIDEOBRIDGE_MAX_MEMORY=1g\n"
    assert restarts(wanted(conf), site()) == {
        "jvb": ("environment (JVB_STUN_SERVERS, VIDEOBRIDGE_MAX_MEMORY)",),
    }
    names = ("RECORDING", "SIMULCAST", "STEREO", "TALK_WHILE_MUTED", "CALENDAR")
    many = "".join(f"ENABLE_{name}=0\n" for name in names)
    assert restarts(wanted(CONF + many), site())["web"][0].endswith("and 2 more)")


def test_a_name_inside_is_told_by_the_settings_own_name():
    assert restarts(wanted(CONF + "ETHERPAD_TITLE=Pads\n"), site()) == {"etherpad": ("environment (ETHERPAD_TITLE)",)}


def test_what_compose_puts_in_is_the_definition():
    assert restarts(wanted(CONF + "HTTP_PORT=127.0.0.1:8441\n"), site()) == {"web": ("definition (HTTP_PORT)",)}


def test_another_release_names_the_image_and_what_else_differs():
    why = restarts(wanted(), site(wanted(release="stable-11031")))["jicofo"]
    assert why == (
        "image (now ghcr.io/jitsi/jicofo:stable-11146-2)",
        "definition (environment, read_only, tmpfs)",
    )


def test_mounted_files_and_the_override_are_named():
    before = wanted(reads={"web/custom-config.js": "1"})
    seen = applied(site(before), inputs=before.inputs)
    override = "services: {jvb: {mem_limit: 1g}}"
    after = wanted(reads={"web/custom-config.js": "2", "jicofo/custom-jicofo.conf": "1"}, override=override)
    assert restarts(after, seen) == {
        "jvb": ("compose.override.yaml",),
        "jicofo": ("mounted file jicofo/custom-jicofo.conf",),
        "web": ("mounted file web/custom-config.js",),
    }


@pytest.mark.parametrize("state", ["exited", "created", "restarting"])
def test_a_container_that_does_not_run(state):
    seen = site()
    stopped = dataclasses.replace(seen.containers["jvb"], state=state)
    assert restarts(wanted(), running(wanted(), jvb=stopped)) == {"jvb": (f"does not run ({state})",)}


def test_a_container_that_is_gone_and_a_service_that_is_new():
    seen = site()
    containers = {name: each for name, each in seen.containers.items() if name != "jvb"}
    assert restarts(wanted(), dataclasses.replace(seen, containers=containers)) == {"jvb": ("its container is gone",)}
    without = site(wanted(CONF.replace("ETHERPAD=1", "ETHERPAD=0")))
    assert restarts(wanted(), without)["etherpad"] == ("switched on",)
    assert set(restarts(wanted(), Observed()).values()) == {("switched on",)}


def test_a_container_of_something_else_and_one_that_another_package_made():
    other = Container("jvb", "id", "running", "", "image", "0123456789abcdef")
    assert restarts(wanted(), running(wanted(), jvb=other)) == {"jvb": ("its container is not of what is applied",)}
    after = wanted()
    digests = dict(after.digests, jvb="fedcba9876543210")
    assert restarts(dataclasses.replace(after, digests=digests), site()) == {
        "jvb": ("another version of this package made it",)
    }


def edited(name, old, new, created):
    """A site with one file changed by hand at 100, and containers made at `created`."""
    seen = site()
    containers = {each: dataclasses.replace(c, created=created) for each, c in seen.containers.items()}
    text = seen.applied.files[name].replace(old, new)
    assert text != seen.applied.files[name]
    return applied(dataclasses.replace(seen, containers=containers), edited={name: ByHand(text, 100.0)})


@pytest.mark.parametrize(
    "name, old, new, services",
    [
        ("env/jvb.env", "JVB_PORT", "JVB_PORTT", {"jvb"}),
        (".env", "8440", "8441", {"web"}),
        ("compose.yaml", "max-size: 10m", "max-size: 1m", {"prosody", "jvb", "jicofo", "etherpad", "web"}),
        ("jitsi.conf", "UTC", "GMT", set()),
        ("secrets.conf", "aaaa", "dddd", set()),
    ],
)
def test_an_edit_by_hand_restarts_whose_container_was_made_with_it(name, old, new, services):
    assert set(restarts(wanted(), edited(name, old, new, created=101.0))) == services
    assert restarts(wanted(), edited(name, old, new, created=99.0)) == {}


def test_a_compose_file_that_is_none_any_more_runs_nowhere():
    assert restarts(wanted(), edited("compose.yaml", "services:", "services: [", created=101.0)) == {}


def test_a_file_in_the_place_of_a_link_counts_as_an_edit():
    seen = edited(".env", "8440", "8441", created=101.0)
    text = seen.applied.edited[".env"]
    stray = dataclasses.replace(applied(seen, edited={}), strays={".env": text})
    assert restarts(wanted(), stray) == {"web": ("its container was made with .env as it was changed by hand",)}
