"""jitsictl user, also called as jitsi-useradd, jitsi-userdel and jitsi-passwd; one file a verb."""

from __future__ import annotations

import importlib
from typing import Dict, List, Optional

import click

HELP = {"help_option_names": ["-h", "--help"]}

_VERBS: Dict[str, str] = {
    "add": "adding",
    "del": "deleting",
    "passwd": "changing",
    "list": "listing",
    "show": "showing",
    "check": "checking",
    "import": "importing",
    "export": "exporting",
}


class _Verbs(click.Group):
    # ctx is click's signature.
    def list_commands(self, ctx: click.Context) -> List[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        command: click.Command = importlib.import_module(f"jitsictl.cli.user.{_VERBS[cmd_name]}").command
        return command


@click.group(cls=_Verbs, context_settings=HELP)
def user() -> None:
    """Add, delete, list, check and move accounts, set passwords.

    The accounts are those of the applied site's Prosody, with AUTH_TYPE=internal.
    """
