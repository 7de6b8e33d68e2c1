"""jitsictl check"""

from __future__ import annotations

import json

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(as_json: bool) -> int:
    """Find everything that is wrong in jitsi.conf, at once.

    Nothing is changed and Docker is not asked. Works without root; secrets that cannot be read count
    as present. Exit status 5: something is wrong.

    \b
    Example:
      jitsictl check && /etc/rc.d/rc.jitsi reload
    """
    from jitsictl.change import intent

    try:
        wanted = intent.read(Paths())
        problems, code = list(wanted.warnings), Exit.DONE
    except intent.SettingsWrong as failure:
        problems, code = failure.problems, Exit.SETTINGS
    if as_json:
        rows = [{"file": p.file, "line": p.line, "warning": p.warning, "what": p.what} for p in problems]
        click.echo(json.dumps({"valid": code == Exit.DONE, "problems": rows}, indent=1))
        return int(code)
    for problem in problems:
        click.echo(str(problem), err=not problem.warning)
    if code == Exit.DONE:
        click.echo("jitsi.conf is valid")
    return int(code)
