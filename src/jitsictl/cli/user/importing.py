"""jitsictl user import"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable, List, Optional

import click

from jitsictl.cli.user.common import quiet as quiet_option
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.accounts.survey import Outcome

LINE_SECONDS = 10.0  # between two lines of progress where there is no terminal


@click.command("import")
@click.argument("file")
@click.option("--update", is_flag=True, help="Set the passwords of accounts that exist.")
@click.option("--skip", is_flag=True, help="Leave accounts that exist as they are.")
@click.option("--fold", is_flag=True, help="Take names as XMPP does: Alien for alien.")
@click.option("--report", "report_file", metavar="REPORT", help="Where to write what was made; FILE.made.csv.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; do nothing.")
@quiet_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    file: str,
    update: bool,
    skip: bool,
    fold: bool,
    report_file: Optional[str],
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Make the accounts in FILE, CSV with the columns name,password; "-" is standard input.

    All of FILE is looked at first: every line that is wrong is named, and nothing is done. A password that
    is missing is made. What was made is written to REPORT, for root alone, with the passwords that were
    made: by default FILE with .made.csv in place of .csv. When it was interrupted, the same command again
    goes on. Nobody's call is disturbed, and no restart is needed.

    FILE may have a first line that names its columns, and a column key, as export --keys writes it.

    \b
    Examples:
      jitsictl user import --dry-run staff.csv
      jitsictl user import staff.csv
      jitsictl user import --skip --report /root/made.csv - < staff.csv

    \b
    Exit status: 0 done; 1 failed or interrupted; 2 wrong usage, or a line is wrong;
    9 an account exists; 75 a change is running.
    """
    from jitsictl.accounts import bulk
    from jitsictl.accounts.survey import Wish

    if update and skip:
        raise click.UsageError("--update and --skip exclude each other")
    if file == "-" and sys.stdin.isatty():
        raise Failure("expected accounts on standard input, found a terminal", Exit.USAGE)
    given = None if file == "-" else Path(file)
    report = Path(report_file) if report_file else _beside(given)
    wish = Wish(update, skip, fold, report)
    started = time.monotonic()
    with bulk.source(given) as source:
        if dry_run:
            outcome = bulk.preview(Paths(), source, wish)
        else:
            outcome = bulk.store(Paths(), source, wish, _silent if quiet else _progress())
    if as_json:
        click.echo(
            json.dumps(
                {
                    "created": outcome.created,
                    "changed": outcome.changed,
                    "skipped": outcome.skipped,
                    "before": outcome.before,
                    "generated": outcome.generated,
                    "logins": outcome.proved,
                    "report": str(report) if report is not None and not dry_run and outcome.total else None,
                }
            )
        )
        return int(Exit.DONE)
    _warn(outcome)
    if dry_run:
        click.echo(f"would be: {_counts(outcome)}")
    elif not quiet:
        click.echo(f"{_counts(outcome)}; {time.monotonic() - started:.1f} s")
        if report is not None and outcome.generated:
            click.echo(f"{report} has the passwords that were made; hand them out and delete it")
    return int(Exit.DONE)


def _beside(file: Optional[Path]) -> Optional[Path]:
    """The report of a file, where none is named: staff.made.csv for staff.csv."""
    if file is None or not file.is_file():  # a pipe has nothing beside it
        return None
    return file.with_name(f"{file.stem if file.suffix == '.csv' else file.name}.made.csv")


def _counts(outcome: Outcome) -> str:
    parts: List[str] = [f"{outcome.created} accounts made"]
    for count, text in (
        (outcome.changed, "{} given another password"),
        (outcome.skipped, "{} left as they are"),
        (outcome.before, "{} done before"),
        (outcome.generated, "{} passwords generated"),
    ):
        if count:
            parts.append(text.format(count))
    return ", ".join(parts)


def _warn(outcome: Outcome) -> None:
    if outcome.short:
        from jitsictl.accounts.passwords import SHORT

        lines = ", ".join(map(str, outcome.short[:10])) + (" ..." if len(outcome.short) > 10 else "")
        click.echo(
            f"warning: {len(outcome.short)} passwords have fewer than {SHORT} characters, in lines {lines}", err=True
        )
    if outcome.unproved:
        click.echo(f"warning: Prosody has the accounts, but nobody can log in now: {outcome.unproved}", err=True)


def _silent(_done: int, _total: int) -> None:
    pass


def _progress() -> Callable[[int, int], None]:
    """A line that is written over on a terminal, else a line now and then; both on standard error."""
    live = sys.stderr.isatty()
    started = last = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if live:
            click.echo("\r\033[K" + ("" if done >= total else _state(done, total, now - started)), nl=False, err=True)
        elif now - last >= LINE_SECONDS and done < total:
            last = now
            click.echo(_state(done, total, now - started), err=True)

    return told


def _state(done: int, total: int, seconds: float) -> str:
    rate = done / max(seconds, 0.001)
    left = (total - done) / max(rate, 0.001)
    return f"{done} of {total} accounts, {rate:.0f} a second, {left:.0f} s left"
