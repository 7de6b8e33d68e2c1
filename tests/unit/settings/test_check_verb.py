"""`jitsictl check` as an editor or a script calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jitsictl.settings import check

WRONG = "PUBLIC_URL=https://meet.example.com\nJVB_ADVERTISE_IPS=203.0.113.10\nENABLE_LOBY=1\nHTTP_PORT=8440\nENABLE_IPV6=0\n"


def jitsictl(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jitsictl.cli", "check", *arguments],
        input=stdin,
        env={"PYTHONPATH": str(Path(check.__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["-", "jitsi.conf.new"])
def test_another_file_is_examined_before_it_is_put_in_place(tmp_path, name):
    place = tmp_path / name
    place.write_text(WRONG)
    done = jitsictl(name if name == "-" else str(place), stdin=WRONG)
    shown = "<stdin>" if name == "-" else str(place)
    assert done.returncode == 5
    assert done.stderr == f"{shown}:3: ENABLE_LOBY is not a setting; did you mean ENABLE_LOBBY?\n"
    assert done.stdout.startswith(f"{shown}:4: warning: HTTP_PORT: is open on all addresses")


def test_warnings_alone_are_no_failure():
    done = jitsictl("-", stdin=WRONG.replace("LOBY", "LOBBY"))
    assert done.returncode == 0
    assert done.stdout.endswith("<stdin> is valid\n")


def test_json_has_what_an_editor_needs():
    done = jitsictl("--json", "-", stdin=WRONG)
    assert done.returncode == 5
    found = json.loads(done.stdout)
    assert found["valid"] is False
    assert found["problems"][0] == {
        "file": "<stdin>",
        "line": 3,
        "name": "ENABLE_LOBY",
        "severity": "error",
        "what": "ENABLE_LOBY is not a setting; did you mean ENABLE_LOBBY?",
        "suggestion": "ENABLE_LOBBY",
    }
    assert found["problems"][1]["severity"] == "warning"
    assert found["problems"][1]["suggestion"] == "HTTP_PORT=127.0.0.1:8440"


def test_a_file_that_is_not_there(tmp_path):
    done = jitsictl(str(tmp_path / "none"))
    assert done.returncode == 2 and "No such file" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe\0", b"A=\xff", b"\xef\xbb\xbf", bytes(range(256))])
def test_any_bytes_are_answered(tmp_path, data):
    place = tmp_path / "x"
    place.write_bytes(data)
    done = jitsictl(str(place))
    assert done.returncode == 5 and "Traceback" not in done.stderr and done.stderr.startswith(str(place))
