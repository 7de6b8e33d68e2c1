"""jitsictl sso; one file a verb."""

from __future__ import annotations

import click

from jitsictl.cli.group import Verbs

HELP = {"help_option_names": ["-h", "--help"]}

_MODULES = {
    "token": "making",
    "explain": "explaining",
    "check": "checking",
}


@click.group(cls=Verbs, package=__name__, modules=_MODULES, context_settings=HELP)
def sso() -> None:
    """Log in through Keycloak: look at the whole chain; make and explain the tokens by which people get in.

    `token` and `explain` are for any site with AUTH_TYPE=jwt, whoever issues its tokens.
    """
