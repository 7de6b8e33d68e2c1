"""How a change looks while it runs: progress on a terminal, plain lines elsewhere."""

from __future__ import annotations

import dataclasses
import sys
from typing import Callable, Iterable

import click

from jitsictl.change.tools import Event

# Steps a reader wants to see one by one; the others are many and quick.
_LOUD = ("fetch ", "recreate ", "remove ", "stop ", "start ", "verify", "in ")


def listener(verbose: bool = False) -> Callable[[Event], None]:
    """Print events. On a terminal a running step stands on the line that its result replaces."""
    live = sys.stdout.isatty()

    def tell(event: Event) -> None:
        loud = verbose or event.text.startswith(_LOUD)
        if event.kind in ("begin", "progress"):
            if live and loud:
                click.echo(f"\r\033[K  {event.text} ...", nl=False)
            elif event.kind == "begin" and event.text.startswith("fetch "):
                click.echo(f"  {event.text} ...")  # may take minutes: say so before
            return
        if live:
            click.echo("\r\033[K", nl=False)
        if event.kind == "done" and loud:
            click.echo(f"  {event.text}: {event.seconds or 0:.1f} s")
        elif event.kind == "undone" and loud and not event.text.startswith("fetch "):
            click.echo(f"  undone: {event.text}")
        elif event.kind == "plan":
            lines(event.text.splitlines())
        elif event.kind == "note":
            click.echo(f"    {event.text}")
        elif event.kind == "warning":
            click.echo(f"  {event.text}", err=True)

    return tell


def lines(texts: Iterable[str], indent: str = "  ") -> None:
    for text in texts:
        click.echo(f"{indent}{text}")


def as_json(value: object) -> str:
    """A value of types/, or what holds such, as JSON."""
    import json

    return json.dumps(value, indent=1, ensure_ascii=False, default=dataclasses.asdict)
