"""jitsictl sso; one file a verb."""

from __future__ import annotations

import click

from jitsictl.cli.group import Verbs

HELP = {"help_option_names": ["-h", "--help"]}

_MODULES = {
    "token": "making",
    "explain": "explaining",
}


@click.group(cls=Verbs, package=__name__, modules=_MODULES, context_settings=HELP)
def sso() -> None:
    """Make and explain the tokens by which a single sign-on lets people in.

    For any site with AUTH_TYPE=jwt, whoever issues its tokens.
    """
