"""The questions of setup: each with what this host would answer, and asked again while the answer is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Mapping, Optional, Sequence

from jitsictl.change.intent import SettingsWrong
from jitsictl.settings import catalogue
from jitsictl.settings.read import read_bytes
from jitsictl.setup.detect import Found
from jitsictl.setup.write import settle, typed, wrong
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Line, Problem


@dataclass(frozen=True)
class Question:
    """What is asked for one setting. `text` explains it in a line or two; a `yes_no` one is answered 1 or 0."""

    name: str
    text: str
    prompt: str
    default: str = ""
    yes_no: bool = False


Ask = Callable[[Question], str]
Tell = Callable[[str], None]
Answers = Mapping[str, str]


def given(options: Answers, answers: Optional[bytes], file: str) -> List[Line]:
    """The settings that options and the content of an --answers file give; an option goes before the file.

    SettingsWrong: what is wrong with the file's form. Names and values are for `interview` to check.
    """
    lines, problems = ([], []) if answers is None else read_bytes(answers, file)
    if problems:
        raise SettingsWrong(problems)
    return [
        *(line for line in lines if line.value and line.name not in options),
        *(typed(name, value) for name, value in options.items()),
    ]


def interview(given: Sequence[Line], found: Found, ask: Optional[Ask], tell: Tell, paths: Paths) -> List[Line]:
    """The given settings with an answer to each question that they leave open.

    Without `ask` a question is answered with what was detected. Nothing is written. SettingsWrong: the given
    ones are wrong, found before anything is asked.
    """
    problems = [problem for problem in _errors(given, paths) if problem.line is not None]  # None: something is missing
    if problems:
        raise wrong(problems)
    lines = {line.name: line for line in given}
    for make in QUESTIONS:
        question = make(found, {name: line.value for name, line in lines.items()})
        if question is None or question.name in lines:
            continue
        value = question.default if ask is None else _answer(question, list(lines.values()), ask, tell, paths)
        if value:
            lines[question.name] = typed(question.name, value)
    return list(lines.values())


def _answer(question: Question, before: List[Line], ask: Ask, tell: Tell, paths: Paths) -> str:
    tell(f"\n{question.text}")
    while True:
        value = ask(question).strip()
        problems = _errors([*before, typed(question.name, value)], paths)
        found = [problem.what for problem in problems if problem.what.startswith(f"{question.name}: ")]
        if not found:
            return value
        for what in found:
            tell(what)


def _errors(lines: Sequence[Line], paths: Paths) -> List[Problem]:
    """What check would say of these settings, without its warnings; others may still be missing."""
    return [problem for problem in settle(lines, [], paths)[1] if not problem.warning]


def _url(found: Found, _: Answers) -> Question:
    text = "The address that people type. It must be exactly the public one, since pages carry links built from it."
    return Question("PUBLIC_URL", text, "Address (https://...)", found.url)


_REACH = {
    "public": "{0} is a public address of this host.",
    "private": (
        "{0} is private, so this host is behind NAT: write the router's public address,\n"
        "and {0} behind a comma for people inside. The router must hand the port on to this host."
    ),
    "carrier": (
        "{0} is of the provider's own NAT,\nwhich lets nobody in: people outside would need a TURN server elsewhere."
    ),
    "": "This host has no route to the outside, so it knows none.",
}


def _address(found: Found, _: Answers) -> Question:
    text = f"Where browsers reach the video bridge, by UDP. {_REACH[found.outside].format(found.address)}"
    return Question("JVB_ADVERTISE_IPS", text, "IP address", found.address)


def _zone(found: Found, _: Answers) -> Question:
    return Question("TZ", "The time zone of the services' clocks. The default is this host's.", "Time zone", found.zone)


def _port(name: str) -> Callable[[Found, Answers], Optional[Question]]:
    def make(found: Found, _: Answers) -> Optional[Question]:
        """Asked only where the default is taken."""
        taken = found.taken.get(name)
        if taken is None:
            return None
        entry = catalogue.load()[name]
        text = f"{entry.help}\n{entry.default} is taken by {taken.holder}; {taken.free} is free."
        return Question(name, text, "Port", taken.free)

    return make


def _ipv6(found: Found, _: Answers) -> Question:
    if not found.kernel_ipv6:
        why = "This kernel has none, and the page would not start with it."
    elif not found.docker_ipv6:
        why = 'Docker gives containers none (/etc/docker/daemon.json has no "ipv6": true).'
    else:
        where = found.ipv6_address or "no address that is reached from outside"
        why = f"Docker gives it to containers; this host has {where}."
    default = "1" if found.kernel_ipv6 and found.docker_ipv6 else "0"
    return Question("ENABLE_IPV6", f"IPv6 inside the containers. {why}", "Use IPv6?", default, yes_no=True)


def _accounts(_: Found, __: Answers) -> Question:
    text = "Who may open a room: only people with an account (jitsi-useradd makes one), or anybody who finds the page."
    return Question("ENABLE_AUTH", text, "Only people with an account?", "1", yes_no=True)


def _guests(_: Found, answers: Answers) -> Optional[Question]:
    if answers.get("ENABLE_AUTH") == "0":
        return None  # everybody is a guest then
    text = "People without an account can join a room that is open, and wait until it is."
    return Question("ENABLE_GUESTS", text, "Let them in as guests?", "1", yes_no=True)


def _etherpad(_: Found, __: Answers) -> Question:
    text = "Shared documents: Etherpad runs beside Jitsi Meet and is in the menu of a meeting."
    return Question("ETHERPAD", text, "With shared documents?", "1", yes_no=True)


QUESTIONS: Sequence[Callable[[Found, Answers], Optional[Question]]] = (
    _url,
    _address,
    _zone,
    _port("HTTP_PORT"),
    _port("JVB_PORT"),
    _port("JVB_COLIBRI_PORT"),
    _port("JICOFO_REST_PORT"),
    _ipv6,
    _accounts,
    _guests,
    _etherpad,
)
