"""jitsictl etherpad"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.change.served import Pads


@click.group()
def etherpad() -> None:
    """Look after the shared documents of meetings."""


@etherpad.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def check(as_json: bool) -> int:
    """Say whether meetings find their pads: fetch config.js as it is served and compare its etherpad_base.

    The last assignment counts: what the image renders from jitsi.conf, then your lines in
    CONFIG/web/custom-config.js, which are appended to it. With ETHERPAD=0 there should be none.

    Exit status 0: it is right; 3: `jitsictl etherpad fix` would put it right; 1: something else is wrong.

    \b
    Examples:
      jitsictl etherpad check
      jitsictl etherpad check --json
    """
    from jitsictl.change.served import FIX
    from jitsictl.etherpad import link

    found = link.check(Paths())
    if as_json:
        click.echo(_data(found))
    elif found.mendable:
        click.echo(f"{found.sentence()}; repair it with: {FIX}")
    elif found.right:
        click.echo(found.sentence())
    else:
        raise Failure(found.sentence())
    if found.right:
        return int(Exit.DONE)
    return int(Exit.CHANGES if found.mendable else Exit.FAILED)


@etherpad.command()
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def fix(verbose: bool) -> int:
    """Put etherpad_base right where `jitsictl etherpad check` finds it missing or wrong.

    A marked line goes to the end of CONFIG/web/custom-config.js, where no restart loses it, and all else in
    that file stays as it is. web restarts, which takes less than a second of the page; then config.js is
    fetched again. A file of yours that is no JavaScript is refused, with its line, before anything is touched.
    From then on each change of the site keeps the line up to date; `rollback` takes it away again.

    \b
    Example:
      jitsictl etherpad fix
    """
    from jitsictl.cli.show import listener
    from jitsictl.etherpad import link

    found, prepared = link.fix(Paths(), listener(verbose))
    click.echo(found.sentence() if prepared else f"nothing to do: {found.sentence()}")
    return int(Exit.DONE)


def _data(found: Pads) -> str:
    import json

    return json.dumps(
        {
            "right": found.right,
            "repairable": found.mendable,
            "url": found.url,
            "expected": found.expected or None,
            "found": found.served.value,
            "place": found.place or None,
            "what": found.sentence(),
        },
        indent=1,
    )
