"""jitsictl vhost"""

from __future__ import annotations

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("--diff", "action", flag_value="diff", help="Show how the installed file differs from what it should be.")
@click.option("--install", "action", flag_value="install", help="Write the file, include it and make httpd read it.")
@click.option("--remove", "action", flag_value="remove", help="Take the file and the line in httpd.conf away again.")
def vhost(action: str) -> int:
    """Print the virtual hosts that put the page behind this host's Apache.

    They follow from jitsi.conf: the host and port of PUBLIC_URL, HTTP_PORT, TLS_CERTIFICATE, TLS_KEY and
    ACME_DIRECTORY. On port 80 is the ACME client's directory, and a redirect.

    With --install everything that is wrong is said at once and nothing is touched: certificate and key,
    modules that httpd does not load, a virtual host with the same name, a port that another program has.
    Else /etc/httpd/extra/httpd-jitsi.conf is written and one line added to /etc/httpd/httpd.conf, which is
    kept as httpd.conf.before-jitsi. httpd gets a graceful restart, which keeps open connections, once its
    configtest has passed; when it fails, both files are put back.

    Exit status of --diff: 0: the installed file is right; 3: it differs, or there is none.

    \b
    Examples:
      jitsictl vhost
      jitsictl vhost --install
      jitsictl vhost --diff
    """
    from jitsictl.change import intent
    from jitsictl.front import install, look

    paths = Paths()
    if action == "remove":
        return _say(install.remove(paths))
    settings = intent.read(paths).settings
    if action == "install":
        return _say(install.install(paths, settings, lambda text: click.echo(f"warning: {text}", err=True)))
    if action == "diff":
        lines = look.drift(paths, settings)
        _say(lines or [f"{paths.vhost} is what jitsi.conf asks for"])
        return int(Exit.CHANGES if lines else Exit.DONE)
    click.echo(look.rendered(paths, settings), nl=False)
    return int(Exit.DONE)


def _say(lines: list[str]) -> int:
    for line in lines:
        click.echo(line)
    return int(Exit.DONE)
