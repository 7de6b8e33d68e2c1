"""jitsictl sso; one file a verb."""

from __future__ import annotations

import click

from jitsictl.cli.group import Verbs

_MODULES = {
    "setup": "setting_up",
    "check": "checking",
    "token": "making",
    "explain": "explaining",
    "off": "switching_off",
}


@click.group(cls=Verbs, package=__name__, modules=_MODULES)
def sso() -> None:
    """Have people log in through Keycloak: set it up, look at the whole chain; tokens, by which people get in.

    `token` and `explain` are for any site with AUTH_TYPE=jwt, whoever issues its tokens.
    """
