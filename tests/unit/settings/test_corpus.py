"""The corpus of broken files: each says by itself what is said of it. corpus/README.md is the form."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from jitsictl.change import intent
from jitsictl.settings import catalogue, read, rules
from jitsictl.types.paths import Paths

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(CORPUS.glob("*/*.conf"))
EXPECTED, GIVEN = "#! ", "#@ "


def text_of(path: Path) -> str:
    """The file as text, whatever is wrong with its bytes."""
    data = path.read_bytes()
    return data.decode("utf-16") if data.startswith(b"\xff\xfe") else data.decode("utf-8", "replace")


def marked(path: Path, mark: str) -> List[str]:
    return [line[len(mark) :].rstrip("\r") for line in text_of(path).split("\n") if line.startswith(mark)]


def said_of(path: Path, root: Path) -> List[str]:
    """What `jitsictl check` prints, with the file in its place on a host that has what the file asks for."""
    paths = Paths(root)
    paths.conf.parent.mkdir(parents=True, exist_ok=True)
    paths.conf.write_bytes(path.read_bytes())
    paths.conf.chmod(0o600)
    others: Dict[Path, str] = {}
    for given in marked(path, GIVEN):
        name, _, content = given.partition(": ")
        place = paths.conf.with_name(name) if "/" not in name else root / name
        others[place] = f"{others.get(place, '')}{content}\n"
    for place, content in others.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    here = str(paths.conf.parent) + "/"
    return [str(problem).replace(here, "") for problem in intent.problems(paths)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_said_is_what_the_file_expects(path, tmp_path):
    assert said_of(path, tmp_path) == marked(path, EXPECTED)


def test_there_are_enough_of_them_and_each_expects_something():
    assert len(FILES) >= 60
    assert [path for path in FILES if not marked(path, EXPECTED)] == []


def test_every_rule_has_a_file_that_it_alone_makes_speak(tmp_path, monkeypatch):
    """Without the rule, a file that is of its subject says less."""
    whole = {path: said_of(path, tmp_path / str(number)) for number, path in enumerate(FILES)}
    silent = []
    for rule in rules.RULES:
        monkeypatch.setattr(rules, "RULES", tuple(other for other in rules.RULES if other is not rule))
        subject = rule.__module__.rpartition(".")[2]
        files = [path for path in FILES if path.parent.name == subject]
        less = [path for path in files if len(said_of(path, tmp_path / str(FILES.index(path)))) < len(whole[path])]
        monkeypatch.undo()
        if not less:
            silent.append(f"{subject}.{rule.__name__}")
    assert silent == []


def test_no_secret_is_in_any_message(tmp_path):
    """Neither a secret setting's value, nor what stands in a line whose name cannot be known."""
    leaked, secrets = [], 0
    for number, path in enumerate(FILES):
        said = "\n".join(said_of(path, tmp_path / str(number)))
        texts = [text_of(path), "\n".join(line.partition(": ")[2] for line in marked(path, GIVEN))]
        for text in texts:
            for line in read.parse(text, "")[0]:
                entry = catalogue.load().get(line.name)
                if entry is not None and entry.secret and len(line.value) > 3:
                    secrets += 1
                    leaked += [f"{path.name}: {line.name}"] if line.value in said else []
        leaked += [path.name for word in ("hunter2", "HUNTER2") if word in said]
    assert leaked == []
    assert secrets >= 10, "or this test looks at nothing"
