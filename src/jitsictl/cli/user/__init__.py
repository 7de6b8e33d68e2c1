"""jitsictl user, also called as jitsi-useradd, jitsi-userdel and jitsi-passwd; one file a verb."""

from __future__ import annotations

import click

from jitsictl.cli.group import Verbs

_MODULES = {
    "add": "adding",
    "del": "deleting",
    "passwd": "changing",
    "list": "listing",
    "show": "showing",
    "check": "checking",
    "import": "importing",
    "export": "exporting",
}


@click.group(cls=Verbs, package=__name__, modules=_MODULES)
def user() -> None:
    """Add, delete, list, check and move accounts, set passwords.

    The accounts are those of the applied site's Prosody, with AUTH_TYPE=internal.
    """
