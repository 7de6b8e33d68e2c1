"""jitsictl history"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Dict, List, Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.change.history import Past
    from jitsictl.change.tools import Event


@click.command()
@click.argument("change", metavar="[CHANGE]", required=False)
@click.option("-n", "number", type=click.IntRange(1), default=20, show_default=True, help="How many changes to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(change: Optional[str], number: int, as_json: bool) -> int:
    """Show past changes, the last one at the end: when, what, how it ended, how long people were without the site.

    With CHANGE, the name in the first column, or the word `last`: every step of that one, with its seconds.
    As far back as the log goes, which logrotate keeps for two years.

    \b
    Examples:
      jitsictl history -n 5
      jitsictl history last
      jitsictl history --json | jq '.[] | select(.verb == "upgrade")'
    """
    from jitsictl.change import history as room
    from jitsictl.cli.show import as_json as data
    from jitsictl.cli.show import lines

    if change is not None:
        found = room.one(Paths(), change)
        if as_json:
            click.echo(data({**_facts(found), "events": found.events}))
        else:
            lines([_line(found), *map(_step, _steps(found))], "")
        return int(Exit.DONE)
    all_of_them = room.past(Paths(), number)
    if as_json:
        click.echo(data([_facts(each) for each in all_of_them]))
    elif all_of_them:
        lines(map(_line, all_of_them), "")
    else:
        click.echo("no change was made yet")
    return int(Exit.DONE)


def _facts(past: Past) -> Dict[str, object]:
    return {
        "change": past.id,
        "verb": past.verb,
        "package": past.package,
        "began": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(past.began)),
        "seconds": past.seconds,
        "result": past.result,
        "away": past.away,
    }


def _line(past: Past) -> str:
    took = "" if past.seconds is None else f", after {past.seconds:.1f} s"
    away = f"; {past.away}" if past.away else ""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(past.began))
    return f"{past.id:<22} {when}  {past.verb}: {past.result}{took}{away}"


def _steps(past: Past) -> List[Event]:
    """What began and was done is one step, told by its end."""
    done = {event.text for event in past.events if event.kind == "done"}
    return [event for event in past.events if event.kind != "begin" or event.text not in done]


def _step(event: Event) -> str:
    took = "" if event.seconds is None else f" ({event.seconds:.1f} s)"
    head, *rest = event.text.splitlines() or [""]
    more: List[str] = [f"            {line}" for line in rest]
    return "\n".join([f"  {event.kind:<8}  {head}{took}", *more])
