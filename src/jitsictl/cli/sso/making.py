"""jitsictl sso token"""

from __future__ import annotations

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("token")
@click.option("--user", required=True, metavar="NAME", help="Whose it is: the name that others see.")
@click.option("--email", default="", metavar="ADDRESS", help="Their address, for the picture and as their id.")
@click.option("--room", default="*", show_default=True, metavar="ROOM", help="The one room, or TENANT/ROOM; * is any.")
@click.option("--moderator", is_flag=True, help="Say that they moderate; Prosody's token_affiliation reads it.")
@click.option(
    "--for",
    "lasts",
    default="1 hour",
    show_default=True,
    metavar="DURATION",
    help="How long it is good, from 1 minute to 30 days.",
)
@click.option("--link", is_flag=True, help="Print the address of the room, with the token in it.")
def command(user: str, email: str, room: str, moderator: bool, lasts: str, link: bool) -> int:
    """Make a token for NAME and print it, alone: whoever has it gets in until it ends.

    It is signed with JWT_APP_SECRET, fits what the applied site's Prosody checks, and works without the
    adapter: for support, and for links. It goes to standard output and nowhere else, so to the terminal,
    if that is where you are; it is in no log. It cannot be taken back, except all tokens at once, by
    jitsictl secrets rotate JWT_APP_SECRET.

    \b
    Examples:
      jitsictl sso token --user alien
      jitsictl sso token --user alien --room staff --for '2 days' --link
      jitsictl sso token --user alien | jitsictl sso explain

    \b
    Exit status: 0 made; 1 this site takes no tokens of ours, or runs nothing; 2 wrong usage.
    """
    from jitsictl.sso.tokens import mint, rooms, site

    where = rooms.room(room)
    if link and where.any:
        raise click.UsageError("--link needs --room ROOM: a link leads to one room")
    made = site.make(Paths(), mint.person(user, email, moderator), where, mint.seconds(lasts))
    for note in made.notes:
        click.echo(f"warning: {note}", err=True)
    click.echo(made.link if link else made.token)
    return int(Exit.DONE)
