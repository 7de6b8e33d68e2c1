"""jitsictl user list"""

from __future__ import annotations

import sys
from typing import Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("list")
@click.argument("pattern", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the names as a JSON list.")
def command(pattern: Optional[str], as_json: bool) -> int:
    """List all accounts, or those whose name fits PATTERN, a name a line.

    PATTERN is one of the shell's, in quotes. The names are read from Prosody's store on this host: the site
    may be down, and nobody waits. The services' own accounts are not among them.

    \b
    Examples:
      jitsictl user list
      jitsictl user list 'eric*'

    \b
    Exit status: 0 listed, be it none; 1 failed, or accounts are kept elsewhere.
    """
    from jitsictl.accounts import store
    from jitsictl.accounts.home import find

    names = store.names(find(Paths()))
    if pattern is not None:
        import fnmatch

        names = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
    if as_json:
        import json

        click.echo(json.dumps(names))
    elif names:
        sys.stdout.write("\n".join(names) + "\n")
    return int(Exit.DONE)
