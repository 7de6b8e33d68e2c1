"""jitsictl sso explain"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, List, Optional

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.sso.tokens.verify import Report


@click.command("explain")
@click.option("--room", metavar="ROOM", help="The room to be entered, or TENANT/ROOM; a link tells it by itself.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(room: Optional[str], as_json: bool) -> int:
    """Read a token, or a link with jwt=, on standard input; say what each part is checked against, and why it
    would be refused.

    By the rules of the applied site's Prosody, which gives no leeway, and of the page, which looks at exp,
    nbf and context before it connects. All reasons are given, not only the first. The token's contents are
    shown, the secret never; nothing is kept.

    \b
    Examples:
      jitsictl sso explain < token.txt
      jitsictl sso explain --room staff < token.txt
      jitsictl sso token --user alien --room staff --link | jitsictl sso explain --json

    \b
    Exit status: 0 it would be accepted; 1 refused, or this site takes no tokens; 2 there was none.
    """
    from jitsictl.sso.tokens import jws, rooms, site

    if sys.stdin.isatty():
        raise Failure(
            "expected a token on standard input, found a terminal; write: jitsictl sso explain < FILE", Exit.USAGE
        )
    text = sys.stdin.buffer.read(jws.LONGEST + 1).decode("utf-8", "replace")
    report = site.explain(Paths(), text, rooms.room(room) if room else None)
    click.echo(_data(report) if as_json else "\n".join(_words(report)))
    return int(Exit.DONE if report.accepted else Exit.FAILED)


def _words(report: Report) -> List[str]:
    from jitsictl.sso.tokens.verify import PAGE, PROSODY

    said = []
    for row in report.rows:
        said += [row.part, f"  checked against: {row.against}", f"  found: {row.found}"]
        said += [f"  REFUSED by {no.by}: {row.part} {no.why}" for no in row.refused]
    by = [who for who in (PROSODY, PAGE) if report.refused_by(who)]
    parts = [row.part for row in report.rows if row.refused]
    said.append(f"refused by {' and '.join(by)}: {', '.join(parts)}" if by else "accepted by Prosody and the page")
    return said


def _data(report: Report) -> str:
    rows = [
        {"part": row.part, "against": row.against, "found": row.found, "refused": [no._asdict() for no in row.refused]}
        for row in report.rows
    ]
    return json.dumps({"accepted": report.accepted, "parts": rows}, indent=1)
