"""jitsictl sso; one file a verb."""

from __future__ import annotations

import importlib
from typing import Dict, List, Optional

import click

HELP = {"help_option_names": ["-h", "--help"]}

_VERBS: Dict[str, str] = {
    "token": "making",
    "explain": "explaining",
}


class _Verbs(click.Group):
    # ctx is click's signature.
    def list_commands(self, ctx: click.Context) -> List[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        command: click.Command = importlib.import_module(f"jitsictl.cli.sso.{_VERBS[cmd_name]}").command
        return command


@click.group(cls=_Verbs, context_settings=HELP)
def sso() -> None:
    """Make and explain the tokens by which a single sign-on lets people in.

    For any site with AUTH_TYPE=jwt, whoever issues its tokens.
    """
