"""jitsictl setup"""

from __future__ import annotations

import sys
from typing import Dict, Optional, Tuple

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths


@click.command()
@click.option("--url", metavar="URL", help="The address people type, such as https://meet.example.org")
@click.option("--address", metavar="IP", help="Where browsers reach the video bridge; several with commas.")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Amsterdam; default: this host's.")
@click.option("--release", metavar="RELEASE", help="Pin a Jitsi release; default: the newest known.")
@click.option("--etherpad/--no-etherpad", default=None, help="Shared documents; default: with them.")
@click.option("--set", "more", multiple=True, metavar="NAME=VALUE", help="Any other setting of jitsi.conf(5).")
@click.option("--replace", is_flag=True, help="Replace a jitsi.conf that has settings; the old one is kept.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is detected for what is not given.")
def setup(
    url: Optional[str],
    address: Optional[str],
    timezone: Optional[str],
    release: Optional[str],
    etherpad: Optional[bool],
    more: Tuple[str, ...],
    replace: bool,
    yes: bool,
) -> int:
    """Write jitsi.conf from a few answers. Nothing is started.

    What is not given as an option is asked for on a terminal. Nothing outside this host is asked.

    \b
    Examples:
      jitsictl setup
      jitsictl setup --yes --url https://meet.example.org --address 192.0.2.10
    """
    from jitsictl.cli.show import lines
    from jitsictl.setup import detect, write

    paths = Paths()
    ask = not yes and sys.stdin.isatty()
    if url is None:
        if not ask:
            raise Failure("expected --url, found none and no terminal to ask on", Exit.USAGE)
        url = click.prompt("The address people will type (https://...)")
    if address is None:
        found = detect.address() or ""
        address = click.prompt("Where browsers reach this host (IP)", default=found) if ask else found
    if timezone is None:
        zone = detect.time_zone(paths)
        timezone = click.prompt("Time zone", default=zone) if ask else zone
    if etherpad is None:
        etherpad = click.confirm("Shared documents (Etherpad)?", default=True) if ask else True
    answers: Dict[str, str] = {
        "PUBLIC_URL": str(url),
        "JVB_ADVERTISE_IPS": str(address),
        "TZ": str(timezone),
        "ETHERPAD": "1" if etherpad else "0",
        **_pairs(more),
    }
    if release is not None:
        answers["JITSI_IMAGE_VERSION"] = release
    text = write.render(answers)
    settings, warnings = write.validated(text, paths)
    lines([f"warning: {warning}" for warning in warnings], "")
    if detect.behind_nat(str(address)):
        click.echo(f"{address} is a private address: people outside need the public one in JVB_ADVERTISE_IPS too")
    click.echo(f"wrote {write.write(text, paths, replace)}")
    click.echo("Open these in the firewall, in the form yours has (nothing was changed):")
    lines(write.firewall(settings))
    click.echo("Next: chmod +x /etc/rc.d/rc.jitsi; /etc/rc.d/rc.jitsi start; jitsi-useradd NAME")
    return int(Exit.DONE)


def _pairs(more: Tuple[str, ...]) -> Dict[str, str]:
    pairs = {}
    for pair in more:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--set {pair}: expected NAME=VALUE")
        pairs[name] = value
    return pairs
