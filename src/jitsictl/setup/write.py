"""The first jitsi.conf: rendered, checked as any other, and only then written; secrets go to secrets.conf."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.change.intent import SECRETS_HEAD, SettingsWrong
from jitsictl.doors import files, host, lock
from jitsictl.settings import catalogue, check
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import read_bytes
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Entry, Line, Problem, Settings

TEMPLATE = "jitsi.conf.j2"
COLUMNS = 118  # of a comment, behind its "# "
LOCK_SECONDS = 10.0


@dataclass(frozen=True)
class Draft:
    """What is to be written: jitsi.conf whole, and secrets that secrets.conf does not have yet."""

    conf: str
    secrets: Mapping[str, str]
    settings: Settings
    warnings: Tuple[Problem, ...]


def settle(conf: Sequence[Line], secrets: Sequence[Line], paths: Paths) -> Tuple[Optional[Settings], List[Problem]]:
    """As check.settle, with what it must know of this host."""
    zones, facts = host.time_zones(), host.facts(paths.root)
    return check.settle(conf, secrets, catalogue.load(), releases.tags(), zones=zones, host=facts)


def wrong(problems: Sequence[Problem]) -> SettingsWrong:
    """The failure that tells them; what was typed has no file and line to tell."""
    return SettingsWrong([problem if problem.file else replace(problem, line=None) for problem in problems])


def typed(name: str, value: str) -> Line:
    """A setting from the command line or the keyboard, which stands in no file."""
    return Line(name, value, "", 0)


def draft(lines: Sequence[Line], paths: Paths, keep_defaults: bool = False) -> Draft:
    """The files that hold these settings. SettingsWrong: everything that is wrong with them; nothing was touched.

    What applies anyhow is left out, unless `keep_defaults`.
    """
    known = catalogue.load()
    kept, problems = read_bytes(files.read_bytes(paths.secrets) or b"", str(paths.secrets))
    secret = [line for line in lines if line.name in known and known[line.name].secret]
    conf = [line for line in lines if line not in secret]
    problems += _conflicts(secret, kept)
    settings, found = settle(conf, [*kept, *secret], paths)
    problems += found
    if settings is None or any(not problem.warning for problem in problems):
        raise wrong(check.in_order(problems, [line.file for line in lines]))
    values = {line.name: settings.get(line.name) or line.value for line in conf if line.value}
    wanted = {name: text for name, text in values.items() if keep_defaults or text != usual(known[name])}
    text = render(wanted)
    present = {line.name for line in kept if line.value}
    new = {line.name: settings[line.name] for line in secret if line.value and line.name not in present}
    # Read back as any other, so that warnings name the lines of the file that is there from now on.
    again, problems = read_bytes(text.encode(), str(paths.conf))
    secrets = [*kept, *(Line(name, value, str(paths.secrets), 0) for name, value in new.items())]
    settings, found = settle(again, secrets, paths)
    if settings is None or problems:
        raise wrong([*problems, *found])
    return Draft(text, new, settings, tuple(found))


def usual(entry: Entry) -> Optional[str]:
    """What applies when nothing is said: our default, else what the images take by themselves."""
    return entry.image_default if entry.default is None else entry.default


def render(values: Mapping[str, str]) -> str:
    """The text of jitsi.conf: each setting with its help, by group, in the catalogue's order."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    groups: Dict[str, List[Tuple[List[str], str]]] = {}
    for name, entry in catalogue.load().items():
        if name in values:
            help_text = textwrap.wrap(entry.help, COLUMNS, break_long_words=False, break_on_hyphens=False)
            groups.setdefault(entry.group, []).append((help_text, conf_line(name, values[name])))
    titles = catalogue.titles()
    environment = Environment(  # noqa: S701 - the text is no HTML; conf_line quotes every value
        loader=FileSystemLoader(str(host.templates())),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template(TEMPLATE)
    return template.render(groups=[(titles[group], settings) for group, settings in groups.items()])


def must_be_new(paths: Paths, replacing: bool) -> None:
    """Failure: there are settings already and they are not to be replaced."""
    there = files.read_bytes(paths.conf)
    if there is not None and read_bytes(there, paths.conf.name)[0] and not replacing:
        raise Failure(
            f"expected no settings in {paths.conf}, found some; edit the file, or give --replace "
            "(the old one is kept as jitsi.conf.old)"
        )


def write(made: Draft, paths: Paths, replacing: bool) -> List[str]:
    """Write both files, mode 0600; returns what was done, in words.

    A jitsi.conf that has settings is kept as jitsi.conf.old. When the second file cannot be written, the first one
    is as it was. Failure: as must_be_new, or a change is running, or the disk is full.
    """
    files.directory(paths.state, 0o700)
    files.directory(paths.conf.parent, 0o755)
    with lock.lock(paths.lock, exclusive=True, deadline=LOCK_SECONDS, verb="setup"):
        must_be_new(paths, replacing)
        said = _keep_old(paths)
        before = files.read_text(paths.secrets)
        if made.secrets:
            files.write(paths.secrets, with_secrets(before or "", made.secrets), 0o600)
        try:
            files.write(paths.conf, made.conf, 0o600)
        except BaseException:
            if made.secrets:
                _put_back(before, paths)
            raise
    said.append(f"wrote {paths.conf}")
    if made.secrets:
        said.append(f"wrote {', '.join(made.secrets)} to {paths.secrets}")
    return said


def with_secrets(text: str, more: Mapping[str, str]) -> str:
    """secrets.conf with these added."""
    head = text or SECRETS_HEAD
    head = head if head.endswith("\n") else f"{head}\n"
    return head + "".join(f"{conf_line(name, value)}\n" for name, value in more.items())


def _keep_old(paths: Paths) -> List[str]:
    there = files.read_bytes(paths.conf)
    if there is None or not read_bytes(there, paths.conf.name)[0]:
        return []
    old = paths.conf.with_name("jitsi.conf.old")
    files.copy_file(paths.conf, old)
    return [f"kept the old settings as {old}"]


def _put_back(before: Optional[str], paths: Paths) -> None:
    if before is None:
        files.remove(paths.secrets)
    else:
        files.write(paths.secrets, before, 0o600)


def _conflicts(secret: Sequence[Line], kept: Sequence[Line]) -> List[Problem]:
    """What is in secrets.conf is never replaced: other services may have been set up with it."""
    there = {line.name: line for line in kept if line.value}
    return [
        Problem(
            f"{line.name}: {there[line.name].file}:{there[line.name].number} has another value; "
            "delete the one of them that is wrong",
            line.file,
            line.number,
            name=line.name,
        )
        for line in secret
        if line.name in there and line.value and there[line.name].value != line.value
    ]


def firewall(settings: Settings) -> List[str]:
    """The lines that open what must be open; they are printed, never run."""
    return [
        "iptables -A INPUT -p tcp --dport 443 -j ACCEPT    # the host's Apache",
        f"iptables -A INPUT -p udp --dport {settings['JVB_PORT']} -j ACCEPT  # sound and picture",
    ]


def next_steps(settings: Settings, web_server: str) -> List[str]:
    """What is left to do, in the order in which it is done."""
    apache = f"this host's Apache ({web_server})" if web_server else "an Apache (there is none on this host yet)"
    steps = [
        "chmod 755 /etc/rc.d/rc.jitsi",
        "/etc/rc.d/rc.jitsi start",
        f"jitsictl vhost --install lets {apache} hand {settings['PUBLIC_URL']}/ on to http://{settings['HTTP_PORT']}/",
    ]
    if settings.on("ENABLE_AUTH") and settings.get("AUTH_TYPE") == "internal":
        steps.append("jitsi-useradd NAME")
    return steps
