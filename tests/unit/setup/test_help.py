"""setup's part of jitsictl(8), which is made from the verb's own help."""

from __future__ import annotations

from jitsictl.cli.generate import man_pages


def test_examples_in_the_manual_stand_on_lines_of_their_own() -> None:
    page = man_pages()["jitsictl.8"]
    part = page[page.index(".SS setup") : page.index(".SS check")]
    examples = part[part.index(".nf\nExamples:\n") : part.index(".fi")].splitlines()[2:]
    assert len(examples) == 5
    assert all(line.startswith("jitsictl setup") for line in examples)
    assert "\b" not in page
