"""Click groups that import a verb only when it is called: start-up is most of a short command's time."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import click

# verb -> (module, what --help says of it). The help stands here so that `jitsictl --help` imports no verb.
VERBS: Dict[str, Tuple[str, str]] = {
    "setup": ("setup", "Write jitsi.conf from a few answers."),
    "check": ("check", "Find everything that is wrong in jitsi.conf."),
    "plan": ("plan", "Show what reseed or upgrade would change."),
    "explain": ("explain", "Say what a setting is, what it is set to and why."),
    "reseed": ("reseed", "Apply jitsi.conf; restart only what changed."),
    "status": ("status", "Show what runs and whether it is ready."),
    "history": ("history", "Show past changes and how they ended."),
    "etherpad": ("etherpad", "Have meetings find their pads."),
    "vhost": ("vhost", "Put the page behind this host's Apache."),
    "upgrade": ("upgrade", "Move the site to another Jitsi release."),
    "rollback": ("rollback", "Go back to what ran before."),
    "backup": ("backup", "Write the whole site into one file; list snapshots."),
    "restore": ("restore", "Bring back a site from a backup."),
    "adopt": ("adopt", "Take over an installation that was made by hand."),
    "recover": ("recover", "Finish or undo a change that was cut off."),
    "secrets": ("secrets", "Give services new passwords."),
    "sso": ("sso", "Log in through Keycloak; tokens."),
    "user": ("user", "Add, delete, list, check and move accounts."),
}
HIDDEN = ("recover",)

# For what stands at the top; click hands it down to each verb below.
HELP: Dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class LazyGroup(click.Group):
    # ctx is click's signature; ours are the same whatever the context.
    def list_commands(self, ctx: click.Context) -> List[str]:  # noqa: ARG002
        return [verb for verb in VERBS if verb not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"jitsictl.cli.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, VERBS[verb][1]) for verb in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: List[str]
    ) -> Tuple[Optional[str], Optional[click.Command], List[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(f"{args[0]!r} is no verb; expected one of {', '.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def command_at(self, path: Sequence[str]) -> click.Command:
        """The command below this group at a path such as ("user", "add")."""
        context = click.Context(self)
        command: click.Command = self
        for name in path:
            assert isinstance(command, click.Group)  # noqa: S101 - the paths are our own constants
            found = command.get_command(context, name)
            assert found is not None  # noqa: S101
            command = found
        return command


class Verbs(click.Group):
    """The verbs of a package, one a module, which calls it `command`. `modules`: verb -> module, in --help's order."""

    def __init__(self, *, package: str, modules: Mapping[str, str], **more: Any) -> None:
        super().__init__(**more)
        self._package = package
        self._modules = modules

    # ctx is click's signature.
    def list_commands(self, ctx: click.Context) -> List[str]:  # noqa: ARG002
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in self._modules:
            return None
        command: click.Command = importlib.import_module(f"{self._package}.{self._modules[cmd_name]}").command
        return command
