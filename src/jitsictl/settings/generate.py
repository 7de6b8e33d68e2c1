"""What the SlackBuild makes from the catalogue: its compiled form, the full sample, jitsi.conf(5)."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List, Tuple

from jitsictl import releases
from jitsictl.data import compiled
from jitsictl.settings import catalogue
from jitsictl.settings.kinds import meaning
from jitsictl.settings.quote import conf_line
from jitsictl.types.settings import Entry

MAN_PAGE = Path(__file__).parents[2] / "man" / "jitsi.conf.5.in"
_MARK = "@SETTINGS@\n"

_SAMPLE_HEAD = """\
# Every setting of jitsi.conf, by subject. A line shows the value that applies when nothing is said, or an
# example where its comment says so; copy what you want to change into /etc/jitsi-meet/jitsi.conf and take
# the # away. jitsi.conf(5) says how values are written.
"""


def catalogue_json() -> str:
    """catalogue.json: the YAML's tree, byte for byte the same for the same catalogue."""
    return compiled("settings", "catalogue")


def sample() -> str:
    """The full sample of jitsi.conf, every setting commented out. Names that are gone are left out."""
    parts = [_SAMPLE_HEAD]
    for title, entries in _groups():
        parts.append(f"\n\n##### {title}\n")
        parts += [f"\n{_sample_entry(entry)}" for entry in entries]
    return "".join(parts)


def jitsi_conf_5() -> str:
    """jitsi.conf(5), in man(7) macros: the written part with the settings put in."""
    before, mark, after = MAN_PAGE.read_text(encoding="utf-8").partition(_MARK)
    if not mark:
        raise ValueError(f"{MAN_PAGE} has no line {_MARK.strip()}")
    return before + "".join(_man_settings()) + after


def _groups() -> Iterator[Tuple[str, List[Entry]]]:
    """(title, entries) of each group, without names that are gone for good."""
    entries = catalogue.load()
    for content in catalogue.tree().values():
        found = [entries[name] for name in content["settings"] if entries[name].replaced_by is None]
        if found:
            yield content["title"], found


def _remarks(entry: Entry) -> List[str]:
    """What is to be said of a setting behind its help."""
    remarks = [f"Write {meaning(entry.type)}."]
    if not all(catalogue.reads(entry, tag) for tag in releases.tags()):
        remarks.append(f"Read by {catalogue.span(entry)} only.")
    if entry.services and not set(entry.services) & set(releases.services()):
        remarks.append(f"Not read yet: this package does not run {' or '.join(entry.services)}.")
    if entry.generated:
        remarks.append("Made by itself, into secrets.conf.")
    elif entry.secret:
        remarks.append("Belongs into secrets.conf.")
    return remarks


def _sample_entry(entry: Entry) -> str:
    value = entry.default if entry.default is not None else entry.image_default
    remarks = _remarks(entry)
    if value is None and not entry.secret:
        value = entry.example or "1"
        remarks.append("An example:")
    lines = _wrapped(f"{entry.help} {' '.join(remarks)}")
    text = conf_line(entry.name, value) if value is not None else f"{entry.name}="
    return "".join(f"# {line}\n" for line in lines) + f"#{text}\n"


def _wrapped(text: str) -> List[str]:
    import textwrap

    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def _man_settings() -> Iterator[str]:
    for title, entries in _groups():
        yield f".SS {_troff(title)}\n"
        for entry in entries:
            yield f".TP\n.B {_troff(entry.name)}\n{_troff(entry.help)}\n{_troff(' '.join(_remarks(entry)))}\n"
            if entry.default is not None:
                yield f"Default: {_troff(entry.default.strip() or 'a blank')}.\n"
            elif entry.image_default is not None:
                yield f"The images' default: {_troff(entry.image_default)}.\n"


def _troff(text: str) -> str:
    """Text that troff prints as it is; a line may begin with it."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha")
    return "\\&" + escaped if escaped.startswith((".", "\\(aq")) else escaped
