"""Edits by hand as diffs, and what must not be seen in them."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl.plan import edits
from jitsictl.settings import catalogue
from jitsictl.types.site import ByHand, Observed
from unit.site import running, wanted

CATALOGUE = catalogue.load()


def by_hand(name, change):
    """The diff of one file that `change` was applied to."""
    seen = running(wanted())
    text = change(seen.applied.files[name])
    seen = dataclasses.replace(seen, applied=dataclasses.replace(seen.applied, edited={name: ByHand(text, 1.0)}))
    (edit,) = edits.edits(seen, "/g", "/p", CATALOGUE)
    return edit


def test_a_diff_has_the_names_of_both_texts_and_the_path_of_the_file():
    edit = by_hand("env/web.env", lambda text: text.replace("TZ='UTC'", "TZ='GMT'"))
    assert (edit.name, edit.path) == ("env/web.env", "/g/1/env/web.env")
    assert edit.diff[:2] == ("--- env/web.env as made", "+++ env/web.env by hand")
    assert [line for line in edit.diff if line[0] in "+-"][2:] == ["-TZ='UTC'", "+TZ='GMT'"]


def test_a_file_in_the_place_of_a_link_is_told_with_its_own_path():
    seen = dataclasses.replace(running(wanted()), strays={".env": ByHand("X=1\n", 1.0)})
    (edit,) = edits.edits(seen, "/g", "/p", CATALOGUE)
    assert edit.path == "/p/.env" and "+X=********" in edit.diff


@pytest.mark.parametrize(
    "name, change",
    [
        ("env/jvb.env", lambda text: text.replace("bbbb2222bbbb2222", "hunter2hunter2")),
        ("env/jvb.env", lambda text: text + "TURN_PASSWORD=hunter2hunter2\n"),
        ("env/web.env", lambda text: text + "MINE=hunter2hunter2\n"),
        ("env/web.env", lambda text: text + "export MINE = hunter2hunter2\n"),
        ("compose.yaml", lambda text: text + "    X_TOKEN: hunter2hunter2\n"),
        ("compose.yaml", lambda text: text + "    {a: 1, my-password: hunter2hunter2}\n"),
        ("env/web.env", lambda text: text + "#MINE=hunter2hunter2\n"),
        ("compose.yaml", lambda text: text + "    - JVB_AUTH_PASSWORD=hunter2hunter2\n"),
        ("compose.yaml", lambda text: text + "    JVB_AUTH_PASSWORD: 'hunter2hunter2'\n"),
        ("compose.yaml", lambda text: text + "# bbbb2222bbbb2222 is its password\n"),
        ("secrets.conf", lambda text: text.replace("aaaa1111aaaa1111", "hunter2hunter2")),
        ("jitsi.conf", lambda text: text + "MYSTERY=hunter2hunter2\n"),
    ],
)
def test_no_secret_is_in_a_diff(name, change):
    told = "\n".join(by_hand(name, change).diff)
    assert "********" in told
    for secret in ("aaaa1111", "bbbb2222", "hunter2"):
        assert secret not in told


@pytest.mark.parametrize(
    "name, change, shown",
    [
        (".env", lambda text: text.replace("2.0.3", "2.1"), "+ETHERPAD_IMAGE='etherpad/etherpad:2.1'"),
        ("compose.yaml", lambda text: text + "    mem_limit: 1g\n", "+    mem_limit: 1g"),
        ("compose.yaml", lambda text: text + "# by hand\n", "+# by hand"),
    ],
)
def test_what_is_no_secret_is_shown(name, change, shown):
    assert shown in by_hand(name, change).diff


def test_without_edits_or_without_a_generation_there_is_none():
    assert edits.edits(running(wanted()), "/g", "/p", CATALOGUE) == ()
    assert edits.edits(Observed(), "/g", "/p", CATALOGUE) == ()
    assert edits.touched(Observed()) == {}


def test_a_copy_in_place_of_the_link_with_the_same_text_is_no_edit():
    before = wanted()
    text = before.files["compose.yaml"]
    seen = dataclasses.replace(running(before), strays={"compose.yaml": ByHand(text, 5.0)})
    assert edits.edits(seen, "/g", "/p", CATALOGUE) == ()
