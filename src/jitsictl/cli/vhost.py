"""jitsictl vhost"""

from __future__ import annotations

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("--diff", "action", flag_value="diff", help="Show how the installed file differs from what it should be.")
@click.option("--install", "action", flag_value="install", help="Write the file, include it and make httpd read it.")
@click.option(
    "--challenge", "action", flag_value="challenge", help="Install it without the certificates that are still missing."
)
@click.option(
    "--renewed", "action", flag_value="renewed", help="Make httpd serve renewed certificates; the ACME client's hook."
)
@click.option("--workers", "action", flag_value="workers", help="Print httpd's limit, what is in use, lines for more.")
@click.option("--remove", "action", flag_value="remove", help="Take the file and the line in httpd.conf away again.")
def vhost(action: str) -> int:
    """Print the virtual hosts that put the page behind this host's Apache.

    They follow from jitsi.conf: the host and port of PUBLIC_URL, HTTP_PORT, TLS_CERTIFICATE, TLS_KEY and
    ACME_DIRECTORY. On port 80 is the ACME client's directory, and a redirect.

    With --install everything that is wrong is said at once and nothing is touched: certificate and key,
    modules that httpd does not load, a virtual host with the same name, a port that another program has.
    Else /etc/httpd/extra/httpd-jitsi.conf is written and one line added to /etc/httpd/httpd.conf, which is
    kept as httpd.conf.before-jitsi. httpd gets a graceful restart, which keeps open connections, once its
    configtest has passed; when it fails, both files are put back. A graceful restart leaves processes to their
    open connections, for hours when people are in a meeting: how many is said, and when no place would be left
    for new ones it is not done.

    The first certificate: --challenge installs port 80 alone, with the ACME client's directory and without a
    redirect; then run the client, then --install. Afterwards let the client's hook (deploy_cert of dehydrated)
    or cron run --renewed. It does nothing when httpd serves what is in the files, and refuses a key of another
    certificate, with which httpd would end.

    --install and --diff also warn: of a certificate that ends within 21 days or is for another host; when 70 % of
    httpd's workers are in use, each websocket holding one; of a line of logrotate that restarts httpd, which
    drops every websocket (status does not repeat this one).

    Exit status of --diff: 0: the installed file is right; 3: it differs, or there is none.

    \b
    Examples:
      jitsictl vhost
      jitsictl vhost --install
      jitsictl vhost --diff
      jitsictl vhost --workers
      dehydrated --cron && jitsictl vhost --renewed
    """
    from jitsictl.change import intent
    from jitsictl.front import install, look, renew, watch

    paths = Paths()
    if action == "remove":
        return _say(install.remove(paths))
    settings = intent.read(paths).settings
    if action == "renewed":
        return _say(renew.renewed(paths, settings))
    if action == "workers":
        click.echo(watch.advice(paths, settings), nl=False)
        return int(Exit.DONE)
    if action == "challenge":
        said = install.install(paths, settings, _warn, challenge=True)
        return _say([*said, "now run the ACME client, then jitsictl vhost --install"])
    if action == "install":
        _say(install.install(paths, settings, _warn))
    if action in ("install", "diff"):
        for warning in watch.warnings(paths, settings):
            _warn(warning)
    if action == "install":
        return int(Exit.DONE)
    if action == "diff":
        lines = look.drift(paths, settings)
        _say(lines or [f"{paths.vhost} is what jitsi.conf asks for"])
        return int(Exit.CHANGES if lines else Exit.DONE)
    click.echo(look.rendered(paths, settings), nl=False)
    return int(Exit.DONE)


def _warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)


def _say(lines: list[str]) -> int:
    for line in lines:
        click.echo(line)
    return int(Exit.DONE)
