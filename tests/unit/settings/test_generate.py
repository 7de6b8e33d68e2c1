"""What is made from the catalogue for people: the sample and the manual page."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from unit.settings.conftest import MINIMUM

from jitsictl import releases
from jitsictl.settings import catalogue, generate
from jitsictl.settings.kinds import meaning, normalise
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import parse

ALL = catalogue.load()
LIVING = [name for name, entry in ALL.items() if entry.replaced_by is None]


def sample_lines():
    """The sample's settings, with the # taken away."""
    text = re.sub(r"^#(?=[A-Z])", "", generate.sample(), flags=re.MULTILINE)
    lines, problems = parse(text, "sample")
    assert problems == []
    return lines


def test_the_sample_as_it_is_says_nothing():
    assert parse(generate.sample(), "sample") == ([], [])


def test_the_sample_has_every_living_setting_once_in_order():
    assert [line.name for line in sample_lines()] == LIVING


def test_every_line_of_the_sample_is_right_without_its_mark():
    for line in sample_lines():
        entry = ALL[line.name]
        if line.value:
            written = normalise(entry.type, line.value)
            assert entry.default in (None, written)
        else:
            assert entry.secret


def test_every_line_of_the_sample_alone_is_no_error(settle):
    """Each default and example can be taken as it stands; the one exception needs a login by token beside it."""
    for line in sample_lines():
        if line.value and line.name != "TOKEN_AUTH_URL":
            others = "".join(text for text in MINIMUM.splitlines(True) if not text.startswith(f"{line.name}="))
            outcome = settle(f"{others}{conf_line(line.name, line.value)}\n", bare=True, tags=releases.tags())
            assert outcome.errors == [], line.name


def test_what_has_no_default_has_an_example():
    for name in LIVING:
        entry = ALL[name]
        shown = (entry.default, entry.image_default, entry.example) != (None, None, None)
        assert shown or entry.secret or entry.type.startswith("bool"), name


def test_the_manual_pages_settings_are_the_samples_in_the_same_order():
    settings = generate.jitsi_conf_5().partition(".SH SETTINGS\n")[2].partition(".SH FILES\n")[0].replace("\\-", "-")
    page = [text for _, text in re.findall(r"^\.(SS|B) (.*)$", settings, re.MULTILINE)]
    lines = re.findall(r"^(?:##### (.*)|#([A-Z0-9_]+)=.*)$", generate.sample(), re.MULTILINE)
    assert page == [title or name for title, name in lines]


def test_the_sample_tells_secrets_where_to_go():
    text = generate.sample()
    assert re.search(r"Belongs\s+(# )?into\s+(# )?secrets\.conf\.\n#LDAP_BINDPW=\n", text)
    assert re.search(r"into\s+(# )?secrets\.conf\.\n#JVB_AUTH_PASSWORD=\n", text)


def test_no_line_of_the_sample_is_long():
    assert max(len(line) for line in generate.sample().splitlines() if line.startswith("# ")) <= 110


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bool", "1 or 0"),
        ("int 1..10", "a whole number from 1 to 10"),
        ("int 1..256|auto", "a whole number from 1 to 256, or auto"),
        ("bool words", "1 or 0"),
        ("bool unbuilt", "0; 1 is not built yet"),
        ("enum none|!oidc", "none; not built yet: oidc"),
        ("enum a|b|!c", "one of a, b; not built yet: c"),
        ("choices tcp|udp", "some of tcp, udp, with commas between them"),
        ("array AV1|VP9", "some of AV1, VP9, with commas between them, the preferred one first"),
        ("hosts bare", "host names, with commas between them"),
        ("words blank", "words, with blanks between them"),
        ("secret line", "text on one line"),
        ("number 0..1", "a number from 0 to 1"),
        ("enum a|b", "one of a, b"),
        ("url", "a URL: http:// or https://"),
        ("url ldap|ldaps", "a URL: ldap:// or ldaps://"),
    ],
)
def test_types_in_words(kind, words):
    assert meaning(kind) == words


def rendered(page: str) -> str:
    """The page as man shows it, without its bold and italics."""
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not here")
    run = subprocess.run(
        [groff, "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=100n"],
        input=page.encode(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0
    assert run.stderr == b""
    return run.stdout.decode()


def test_the_manual_page_is_clean_and_complete():
    text = rendered(generate.jitsi_conf_5())
    headings = re.findall(r"^([A-Z][A-Z ]+)$", text, re.MULTILINE)
    assert headings == ["NAME", "SYNOPSIS", "DESCRIPTION", "SETTINGS", "FILES", "EXAMPLES", "SEE ALSO"]
    for name in LIVING:
        assert re.search(rf"^ +{name}( |$)", text, re.MULTILINE), name
    assert "Default: 127.0.0.1:8440." in text
    assert r"\", \\, \$ and \n stand for" in re.sub(r"\s+", " ", text)


def test_whatis_finds_the_manual_page(tmp_path):
    lexgrog = shutil.which("lexgrog")
    if lexgrog is None:
        pytest.skip("lexgrog is not here")
    page = tmp_path / "jitsi.conf.5"
    page.write_text(generate.jitsi_conf_5(), encoding="utf-8")
    run = subprocess.run([lexgrog, page], capture_output=True, text=True, timeout=60, check=True)
    assert '"jitsi.conf - settings of a Jitsi Meet site"' in run.stdout
    assert '"secrets.conf - settings of a Jitsi Meet site"' in run.stdout
