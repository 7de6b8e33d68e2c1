"""Prosody's own tool in its container: prosodyctl's account commands and its shell.

Texts and exit codes are those of Prosody 13, whose `adduser`, `passwd` and `deluser` go through the
running server's shell (mod_admin_shell), so that no restart is needed and an existing account is
refused; `register` would overwrite it silently.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import NamedTuple, Optional, Pattern, Tuple

from jitsictl.doors import docker, explain, process
from jitsictl.doors.docker import Docker
from jitsictl.doors.process import Done
from jitsictl.doors.terminal import dialogue
from jitsictl.settings.quote import lua
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.site import Container

SECONDS = 20.0  # a busy machine under load; usually 0.1 to 0.3
PROMPTS = ("Enter new password: ", "Retype new password: ")
LOOK = "see: docker compose logs prosody, in /usr/local/docker-jitsi-meet"

_ANSWER = re.compile(r"[|!] (OK|Error): (.*)")  # one for each line that its shell was given


class _Known(NamedTuple):
    """`text` may use {jid}, {host}, {config}."""

    pattern: Pattern[str]
    text: str
    exit: Exit


def _known(pattern: str, text: str, exit: Exit = Exit.FAILED) -> _Known:
    return _Known(re.compile(pattern, re.IGNORECASE), text, exit)


NO_HOST = (
    "expected Prosody to serve {host}, found that it does not; "
    "was XMPP_DOMAIN changed without /etc/rc.d/rc.jitsi reload?"
)
_TABLE = (
    _known(
        "Error: User exists",
        "expected no account {jid}, found one; give it another password with: jitsi-passwd",
        Exit.ACCOUNT_EXISTS,
    ),
    _known("Error: No such user", "expected the account {jid}, found none", Exit.NO_ACCOUNT),
    _known("Error: No such host", NO_HOST),
    _known(
        "Error saving to storage|No space left on device|Unable to store",
        "expected Prosody to write the account {jid}, found that its store refuses; "
        "make room on the file system of CONFIG (df -h); " + LOOK,
    ),
    _known(
        "password fails SASLprep",
        "expected a password that XMPP allows, found one with characters that it forbids (SASLprep); choose another",
        Exit.USAGE,
    ),
    _known(
        "unable to find the configuration file",
        "expected Prosody's configuration at {config}, found none in the container: "
        "its image is not the release that is applied; run: jitsictl reseed",
    ),
    _known(
        "Unable to connect to server",
        "expected Prosody to answer its shell, found that it does not: it is starting, or stuck; " + LOOK,
    ),
    _known(
        "is not running|No such container|is restarting",
        "expected the prosody container to run, found it stopped meanwhile; start it with: /etc/rc.d/rc.jitsi start",
    ),
)


def adduser(container: Container, config: str, jid: str, password: str) -> None:
    """Make an account by answering prosodyctl's own prompts. Failure: it exists, or Prosody refuses.

    Prosody 13 makes the account first and its password after: when the second fails, what the first
    left is deleted again, since nobody could log in there and the name would be taken.
    """
    try:
        _prompted(container, config, "adduser", jid, password)
    except Failure as refused:
        if refused.exit is not Exit.ACCOUNT_EXISTS:
            with contextlib.suppress(Failure):
                deluser(container, config, jid)
        raise


def passwd(container: Container, config: str, jid: str, password: str) -> None:
    """Give an account another password, likewise. Failure: there is no such account, or Prosody refuses."""
    _prompted(container, config, "passwd", jid, password)


def deluser(container: Container, config: str, jid: str) -> None:
    """Delete an account. Failure: there is none, or Prosody refuses."""
    argv = _argv(config, "deluser", jid)
    _judge(docker.execute(container.id, argv, deadline=SECONDS), config, jid)


def create_piped(daemon: Docker, container: Container, config: str, jid: str, password: str) -> None:
    """Make a throw-away account without a terminal: the prompts read two lines of standard input as well."""
    process.secret(password)
    done = daemon.execute(
        container.id, _argv(config, "adduser", jid), stdin=f"{password}\n{password}\n", deadline=SECONDS
    )
    _judge(done, config, jid)


def set_password(daemon: Docker, container: Container, config: str, jid: str, password: str) -> None:
    """Give an account this password, making the account where there is none yet. Failure: Prosody refuses.

    Both are lines for Prosody's shell on its standard input. It ends with 0 whatever happened: its answers count.
    """
    process.secret(password)
    lines = "".join(f"user:{what}({lua(jid)}, {lua(password)})\n" for what in ("create", "password"))
    argv = ("prosodyctl", "--config", config, "shell")
    done = daemon.execute(container.id, argv, stdin=lines, deadline=SECONDS)
    answers = _ANSWER.findall(done.out)
    if done.code != 0 or len(answers) != 2:
        raise failure(done, config, jid)
    if answers[1][0] != "OK":  # that the account exists, the answer to the first line, is no error
        raise failure(replace(done, code=1, out=f"Error: {answers[1][1]}", err=""), config, jid)


def delete_if_there(daemon: Docker, container: Container, config: str, jid: str) -> None:
    """Delete an account; that there is none is as good."""
    done = daemon.execute(container.id, _argv(config, "deluser", jid), deadline=SECONDS)
    if done.code != 0 and "No such user" not in done.err + done.out:
        raise failure(done, config, jid)


def _argv(config: str, command: str, argument: str) -> Tuple[str, ...]:
    return ("prosodyctl", "--config", config, command, argument)


def _prompted(container: Container, config: str, command: str, jid: str, password: str) -> None:
    argv = ("docker", "exec", "-it", container.id, *_argv(config, command, jid))
    _judge(dialogue(argv, [(prompt, password) for prompt in PROMPTS], deadline=SECONDS), config, jid)


def _judge(done: Done, config: str, jid: str) -> None:
    if done.code != 0:
        raise failure(done, config, jid)


def failure(done: Done, config: str, jid: str) -> Failure:
    """Why prosodyctl ended as it did, in words that help where its text is known."""
    return _known_failure(f"{done.err}\n{done.out}", config, jid) or process.CommandFailed(done)


def explained(said: str, config: str, jid: str) -> Failure:
    """The same of one answer of its shell."""
    return _known_failure(said, config, jid) or Failure(
        f"expected Prosody to take {jid}, found that it says: {process.mask(said)}"
    )


def _known_failure(said: str, config: str, jid: str) -> Optional[Failure]:
    for known in _TABLE:
        if known.pattern.search(said):
            host = jid.rpartition("@")[2]
            return Failure(known.text.format(jid=jid, host=host, config=config), known.exit)
    reason = explain.explain(said)
    return None if reason is None else Failure(reason)
