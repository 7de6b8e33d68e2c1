"""jitsictl setup"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.setup.interview import Question
    from jitsictl.setup.upstream import Brought
    from jitsictl.setup.write import Draft

_OPTIONS = {  # what an option answers
    "url": "PUBLIC_URL",
    "address": "JVB_ADVERTISE_IPS",
    "timezone": "TZ",
    "ipv6": "ENABLE_IPV6",
    "accounts": "ENABLE_AUTH",
    "guests": "ENABLE_GUESTS",
    "etherpad": "ETHERPAD",
    "release": "JITSI_IMAGE_VERSION",
}


@click.command()
@click.option("--url", metavar="URL", help="The address people type, such as https://meet.example.org")
@click.option("--address", metavar="IP", help="Where browsers reach the video bridge; several with commas.")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Amsterdam; default: this host's.")
@click.option("--ipv6/--no-ipv6", default=None, help="IPv6 inside the containers; default: if they have it.")
@click.option("--accounts/--no-accounts", default=None, help="Only people with an account open rooms; the default.")
@click.option("--guests/--no-guests", default=None, help="Others may join open rooms; the default.")
@click.option("--etherpad/--no-etherpad", default=None, help="Shared documents; default: with them.")
@click.option("--release", metavar="RELEASE", help="Pin a Jitsi release; default: the newest known.")
@click.option("--set", "more", multiple=True, metavar="NAME=VALUE", help="Any other setting of jitsi.conf(5).")
@click.option("--answers", type=click.File("rb"), metavar="FILE", help="Settings in the form of jitsi.conf(5).")
@click.option("--from", "upstream", metavar="FILE", help="Take the settings of upstream's .env; ask nothing.")
@click.option("--drop", multiple=True, metavar="NAME", help="With --from: leave the line of NAME out.")
@click.option("--json", "as_json", is_flag=True, help="With --from: print what became of each line as JSON.")
@click.option("--dry-run", is_flag=True, help="Print jitsi.conf instead of writing it.")
@click.option("--replace", is_flag=True, help="Replace a jitsi.conf that has settings; the old one is kept.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is detected for what is not given.")
def setup(
    more: Tuple[str, ...],
    answers: Optional[click.utils.LazyFile],
    upstream: Optional[str],
    drop: Tuple[str, ...],
    as_json: bool,
    dry_run: bool,
    replace: bool,
    yes: bool,
    **options: object,
) -> int:
    """Write jitsi.conf from a few answers, or from the .env of an upstream installation. Nothing is started.

    On a terminal it asks what the options and --answers leave open: the site's address, where browsers reach the
    bridge, the time zone, IPv6, who may open rooms, whether to run Etherpad, and another port for each that is taken.
    Each question proposes what this host says of itself; nobody outside is asked. An answer that "jitsictl check"
    would refuse is refused at once. Nothing is written before the last answer. Passwords go to secrets.conf.

    With --from it reads the .env of jitsi/docker-jitsi-meet, of any release since stable-6826, as Docker Compose
    reads it, and says of each line whether it is kept, translated, moved to secrets.conf or dropped, and why. When
    a line is wrong, nothing is written. The upstream site is not touched: it runs on, with its data and its ports.

    \b
    Examples:
      jitsictl setup
      jitsictl setup --yes --url https://meet.example.org --address 192.0.2.10
      jitsictl setup --yes --answers site.conf --set HTTP_PORT=127.0.0.1:8441
      jitsictl setup --from /usr/local/docker-jitsi-meet-stable-6826/.env --dry-run
      jitsictl setup --replace --answers /etc/jitsi-meet/jitsi.conf
    """
    from jitsictl.setup import detect, interview, write
    from jitsictl.setup.upstream import bring

    if (drop or as_json) and upstream is None:
        raise click.UsageError("--drop and --json go with --from")
    paths = Paths()
    if not dry_run:
        write.must_be_new(paths, replace)
    chosen = {**_chosen(options), **pairs(more)}
    given = interview.given(chosen, answers.read() if answers else None, answers.name if answers else "")
    if upstream is not None:
        brought = bring(upstream, given, frozenset(drop), paths)
        return _from(brought, paths, as_json, dry_run, replace)
    found = detect.detect(paths)
    ask = _ask if not yes and sys.stdin.isatty() else None
    if ask is None and not yes and not any(line.name == "PUBLIC_URL" for line in given):
        raise Failure("expected --url, found none and no terminal to ask on; --yes takes what is detected", Exit.USAGE)
    lines = interview.interview(given, found, ask, lambda text: click.echo(text, err=dry_run), paths)
    return _finish(write.draft(lines, paths), paths, dry_run, replace, found.web_server)


def _from(brought: Brought, paths: Paths, as_json: bool, dry_run: bool, replace: bool) -> int:
    """Print what became of a .env, and write the outcome."""
    from jitsictl.setup import detect

    made = brought.draft
    if as_json:
        click.echo(json.dumps(brought.facts(), indent=1))
    if made is None:
        raise brought.failure()
    if as_json:
        _write(made, paths, dry_run, replace)
        return int(Exit.DONE)
    for text in (*map(str, brought.fates), *(f"note: {note}" for note in brought.notes)):
        click.echo(text, err=dry_run)
    code = _finish(made, paths, dry_run, replace, detect.web_server(paths))
    click.echo(f"{brought.file} and the site that it belongs to were not touched.", err=dry_run)
    return code


def _finish(made: Draft, paths: Paths, dry_run: bool, replace: bool, web_server: str) -> int:
    from jitsictl.cli.show import lines
    from jitsictl.setup import write

    for warning in made.warnings:
        click.echo(str(warning), err=True)
    said = _write(made, paths, dry_run, replace)
    if dry_run:
        click.echo(made.conf, nl=False)
        return int(Exit.DONE)
    lines(said, "")
    click.echo("Open these in the firewall, in the form yours has (nothing was changed):")
    lines(write.firewall(made.settings))
    click.echo("Next:")
    lines(write.next_steps(made.settings, web_server))
    return int(Exit.DONE)


def _write(made: Draft, paths: Paths, dry_run: bool, replace: bool) -> List[str]:
    from jitsictl.setup import write

    return [] if dry_run else write.write(made, paths, replace)


def _ask(question: Question) -> str:
    if question.yes_no:
        return "1" if click.confirm(question.prompt, default=question.default == "1") else "0"
    answer: str = click.prompt(question.prompt, default=question.default, show_default=bool(question.default))
    return answer


def _chosen(options: Dict[str, object]) -> Dict[str, str]:
    """The settings that options give, under their names."""
    given = {_OPTIONS[option]: value for option, value in options.items() if value is not None}
    return {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in given.items()}


def pairs(more: Tuple[str, ...]) -> Dict[str, str]:
    pairs = {}
    for pair in more:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--set {pair}: expected NAME=VALUE")
        pairs[name] = value
    return pairs
