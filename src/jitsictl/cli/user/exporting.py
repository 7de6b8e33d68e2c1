"""jitsictl user export"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Optional

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths


@click.command("export")
@click.argument("file", required=False)
@click.option("--keys", is_flag=True, help="With the stored keys, so that people keep their passwords.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
def command(file: Optional[str], keys: bool, force: bool) -> int:
    """Write all accounts to FILE, or to standard output, as CSV that import takes back.

    With --keys it has what Prosody keeps of each password: import on another server, and everybody logs in
    there as before. Nobody can log in with a key, but whoever has one can try passwords against it: FILE is
    for root alone, and is to be deleted when it has done its work. Accounts that are disabled are left out
    then. The site may be down.

    \b
    Examples:
      jitsictl user export /root/accounts.csv
      jitsictl user export --keys - | ssh new.example.org jitsictl user import -

    \b
    Exit status: 0 written; 1 failed, or accounts are kept elsewhere; 2 wrong usage.
    """
    from jitsictl.accounts import export
    from jitsictl.doors import files

    to_people = file in (None, "-")
    if keys and to_people and sys.stdout.isatty():
        raise Failure("expected a FILE for the keys, or a program to take them, found a terminal", Exit.USAGE)
    made = export.keys(Paths()) if keys else export.names(Paths())
    text = "".join(made.lines)
    if to_people:
        sys.stdout.buffer.write(text.encode())
    else:
        with files.destination(Path(str(file)), force) as out:
            out.write(text.encode())
    for sentence in made.left_out:
        click.echo(f"left out: {sentence}", err=True)
    if not to_people:
        click.echo(f"{file}: {len(made.lines) - 1} accounts{', with their keys' if keys else ''}")
    return int(Exit.DONE)
