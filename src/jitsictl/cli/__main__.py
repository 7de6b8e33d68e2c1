"""The entrance: finds the verb, runs it, and says a Failure in words. A traceback is a bug."""

from __future__ import annotations

import sys
from typing import Optional

import click

from jitsictl.cli.group import HELP, LazyGroup
from jitsictl.types.failure import Exit, Failure

EPILOG = """\b
Exit status:
  0   done, or nothing to do; status: running and healthy
  1   failed, what ran before still runs; status: unhealthy
  2   wrong usage
  3   plan, adopt, vhost: there are changes; status: stopped
  4   status: cannot be known, Docker does not answer
  5   settings are wrong, nothing was touched
  6   user: no such account
  9   user: the account exists
  75  another change is running

\b
Examples:
  jitsictl setup --url https://meet.example.org --address 192.0.2.10
  jitsictl plan
  jitsictl user add alien
"""

# The shadow-style names are the same code under the names that administrators know.
ALIASES = {
    "jitsi-useradd": ("user", "add"),
    "jitsi-userdel": ("user", "del"),
    "jitsi-passwd": ("user", "passwd"),
}


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings=HELP)
def jitsictl() -> None:
    """Set up, change and look after a Jitsi Meet site that runs in Docker on this host.

    The site is described by /etc/jitsi-meet/jitsi.conf; starting and stopping it is done by
    /etc/rc.d/rc.jitsi.
    """


def main() -> int:
    """Run the verb that sys.argv names; returns the exit code."""
    called = sys.argv[0].rsplit("/", 1)[-1]
    alias = ALIASES.get(called)
    try:
        if alias is not None:
            command = jitsictl.command_at(alias)
            result = command.main(sys.argv[1:], prog_name=called, standalone_mode=False, **HELP)
        else:
            result = jitsictl.main(sys.argv[1:], prog_name="jitsictl", standalone_mode=False)
        return _code(result)
    except Failure as failure:
        return _fail(called, failure.what, failure.exit)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _fail(called, "interrupted; nothing was changed", Exit.FAILED)
    except BrokenPipeError:
        return Exit.FAILED
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return _fail(called, f"the system refused{where}: {error.strerror or error}", Exit.FAILED)


def _code(result: Optional[object]) -> int:
    return int(result) if isinstance(result, int) else Exit.DONE


def _fail(called: str, what: str, code: int) -> int:
    for line in what.splitlines():
        click.echo(f"{called}: {line}", err=True)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
