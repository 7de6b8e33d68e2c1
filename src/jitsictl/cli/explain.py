"""jitsictl explain"""

from __future__ import annotations

from typing import List, Optional, Tuple

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


def _names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> List[str]:
    """For the shell's completion; lower case is as good."""
    from jitsictl.settings import catalogue

    return [name for name in catalogue.load() if name.startswith(incomplete.upper())]


def _groups(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> List[str]:
    from jitsictl.settings import catalogue

    return [group for group in catalogue.titles() if group.startswith(incomplete.lower())]


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_names)
@click.option("--group", metavar="GROUP", shell_complete=_groups, help="List the settings of one group.")
@click.option("--changed", is_flag=True, help="List what differs from its default, and where that comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def explain(names: Tuple[str, ...], group: Optional[str], changed: bool, as_json: bool) -> int:
    """Say what a setting is and does: its value now, where that comes from, what may be written, its default,
    the services that see it, the releases that read it.

    Without a NAME: the groups of settings. Upper and lower case are the same. Secrets are masked. Neither
    root nor Docker is needed, but jitsi.conf is for root, and so are the values in it.

    \b
    Examples:
      jitsictl explain ENABLE_LOBBY
      jitsictl explain enable_guests auth_type
      jitsictl explain --group rooms
      jitsictl explain --changed
    """
    from jitsictl.change.known import known
    from jitsictl.cli.show import as_json as printed
    from jitsictl.cli.show import lines
    from jitsictl.settings import catalogue, explain_text
    from jitsictl.settings import explain as explaining

    if sum((bool(names), group is not None, changed)) > 1:
        raise click.UsageError("expected one of NAME, --group and --changed, found more")
    entries = catalogue.load()
    if not (names or group or changed):
        overview = explaining.groups(entries)
        lines([printed(overview)] if as_json else explain_text.overview(overview), "")
        return int(Exit.DONE)
    site = known(Paths())
    if changed:
        found, words = explaining.changed(site, entries), explain_text.short
    elif group:
        members = explaining.members(explaining.group_called(group), entries)
        found, words = [explaining.explain(entry, site, entries) for entry in members], explain_text.listing
    else:
        found = [explaining.explain(entry, site, entries) for entry in explaining.called(names, entries)]
        words = explain_text.whole
    lines([printed(found)] if as_json else words(found), "")
    return int(Exit.DONE)
