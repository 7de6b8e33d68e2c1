"""A program that is told a line and answers, over and over: one process for thousands of questions."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import Iterator, Pattern, Sequence

from jitsictl.doors import process
from jitsictl.doors.process import CommandFailed, DeadlineExceeded, Done, NotFound

_CHUNK = 65536
_END_SECONDS = 10.0  # for a program to end once it has nothing to read any more


class Conversation:
    """A program whose standard input and output are ours; standard error comes with the output."""

    def __init__(self, child: subprocess.Popen[bytes], argv: Sequence[str]) -> None:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101 - Popen was asked for pipes
        self._child = child
        self._in, self._out = child.stdin.fileno(), child.stdout.fileno()
        self._argv = tuple(argv)
        self._said = bytearray()
        self._started = time.monotonic()
        os.set_blocking(self._in, False)

    def ask(self, line: str, answer: Pattern[str], *, deadline: float) -> str:
        """Say a line and return the first group of `answer`, found in what was said since.

        Raises CommandFailed when the program ends instead, DeadlineExceeded when nothing matches in time; it is
        ended then, and what it said is told.
        """
        until = time.monotonic() + deadline
        self._said.clear()
        left = f"{line}\n".encode()
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._in, selectors.EVENT_WRITE)
            while True:
                ready = {key.fd for key, _ in selector.select(max(0.0, until - time.monotonic()))}
                if not ready:
                    raise self._late(deadline)
                if self._in in ready:
                    left = self._write(left)
                    if not left:
                        selector.unregister(self._in)
                if self._out in ready and not self._read():
                    raise CommandFailed(self.end())
                found = answer.search(self._said.decode("utf-8", "replace"))
                if found is not None:
                    return str(found.group(1))

    def end(self) -> Done:
        """Close its standard input, wait until it has ended, and return what it said last."""
        with contextlib.suppress(OSError):
            os.set_blocking(self._out, True)
        with contextlib.suppress(BrokenPipeError):
            assert self._child.stdin is not None  # noqa: S101
            self._child.stdin.close()
        until = time.monotonic() + _END_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())) and self._read():
                pass
        try:
            self._child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill(self._child)
            self._child.wait()
        said = self._said.decode("utf-8", "replace")
        return Done(self._argv, self._child.returncode, said, "", time.monotonic() - self._started)

    def _write(self, left: bytes) -> bytes:
        try:
            return left[os.write(self._in, left) :]
        except BrokenPipeError:
            return b""  # it has ended: reading will tell

    def _read(self) -> bool:
        chunk = os.read(self._out, _CHUNK)
        self._said += chunk
        return bool(chunk)

    def _late(self, deadline: float) -> DeadlineExceeded:
        done = self.end()
        said = f" It said:\n{done.last_lines}" if done.last_lines else ""
        return DeadlineExceeded(f"`{process.show(self._argv)}` did not answer within {deadline:g} s.{said}")


@contextlib.contextmanager
def conversation(argv: Sequence[str]) -> Iterator[Conversation]:
    """Start a program to talk to; it is ended with its process group when the block is left. Raises NotFound."""
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=process.clean_env(),
            start_new_session=True,
            bufsize=0,
        )
    except FileNotFoundError:
        raise NotFound(
            f"expected the program {argv[0]}, found nothing of that name; install it or correct PATH"
        ) from None
    try:
        yield Conversation(child, argv)
    finally:
        _kill(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
