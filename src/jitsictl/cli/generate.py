"""What is made of the verbs when the package is built: jitsictl(8), and the completion for bash."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Dict, List

import click
from click.shell_completion import BashComplete

from jitsictl.cli.__main__ import ALIASES, EPILOG, jitsictl

_MAN = Path(__file__).parents[2] / "man"  # hand-written pages, whole; only where the repository is

_HEAD = """\
.TH JITSICTL 8 "" "docker-jitsi-meet" "Slackware"
.SH NAME
jitsictl \\- set up, change and look after a Jitsi Meet site in Docker
.SH SYNOPSIS
.B jitsictl
.I VERB
[\\fIOPTION\\fR]...
.SH DESCRIPTION
The site of this host is described by
.I /etc/jitsi\\-meet/jitsi.conf
(see
.BR jitsi.conf (5)).
.B jitsictl
checks that file, shows what a change would do, and does it: every change is written down before it
is made, is proved by a login afterwards, and is undone as a whole when anything fails.
Starting and stopping at boot is done by
.BR rc.jitsi (8).
.SH VERBS
"""

_TAIL = """\
.SH FILES
.TP
.I /etc/jitsi\\-meet/jitsi.conf
The settings; the one file to edit.
.TP
.I /etc/jitsi\\-meet/secrets.conf
Passwords made by jitsictl. Only ever completed.
.TP
.I /usr/local/docker\\-jitsi\\-meet
Where a bare \\fBdocker compose\\fR works on the site; \\fIcompose.override.yaml\\fR there is yours.
.TP
.I /var/lib/jitsi\\-meet/generations
Every state that was applied, whole; \\fIcurrent\\fR names the one that is.
.TP
.I /etc/httpd/extra/httpd\\-jitsi.conf
Apache's virtual hosts for the page, by \\fBjitsictl vhost \\-\\-install\\fR.
.TP
.I /var/log/jitsi\\-meet/jitsi\\-meet.log
One JSON line a step.
.SH SEE ALSO
.BR jitsi.conf (5),
.BR rc.jitsi (8),
.BR jitsi\\-useradd (8),
.BR jitsi\\-userdel (8),
.BR jitsi\\-passwd (8),
.BR jitsictl\\-user (8)
"""


def man_pages() -> Dict[str, str]:
    """The section 8 pages by file name. jitsictl(8) comes from the verbs, so that it cannot miss one."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(_MAN.glob("*.8"))}
    pages["jitsictl.8"] = _HEAD + "".join(_verbs()) + _exit_status() + _TAIL
    return pages


def completion() -> str:
    """The script that bash-completion reads for all names of the helper; it asks the helper itself at each TAB."""
    names = ("jitsictl", *ALIASES)
    scripts = [BashComplete(jitsictl, {}, name, f"_{name.upper().replace('-', '_')}_COMPLETE") for name in names]
    return "\n".join(script.source() for script in scripts)


def _verbs() -> List[str]:
    context = click.Context(jitsictl, info_name="jitsictl")
    made = []
    for name in jitsictl.list_commands(context):
        command = jitsictl.get_command(context, name)
        assert command is not None  # noqa: S101 - it was just listed
        made += _entry(command, name, context)
    return made


def _entry(command: click.Command, name: str, parent: click.Context) -> List[str]:
    context = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        made = []
        for sub in command.list_commands(context):
            below = command.get_command(context, sub)
            assert below is not None  # noqa: S101 - it was just listed
            made += _entry(below, f"{name} {sub}", parent)
        return made
    usage = " ".join(part for part in command.collect_usage_pieces(context) if part != "[OPTIONS]")
    lines = [f".SS {_roff(name)} {_roff(usage)}\n", _paragraphs(command.help or "")]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in record[0]:
            lines.append(f".TP\n.B {_roff(record[0])}\n{_roff(record[1])}\n")
    return lines


def _exit_status() -> str:
    table = EPILOG.split("Exit status:\n", 1)[1].split("\n\n", 1)[0]
    lines = [".SH EXIT STATUS\n"]
    for line in table.splitlines():
        code, meaning = line.split(None, 1)
        lines.append(f".TP\n.B {code}\n{_roff(meaning)}\n")
    return "".join(lines)


def _paragraphs(help_text: str) -> str:
    made = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(help_text)):
        if paragraph.startswith("\b"):
            body = "\n".join(line.strip() for line in paragraph.splitlines()[1:])
            made.append(f".PP\n.nf\n{_roff(body)}\n.fi\n")
        else:
            made.append(f".PP\n{_roff(' '.join(paragraph.split()))}\n")
    return "".join(made)


def _roff(text: str) -> str:
    """Escape for troff: backslashes, hyphens that are to be minus signs, a dot or quote at a line's start."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", escaped)
