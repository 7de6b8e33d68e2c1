"""Answering a program's own prompts on a terminal of its own, as a person would."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from typing import Any, List, Sequence, Tuple

from jitsictl.doors import process
from jitsictl.doors.clock import wait_until
from jitsictl.doors.process import DeadlineExceeded, Done, NotFound

COLUMNS = 500  # wider than any message, so that the terminal breaks no line
# A terminal hands over lines of at most 4095 bytes, and takes control characters as orders.
LONGEST_ANSWER = 4095

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def dialogue(argv: Sequence[str], answers: Sequence[Tuple[str, str]], *, deadline: float) -> Done:
    """Run a program on a new terminal and answer its prompts: (prompt, answer) pairs in their order.

    The answers are secrets: never logged, and masked wherever the output is shown. A program that ends
    before it asked everything is no error here: its code and words are in Done. Raises NotFound,
    DeadlineExceeded.
    """
    import pexpect  # 60 ms, needed only here

    until = time.monotonic() + deadline
    try:
        child = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=process.clean_env(),
            encoding="utf-8",
            codec_errors="replace",
            echo=False,
            timeout=deadline,
            dimensions=(24, COLUMNS),
        )
    except pexpect.ExceptionPexpect:
        raise NotFound(
            f"expected the program {argv[0]}, found nothing of that name; install it or correct PATH"
        ) from None
    child.delaybeforesend = None  # 50 ms a line, against programs that flush what was typed; ours do not
    child.ptyproc.delayafterclose = 0  # 100 ms, for programs that have to be ended; ours has ended by itself
    started = time.monotonic()
    try:
        said = _talk(child, answers, until)
        wait_until(lambda: not child.isalive(), deadline=max(0.0, until - time.monotonic()), pause=0.002)
    except (pexpect.TIMEOUT, TimeoutError):
        raise DeadlineExceeded(f"`{process.show(argv)}` did not end within {deadline:g} s and was killed.") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.close(force=True)
    code = child.exitstatus if child.exitstatus is not None else -int(child.signalstatus or 0)
    return Done(tuple(argv), code, _COLOURS.sub("", said), "", time.monotonic() - started)


def _talk(child: Any, answers: Sequence[Tuple[str, str]], until: float) -> str:
    """Answer what is asked, then read to the end; returns all that was said."""
    import pexpect

    said: List[str] = []
    for prompt, answer in answers:
        process.secret(answer)
        asked = child.expect_exact([prompt, pexpect.EOF], timeout=max(0.0, until - time.monotonic())) == 0
        said.append(child.before)
        if not asked:
            return "".join(said)
        child.sendline(answer)
    child.expect_exact(pexpect.EOF, timeout=max(0.0, until - time.monotonic()))
    said.append(child.before)
    return "".join(said)
