"""The questions, with answers from a list in place of a terminal."""

from __future__ import annotations

from typing import Callable, Dict, List

import pytest

from jitsictl.change.intent import SettingsWrong
from jitsictl.setup.detect import Found, Taken
from jitsictl.setup.interview import Question, given, interview
from jitsictl.setup.write import typed
from jitsictl.types.paths import Paths

FOUND = Found(url="https://darkstar.example.be", address="8.8.8.8", outside="public", zone="Europe/Amsterdam")
ASKED = ["PUBLIC_URL", "JVB_ADVERTISE_IPS", "TZ", "ENABLE_IPV6", "ENABLE_AUTH", "ENABLE_GUESTS", "ETHERPAD"]


class Person:
    """Answers by name, the first one first, then with the default; remembers what was asked and told."""

    def __init__(self, **answers: List[str]) -> None:
        self.answers = answers
        self.asked: List[str] = []
        self.told: List[str] = []

    def ask(self, question: Question) -> str:
        self.asked.append(question.name)
        left = self.answers.get(question.name)
        return left.pop(0) if left else question.default


@pytest.fixture
def talk(paths: Paths) -> Callable[..., Dict[str, str]]:
    def run(person: Person, found: Found = FOUND, **known: str) -> Dict[str, str]:
        lines = [typed(name, value) for name, value in known.items()]
        return {line.name: line.value for line in interview(lines, found, person.ask, person.told.append, paths)}

    return run


def test_a_handful_of_questions_with_detected_answers(talk) -> None:
    person = Person()
    assert talk(person) == {
        "PUBLIC_URL": "https://darkstar.example.be",
        "JVB_ADVERTISE_IPS": "8.8.8.8",
        "TZ": "Europe/Amsterdam",
        "ENABLE_IPV6": "0",
        "ENABLE_AUTH": "1",
        "ENABLE_GUESTS": "1",
        "ETHERPAD": "1",
    }
    assert person.asked == ASKED
    assert all(0 < len(text.strip().splitlines()) <= 3 for text in person.told)


def test_what_is_given_is_not_asked(talk) -> None:
    person = Person()
    assert talk(person, PUBLIC_URL="https://a.example.be", ETHERPAD="0")["PUBLIC_URL"] == "https://a.example.be"
    assert person.asked == [name for name in ASKED if name not in ("PUBLIC_URL", "ETHERPAD")]


def test_a_wrong_answer_is_told_as_check_would_and_asked_again(talk) -> None:
    person = Person(PUBLIC_URL=["http://meet.example.be", "", "https://meet.example.be"], TZ=["Europe/Amsterdm", "UTC"])
    found = talk(person)
    assert (found["PUBLIC_URL"], found["TZ"]) == ("https://meet.example.be", "UTC")
    assert person.asked[:3] == ["PUBLIC_URL"] * 3
    said = [text for text in person.told if text.startswith(("PUBLIC_URL: ", "TZ: "))]
    assert len(said) == 3 and "is missing" in said[1]


def test_without_accounts_guests_are_no_question(talk) -> None:
    person = Person(ENABLE_AUTH=["0"])
    assert "ENABLE_GUESTS" not in talk(person)
    assert "ENABLE_GUESTS" not in person.asked


def test_a_port_is_asked_for_only_when_it_is_taken(talk) -> None:
    person = Person(JVB_PORT=["none", "10001"])
    taken = {
        "HTTP_PORT": Taken("nginx (pid 812)", "127.0.0.1:8441"),
        "JVB_PORT": Taken("another program", "10002"),
    }
    found = talk(person, Found(**{**FOUND.__dict__, "taken": taken}))
    assert (found["HTTP_PORT"], found["JVB_PORT"]) == ("127.0.0.1:8441", "10001")
    assert any("is taken by nginx (pid 812); 127.0.0.1:8441 is free" in text for text in person.told)


@pytest.mark.parametrize(
    ("outside", "address", "words"),
    [("private", "10.10.10.10", "behind NAT"), ("carrier", "100.64.1.2", "provider's own NAT"), ("", "", "no route")],
)
def test_who_reaches_the_address_is_said(talk, outside: str, address: str, words: str) -> None:
    person = Person()
    talk(person, Found(url=FOUND.url, address=address, outside=outside))
    assert any(words in text for text in person.told)


@pytest.mark.parametrize(("kernel", "docker", "answer"), [(True, True, "1"), (True, False, "0"), (False, True, "0")])
def test_ipv6_is_proposed_where_containers_have_it(talk, kernel: bool, docker: bool, answer: str) -> None:
    assert talk(Person(), Found(url=FOUND.url, kernel_ipv6=kernel, docker_ipv6=docker))["ENABLE_IPV6"] == answer


def test_unattended_it_takes_what_is_detected(paths: Paths) -> None:
    lines = interview([typed("ETHERPAD", "0")], FOUND, None, pytest.fail, paths)
    assert {line.name: line.value for line in lines}["PUBLIC_URL"] == FOUND.url


def test_what_is_given_wrong_is_told_before_anything_is_asked(talk) -> None:
    person = Person()
    with pytest.raises(SettingsWrong, match="^TZ: "):
        talk(person, TZ="nowhere/at all")
    assert person.asked == []


def test_an_answers_file_is_read_as_jitsi_conf_is(paths: Paths) -> None:
    text = b"TZ=UTC\nENABLE_LOBY=1\nETHERPAD=0\n"
    lines = given({"TZ": "Europe/Paris"}, text, "site.conf")
    assert [(line.name, line.value) for line in lines if line.name != "ENABLE_LOBY"] == [
        ("ETHERPAD", "0"),
        ("TZ", "Europe/Paris"),
    ]
    with pytest.raises(SettingsWrong, match=r"^site.conf:2: ENABLE_LOBY"):
        interview(lines, FOUND, None, pytest.fail, paths)
    with pytest.raises(SettingsWrong, match=r"site.conf:1: .*\n?.*site.conf:3: "):
        given({}, b"nonsense\nTZ=UTC\nA=$B\n", "site.conf")
