"""What `make bench` measures of the settings: the reader by itself, check and plan as an administrator runs them."""

from __future__ import annotations

from random import Random
from typing import Dict, List

from bed.site import CONF, Site
from unit.lines import any_text, grammar_near

from bench.figures import ROUNDS, rounds, seconds
from jitsictl import releases
from jitsictl.settings import catalogue, check
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import parse
from jitsictl.types.settings import Entry

LINES = 500


def reader() -> List[float]:
    """Seconds for 100,000 lines, half of them nearly right, half any text."""
    random = Random("bench")
    kinds = (grammar_near, any_text)
    text = "\n".join(kinds[number % 2](random).replace("\n", "") for number in range(100_000))
    return [seconds(parse, text, "jitsi.conf") for _ in range(ROUNDS)]


def verbs(site: Site) -> Dict[str, List[float]]:
    """check and plan on a jitsi.conf of 500 lines that is applied and runs, and beside them an empty Python."""
    site.host.write(CONF, longest(site.host.read(CONF)))
    site.jitsictl("check")
    site.jitsictl("reseed")
    return rounds({
        "python3": lambda _: seconds(site.host.run, ["python3", "-I", "-c", "pass"]),
        "check": lambda _: seconds(site.jitsictl, "check"),
        "plan": lambda _: seconds(site.jitsictl, "plan"),
    })  # fmt: skip


def longest(conf: str) -> str:
    """`conf` with every setting that is valid and of use there, at its default, and comments up to 500 lines."""
    names = {line.name for line in parse(conf, "jitsi.conf")[0]}
    more = [entry for entry in catalogue.load().values() if entry.name not in names and _usual(entry)]
    more = more[: LINES - conf.count("\n")]
    while True:
        text = conf + "".join(f"{conf_line(entry.name, _value(entry))}\n" for entry in more)
        _, problems = check.settle(parse(text, "jitsi.conf")[0], [], catalogue.load(), releases.tags())
        wrong = {problem.name for problem in problems}
        if not wrong & {entry.name for entry in more}:
            return text + "# and a comment\n" * (LINES - text.count("\n"))
        more = [entry for entry in more if entry.name not in wrong]


def _usual(entry: Entry) -> bool:
    known = catalogue.reads(entry, releases.newest().tag) and entry.replaced_by is None
    return known and not entry.secret and bool(_value(entry))


def _value(entry: Entry) -> str:
    return entry.default or entry.image_default or ""
