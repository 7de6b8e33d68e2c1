"""The manual pages of the account verbs name every option, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from jitsictl.cli.__main__ import ALIASES, jitsictl

MAN = Path(__file__).parents[3] / "src/man"


def options(path):
    found = {"--help"}
    for parameter in jitsictl.command_at(path).params:
        if isinstance(parameter, click.Option):
            found.update(option for option in parameter.opts if option.startswith("--"))
    return found


def named(page):
    """Long options that have an entry of their own."""
    text = (MAN / page).read_text().replace("\\-", "-").split(".SH OPTIONS", 1)[1].split(".SH EXIT", 1)[0]
    entries = (entry.split("\n", 2)[1] for entry in text.split(".TP")[1:])
    return {option for entry in entries for option in re.findall(r"--[a-z-]+", entry)}


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_a_page_of_one_verb(name):
    assert named(f"{name}.8") == options(ALIASES[name])


def test_the_page_of_all():
    user = jitsictl.command_at(("user",))
    verbs = user.list_commands(click.Context(user))
    assert named("jitsictl-user.8") == {option for verb in verbs for option in options(("user", verb))}
    page = (MAN / "jitsictl-user.8").read_text()
    assert all(f".B jitsictl user {verb}\n" in page for verb in verbs)
