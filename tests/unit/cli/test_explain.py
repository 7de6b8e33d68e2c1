"""jitsictl explain, from its arguments to what is printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from jitsictl.cli import explain as verb
from jitsictl.cli.explain import explain
from jitsictl.cli.generate import man_pages
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.change.world import World

SOURCES = Path(__file__).parents[3] / "src"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """explain on a site below tmp_path."""
    World(tmp_path)
    monkeypatch.setattr(verb, "Paths", lambda: Paths(tmp_path))

    def call(*words):
        done = CliRunner().invoke(explain, words, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.output

    return call


def test_several_names_with_an_empty_line_between(run):
    said = run("tz", "PUBLIC_URL")
    assert said.startswith("TZ (The site)\n") and "\n\nPUBLIC_URL (The site)\n" in said
    assert "value     https://meet.example.org, from jitsi.conf:1" in said


def test_json_has_the_same_as_data(run):
    (found,) = json.loads(run("--json", "TZ"))
    assert (found["name"], found["value"], found["origin"], found["applied"]) == ("TZ", "UTC", "jitsi.conf:3", None)
    assert {group["name"] for group in json.loads(run("--json"))} >= {"site", "rooms", "gone"}
    assert [each["name"] for each in json.loads(run("--json", "--group", "site"))][0] == "PUBLIC_URL"


def test_changed_leaves_out_what_is_the_default(run):
    names = {line.partition("=")[0] for line in run("--changed").splitlines()}
    assert {"PUBLIC_URL", "ETHERPAD", "ETHERPAD_URL_BASE"} <= names
    assert not {"TZ", "HTTP_PORT"} & names


def test_without_a_name_there_are_groups(run):
    assert "Rooms" in run() and "--group GROUP" in run()


def test_an_unknown_name_ends_with_2(run):
    with pytest.raises(Failure) as failed:
        run("ENABLE_LOBY")
    assert failed.value.exit == 2


@pytest.mark.parametrize("words", [("TZ", "--changed"), ("--group", "site", "--changed"), ("TZ", "--group", "site")])
def test_one_question_at_a_time(run, words):
    with pytest.raises(Exception, match="expected one of NAME, --group and --changed"):
        run(*words)


@pytest.mark.parametrize(
    "typed, offered",
    [
        ("jitsictl explain enable_lob", ["ENABLE_LOBBY"]),
        ("jitsictl explain TZ PUBLIC_UR", ["PUBLIC_URL"]),
        ("jitsictl explain --group si", ["site"]),
    ],
)
def test_the_shell_completes_names_and_groups(typed, offered):
    """As bash-completion asks: words and their number in the environment."""
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_JITSICTL_COMPLETE": "bash_complete"}
    program = "import sys; sys.argv = ['jitsictl']; from jitsictl.cli.__main__ import main; main()"
    env = {**os.environ, **words, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert [line.partition(",")[2] for line in done.stdout.split()] == offered, done.stderr


def test_the_manual_page_has_explain_and_plan_with_their_options():
    page = man_pages()["jitsictl.8"]
    assert ".SS explain" in page and "\\-\\-changed" in page and "\\-\\-group GROUP" in page
    assert "\\-\\-steps" in page
