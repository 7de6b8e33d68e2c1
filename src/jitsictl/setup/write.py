"""The first jitsi.conf: rendered, checked as any other, and only then written."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

from jitsictl import releases
from jitsictl.change.intent import SettingsWrong
from jitsictl.doors import files, host
from jitsictl.settings import catalogue, check
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import read_bytes
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings

TEMPLATE = "jitsi.conf.j2"


def render(answers: Dict[str, str]) -> str:
    """The text of jitsi.conf for these settings: those the template knows in its words, the others after them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - the text is no HTML; conf_line quotes every value
        loader=FileSystemLoader(str(host.templates())),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = conf_line
    return environment.get_template(TEMPLATE).render(answers=answers)


def validated(text: str, paths: Paths) -> Tuple[Settings, List[str]]:
    """The settings that the text gives, and warnings. SettingsWrong: everything that is wrong with it."""
    lines, problems = read_bytes(text.encode(), str(paths.conf))
    settings, more = check.settle(lines, [], catalogue.load(), releases.tags(), zones=host.time_zones())
    problems = [*problems, *more]
    if settings is None:
        raise SettingsWrong(problems)
    return settings, [str(problem) for problem in problems]


def write(text: str, paths: Paths, replace: bool) -> Path:
    """Write jitsi.conf, mode 0600. One that already has settings is kept as jitsi.conf.old, and only with `replace`.

    Failure: there are settings and `replace` is not given.
    """
    there = files.read_bytes(paths.conf)
    if there is not None and read_bytes(there, paths.conf.name)[0]:
        if not replace:
            raise Failure(
                f"expected no settings in {paths.conf}, found some; edit the file, or give --replace "
                "(the old one is kept as jitsi.conf.old)"
            )
        files.copy_file(paths.conf, paths.conf.with_name("jitsi.conf.old"))
    files.directory(paths.conf.parent, 0o755)
    files.write(paths.conf, text, 0o600)
    return paths.conf


def firewall(settings: Settings) -> List[str]:
    """The lines that open what must be open; they are printed, never run."""
    return [
        "iptables -A INPUT -p tcp --dport 443 -j ACCEPT    # the host's Apache",
        f"iptables -A INPUT -p udp --dport {settings['JVB_PORT']} -j ACCEPT  # sound and picture",
    ]
