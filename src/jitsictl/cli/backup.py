"""jitsictl backup"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.types.backup import Held, Snapshot


@click.command()
@click.argument("file", required=False)
@click.option("--recordings", is_flag=True, help="Take transcripts and recordings along, as they are.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
@click.option("--list", "listing", is_flag=True, help="List snapshots, or check FILE and say what it holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def backup(file: Optional[str], recordings: bool, force: bool, listing: bool, as_json: bool) -> int:
    """Write the whole site into one FILE (.tar.xz, for root alone) while it runs.

    In it are accounts, pads, the settings with their passwords, what is applied, and your own files: those
    that images do not make anew, such as custom-config.js, nginx-custom, modules of Prosody, TLS keys. Not in
    it are images, logs, transcripts and recordings (--recordings takes those), and a database server of
    Etherpad's. FILE "-" is standard output. Nobody notices it; a change waits until it is over.

    --list shows the snapshots that changes made before they touched accounts and pads: those of this site, or
    of the configuration directory DIR. With a FILE it reads all of it, holds every hash against what was
    written then, and says what is in it.

    \b
    Examples:
      jitsictl backup /root/jitsi-$(date +%F).tar.xz
      jitsictl backup - | ssh backup.example.org 'umask 077; cat > jitsi.tar.xz'
      jitsictl backup --list
      jitsictl backup --list /root/jitsi-2026-11-24.tar.xz
    """
    if listing:
        return _list(file, as_json)
    if file is None:
        raise click.UsageError("FILE is missing; it is written, or - for standard output")
    if file == "-" and (as_json or force):
        raise click.UsageError("- is standard output, which --json and --force do not go with")
    if file == "-" and sys.stdout.isatty():
        raise Failure("expected standard output to lead to a file or a program, found a terminal", Exit.USAGE)
    from jitsictl.backup import make

    started = time.monotonic()
    held = make.make(Paths(), None if file == "-" else Path(file), recordings, force)
    if as_json:
        click.echo(json.dumps(_as_data(held), indent=1))
        return int(Exit.DONE)
    to_people = file == "-"  # then standard output is the archive
    _say(held, to_people)
    click.echo(f"{file}: {_size(held.bytes)}, after {time.monotonic() - started:.1f} s", err=to_people)
    return int(Exit.DONE)


def _list(place: Optional[str], as_json: bool) -> int:
    from jitsictl.backup import look

    if place is not None and not Path(place).is_dir():
        held = look.archive(Path(place))
        if as_json:
            click.echo(json.dumps(_as_data(held), indent=1))
        else:
            _say(held)
            click.echo(f"{place}: whole, {_size(held.bytes)}")
        return int(Exit.DONE)
    found = look.snapshots(Paths(), None if place is None else Path(place))
    if as_json:
        click.echo(json.dumps([snapshot._asdict() for snapshot in found], indent=1))
        return int(Exit.DONE)
    for snapshot in found:
        click.echo(_row(snapshot))
    if not found:
        click.echo("no snapshots")
    return int(Exit.DONE)


def _row(snapshot: Snapshot) -> str:
    return f"{snapshot.name}  {snapshot.made}  {_size(snapshot.bytes):>10}  {', '.join(snapshot.holds) or 'empty'}"


def _say(held: Held, err: bool = False) -> None:
    for line in held.lines():
        click.echo(f"  {line}", err=err)


def _as_data(held: Held) -> object:
    return {
        "release": held.release,
        "url": held.url,
        "made": held.made,
        "package": held.package,
        "format": held.format,
        "accounts": held.accounts,
        "pads": held.pads,
        "files": held.files,
        "bytes": held.bytes,
        "recordings": held.recordings,
        "own": list(held.own),
        "left_out": list(held.left_out),
    }


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.1f} kB"
