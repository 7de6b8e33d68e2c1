"""Containers of other projects: what is read of them, and what is said to the `docker` command."""

from __future__ import annotations

import io
import json
import sys
from typing import Any, Dict

import pytest

from jitsictl.doors import foreign
from jitsictl.doors.foreign import Foreign
from jitsictl.types.failure import Failure


def inspected(id: str = "abc", **labels: str) -> Dict[str, Any]:
    return {
        "Id": id,
        "Name": "/meet_web_1",
        "State": {"Status": "running"},
        "Config": {
            "Image": "jitsi/web:stable-6826",
            "Env": ["TZ=UTC", "PASSWORD=a=b", "ODD"],
            "Labels": {"com.docker.compose.project": "meet", "com.docker.compose.service": "web", **labels},
        },
        "HostConfig": {
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
            "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8440"}], "443/tcp": None},
        },
        "Mounts": [{"Destination": "/config", "Source": "/cfg/web", "Type": "bind"}],
    }


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A `docker` command that keeps its arguments and answers the first that match; returns what it was told."""

    def make(answers: Dict[str, Any]):
        (tmp_path / "answers").write_text(json.dumps(answers))
        script = tmp_path / "docker"
        script.write_text(
            f"#!{sys.executable}\n"
            "import json, pathlib, sys\n"
            f"here = pathlib.Path({str(tmp_path)!r})\n"
            "line = ' '.join(sys.argv[1:])\n"
            "(here / 'said').open('a').write(line + '\\n')\n"
            "for begin, (code, out, err) in json.loads((here / 'answers').read_text()).items():\n"
            "    if line.startswith(begin):\n"
            "        if begin == 'cp' and code == 0:\n"
            "            pathlib.Path(sys.argv[-1]).write_text(out)\n"
            "            out = ''\n"
            "        print(out, end='')\n"
            "        print(err, end='', file=sys.stderr)\n"
            "        sys.exit(code)\n"
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return lambda: (tmp_path / "said").read_text().splitlines()

    return make


def test_a_container_is_read_with_what_it_runs_with(docker):
    label = {
        "com.docker.compose.project.working_dir": "/usr/local/meet",
        "com.docker.compose.project.config_files": "docker-compose.yml,etherpad.yml",
    }
    once = inspected("def", **{"com.docker.compose.oneoff": "True"})
    ours = inspected("fed", **{"com.docker.compose.project": "docker-jitsi-meet"})
    rows = json.dumps([inspected(**label), once, ours])
    docker({"ps": (0, "abc\ndef\nfed\n", ""), "inspect": (0, rows, "")})
    (found,) = Foreign().containers()
    assert (found.id, found.name, found.service, found.project) == ("abc", "meet_web_1", "web", "meet")
    assert found.directory == "/usr/local/meet" and found.files == ("docker-compose.yml", "etherpad.yml")
    assert found.running and found.policy == "on-failure:3"
    assert found.environment == {"TZ": "UTC", "PASSWORD": "a=b"}
    assert found.mounts == {"/config": "/cfg/web"} and found.published == {"80/tcp": ":8440"}


def test_one_that_is_gone_is_left_out(docker):
    docker({"inspect": (1, json.dumps([inspected()]), "Error: No such container: xyz")})
    assert Foreign().states(["abc", "xyz"]) == {"abc": (True, "on-failure:3")}
    assert Foreign().states([]) == {}


def test_they_are_told_by_id(docker):
    said = docker({"": (0, "", "")})
    door = Foreign()
    door.keep_at_boot("abc", "no")
    door.stop(["abc", "def"])
    door.stop([])
    door.start("abc")
    assert said() == ["update --restart=no abc", "stop -t 60 abc def", "start abc"]


def test_a_file_comes_out_cut_at_its_last_newline(docker, tmp_path):
    docker({"cp": (0, '{"key":"pad:a"}\n{"key":"pad:b"}\n{"key":"pa', "")})
    target = tmp_path / "dirty.db"
    assert Foreign().take("abc", "/var/dirty.db", target, None)
    assert target.read_text() == '{"key":"pad:a"}\n{"key":"pad:b"}\n'
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_file_that_a_container_does_not_have_is_no_failure(docker, tmp_path):
    docker({"cp": (1, "", "Error: No such container:path: abc:/x\nCould not find the file /x in container abc")})
    assert not Foreign().take("abc", "/x", tmp_path / "x", None)
    assert not (tmp_path / "x").exists()


def test_a_copy_that_fails_says_why(docker, tmp_path):
    docker({"cp": (1, "", "write /x: no space left on device")})
    with pytest.raises(Failure, match="found it full"):
        Foreign().take("abc", "/x", tmp_path / "x", None)


@pytest.mark.parametrize("content", [b"", b"no end", b"one\n", b"one\nrest", b"x" * 70000 + b"\n" + b"y" * 140000])
def test_whole_lines_are_found_from_the_end(content):
    expected = content.rfind(b"\n") + 1
    assert foreign._whole(io.BytesIO(content)) == expected


def test_a_network_in_use_stays_and_one_that_is_gone_is_no_failure(docker):
    docker({
        "network rm a": (1, "", "Error response from daemon: network a id 1 has active endpoints"),
        "network rm b": (1, "", "Error response from daemon: network b not found"),
        "network rm c": (0, "c\n", ""),
    })  # fmt: skip
    assert Foreign().remove_networks(["a", "b", "c"]) == ["a"]


def test_a_project_that_compose_cannot_read_gives_no_value_away(docker, tmp_path):
    docker({"compose": (15, "", 'failed to read .env: unexpected character in "JWT_APP_SECRET=topsecret"')})
    with pytest.raises(Failure, match="could not read .* \\(exit code 15\\)") as failed:
        Foreign().described(["docker", "compose"], tmp_path, [])
    assert "topsecret" not in str(failed.value)


def test_a_project_is_read_with_the_files_it_was_made_from(docker, tmp_path):
    said = docker({"compose": (0, '{"services": {"web": {"environment": {"A": "1"}}}}', "")})
    assert Foreign().described(["docker", "compose"], tmp_path, ["/a.yml", "/b.yml"]) == {
        "web": {"environment": {"A": "1"}}
    }
    assert said() == [f"compose --project-directory {tmp_path} -f /a.yml -f /b.yml config --format json"]
