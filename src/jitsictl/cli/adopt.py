"""jitsictl adopt"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Optional, Tuple

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.adopt.prepare import Request


@click.command()
@click.argument("directory", metavar="[DIR]", required=False)
@click.option("--dry-run", is_flag=True, help="Show the plan; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--release", metavar="RELEASE", help="Go to RELEASE and pin it; default: the newest known.")
@click.option("--set", "more", multiple=True, metavar="NAME=VALUE", help="A setting that goes before the .env's.")
@click.option("--drop", multiple=True, metavar="NAME", help="Leave the .env's line of NAME out.")
@click.option("--replace", is_flag=True, help="Replace a jitsi.conf that has settings; the old one is kept.")
@click.option("--undo", is_flag=True, help="Give it back: start the old containers in place of this site.")
@click.option("--finish", is_flag=True, help="Remove the old containers; there is no way back then.")
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: print the plan as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def adopt(
    directory: Optional[str],
    dry_run: bool,
    yes: bool,
    release: Optional[str],
    more: Tuple[str, ...],
    drop: Tuple[str, ...],
    replace: bool,
    undo: bool,
    finish: bool,
    as_json: bool,
    verbose: bool,
) -> int:
    """Take over an installation of upstream's docker-jitsi-meet that was made by hand in DIR.

    DIR is the folder with the .env and the docker-compose.yml, of any release since stable-6826, with or without
    Etherpad. Nothing is changed before you say yes: first comes the plan, with every line of the .env and what
    becomes of it. Where containers run with other values than the .env has today, what runs is taken.

    Then the images are fetched while the old site runs. Its containers are stopped and kept, and do not come back at
    boot; pads are copied out of the container that kept them; accounts go to where the new release looks for them;
    this site is started and proved by a login, every account record and every pad. When anything fails, or is cut
    off, the very same old containers run again on their own data.

    With --undo the old containers take over again, with the accounts and pads made since. With --finish they are
    removed, with their network. The folder, CONFIG and the images are never removed.

    Exit status 3: there is a plan and nobody said yes to it.

    \b
    Examples:
      jitsictl adopt --dry-run /usr/local/docker-jitsi-meet-stable-6826
      jitsictl adopt --dry-run --json /usr/local/docker-jitsi-meet-stable-6826 | jq .settings
      jitsictl adopt --yes /usr/local/docker-jitsi-meet-stable-6826
      jitsictl adopt --release stable-11031 --drop JVB_STUN_SERVERS /usr/local/docker-jitsi-meet-stable-6826
      jitsictl adopt --undo
      jitsictl adopt --finish
    """
    from jitsictl.adopt.prepare import Request
    from jitsictl.cli.setup import pairs
    from jitsictl.setup.write import typed

    if (directory is not None) == (undo or finish) or (undo and finish):
        raise click.UsageError("give DIR, or --undo, or --finish")
    if as_json and not dry_run:
        raise click.UsageError("--json belongs to --dry-run")
    if undo:
        return _undo(yes, verbose)
    if finish:
        return _finish(yes)
    chosen = {**pairs(more), **({"JITSI_IMAGE_VERSION": release} if release else {})}
    request = Request(str(directory), tuple(typed(n, v) for n, v in chosen.items()), frozenset(drop), replace)
    return _shown(request, as_json) if dry_run else _adopt(request, yes, verbose)


def _shown(request: Request, as_json: bool) -> int:
    from jitsictl.adopt import show, take
    from jitsictl.cli.show import as_json as data
    from jitsictl.cli.show import lines

    adoption = take.preview(Paths(), request)
    if as_json:
        click.echo(data(show.facts(adoption)))
    else:
        lines(show.lines(adoption), "")
        click.echo("\nnothing was changed")
    return int(Exit.DONE)


def _adopt(request: Request, yes: bool, verbose: bool) -> int:
    from jitsictl.adopt import show, take
    from jitsictl.cli.show import lines, listener

    lines(show.lines(take.preview(Paths(), request)), "")
    click.echo()
    if not yes and not _confirmed("Take it over now?"):
        return int(Exit.CHANGES)
    started = time.monotonic()
    adoption = take.adopt(Paths(), request, listener(verbose))
    click.echo(f"{adoption.prepared.desired.release.tag} runs, after {time.monotonic() - started:.1f} s")
    lines(show.done(adoption), "")
    return int(Exit.DONE)


def _undo(yes: bool, verbose: bool) -> int:
    from jitsictl.adopt import take
    from jitsictl.cli.show import listener

    record = take.adopted(Paths())
    if not yes and not _confirmed(f"Stop this site and start {', '.join(record.names)} again?"):
        return int(Exit.CHANGES)
    started = time.monotonic()
    take.undo(Paths(), listener(verbose))
    click.echo(f"{record.directory} runs again, after {time.monotonic() - started:.1f} s, on {record.release}")
    click.echo("jitsi.conf was kept under another name, so that this site does not start beside it")
    return int(Exit.DONE)


def _finish(yes: bool) -> int:
    from jitsictl.adopt import show, take
    from jitsictl.cli.show import lines, listener

    lines(show.finishing(take.adopted(Paths())), "")
    if not yes and not _confirmed("Remove them?"):
        return int(Exit.CHANGES)
    record = take.finish(Paths(), listener())
    click.echo(f"removed; {record.directory} is yours to remove")
    return int(Exit.DONE)


def _confirmed(question: str) -> bool:
    if sys.stdin.isatty():
        return click.confirm(question, default=False)
    click.echo("nothing was changed: there is no terminal to ask on; --yes says yes")
    return False
