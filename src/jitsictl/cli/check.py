"""jitsictl check"""

from __future__ import annotations

import json
from typing import BinaryIO, Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(file: Optional[BinaryIO], as_json: bool) -> int:
    """Find everything that is wrong in jitsi.conf, at once.

    FILE is examined in its place, - is standard input: for an editor, or before a file is put where it
    belongs. Nothing is changed and Docker is not asked. Works without root; secrets that cannot be read
    count as present. Every problem is one line, FILE:LINE: what; a warning says so. Exit status 5:
    something is wrong; warnings alone are 0.

    \b
    Examples:
      jitsictl check && /etc/rc.d/rc.jitsi reload
      jitsictl check jitsi.conf.new
      ssh server cat /etc/jitsi-meet/jitsi.conf | jitsictl check --json -
    """
    from jitsictl.change import intent

    problems = intent.problems(Paths(), (file.name, file.read()) if file else None)
    wrong = any(not problem.warning for problem in problems)
    if as_json:
        rows = [
            {
                "file": p.file,
                "line": p.line,
                "name": p.name or None,
                "severity": "warning" if p.warning else "error",
                "what": p.what,
                "suggestion": p.suggestion or None,
            }
            for p in problems
        ]
        click.echo(json.dumps({"valid": not wrong, "problems": rows}, indent=1))
        return int(Exit.SETTINGS if wrong else Exit.DONE)
    for problem in problems:
        click.echo(str(problem), err=not problem.warning)
    if not wrong:
        click.echo(f"{file.name if file else 'jitsi.conf'} is valid")
    return int(Exit.SETTINGS if wrong else Exit.DONE)
