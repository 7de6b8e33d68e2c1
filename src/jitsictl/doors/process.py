"""Running a program: own process group, bounded, its output masked."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from jitsictl.types.failure import Failure

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MASK = "********"
# Masking a shorter value would garble every text and, by what is missing, give the value away.
SHORTEST_MASKED = 4
LAST_LINES = 12

_secrets: Set[str] = set()


@dataclass(frozen=True)
class Done:
    """A program that ended. Output is text, masked by whoever shows it; `code` is negative for a signal."""

    argv: Tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def last_lines(self) -> str:
        """The end of what it said, masked and indented: standard error, or standard output without one."""
        lines = [line.rstrip() for line in (self.err.strip() or self.out.strip()).splitlines()]
        return "\n".join(f"  {line}" for line in mask("\n".join(lines[-LAST_LINES:])).splitlines())


class NotFound(Failure):
    """The program is not installed."""


class DeadlineExceeded(Failure):
    """The program was killed, with all of its process group, because its time was up."""


class CommandFailed(Failure):
    """The program ended with another code than 0. `done` holds what it said."""

    def __init__(self, done: Done) -> None:
        how = f"with exit code {done.code}" if done.code >= 0 else f"by signal {-done.code}"
        said = f" It said:\n{done.last_lines}" if done.last_lines else " It said nothing."
        super().__init__(f"`{show(done.argv)}` ended {how}.{said}")
        self.done = done


def secret(value: str) -> str:
    """Register a value that `mask` hides from now on in this process, and return it."""
    if len(value) >= SHORTEST_MASKED:
        _secrets.add(value)
    return value


def mask(text: str) -> str:
    """Replace every registered secret in `text`, the longest first."""
    for value in sorted(_secrets, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def show(argv: Sequence[str]) -> str:
    """A command as one would type it, masked."""
    return mask(" ".join(shlex.quote(word) for word in argv))


def clean_env() -> Dict[str, str]:
    """The environment that children get: nothing that bends what Docker or Compose do.

    DOCKER_HOST, COMPOSE_* and the like of the caller are left out, texts are in English since
    explain.py recognises them. HOME is where registry logins and CLI plugins are.
    """
    return {
        "PATH": os.environ.get("PATH") or PATH,
        "HOME": os.environ.get("HOME") or "/root",
        "LC_ALL": "C",
    }


def run(
    argv: Sequence[str],
    *,
    deadline: float,
    stdin: Optional[str] = None,
    env: Optional[Mapping[str, str]] = None,
    cwd: Optional[Path] = None,
    keep: Sequence[int] = (),
    check: bool = True,
    line: Optional[Callable[[str], None]] = None,
) -> Done:
    """Run a program for at most `deadline` seconds and return what it said.

    It runs in a process group of its own, which is killed whole when the time is up or when an
    exception (a signal turned into one) passes. `keep`: descriptors that it inherits, such as the
    lock. `line` sees each line of output, masked, as it comes. Raises NotFound, DeadlineExceeded
    and, with `check`, CommandFailed.
    """
    started = time.monotonic()
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_env() if env is None else dict(env),
            cwd=cwd,
            pass_fds=tuple(keep),
            start_new_session=True,
        )
    except FileNotFoundError:
        missing = cwd if cwd is not None and not cwd.is_dir() else f"the program {argv[0]}"
        raise NotFound(f"expected {missing}, found nothing of that name; install it or correct PATH") from None
    except PermissionError:
        raise Failure(f"expected to run {argv[0]}, found that this user may not; run this as root") from None
    with child:
        try:
            out, err = _talk(child, (stdin or "").encode(), started + deadline, line)
        except TimeoutError:
            _kill(child)
            raise DeadlineExceeded(f"`{show(argv)}` did not end within {deadline:g} s and was killed.") from None
        except BaseException:
            _kill(child)
            raise
    done = Done(tuple(argv), child.returncode, out, err, time.monotonic() - started)
    if check and done.code != 0:
        raise CommandFailed(done)
    return done


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the whole group; its pipes are closed by `with child`, so an escaped grandchild holds nobody up."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _talk(
    child: subprocess.Popen[bytes], stdin: bytes, until: float, line: Optional[Callable[[str], None]]
) -> Tuple[str, str]:
    """Feed standard input and collect both outputs until the child has closed them and ended."""
    assert child.stdout is not None and child.stderr is not None  # noqa: S101 - Popen was asked for pipes
    said: Dict[int, bytearray] = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        selector.register(child.stderr, selectors.EVENT_READ)
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            selector.register(child.stdin, selectors.EVENT_WRITE)
        shown = dict.fromkeys(said, 0)
        while selector.get_map():
            for pipe, fd in _ready(selector, until):
                if fd not in said:
                    stdin = _feed(selector, pipe, stdin)
                    continue
                chunk = os.read(fd, 65536)
                said[fd] += chunk
                if line is not None:
                    shown[fd] = _hand_on(said[fd], shown[fd], line, last=not chunk)
                if not chunk:
                    selector.unregister(pipe)
    try:
        child.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    out, err = (said[pipe.fileno()].decode("utf-8", "replace") for pipe in (child.stdout, child.stderr))
    return out, err


def _ready(selector: selectors.BaseSelector, until: float) -> Iterator[Tuple[IO[bytes], int]]:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    for key, _ in selector.select(left):
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
        yield pipe, key.fd


def _feed(selector: selectors.BaseSelector, pipe: IO[bytes], left: bytes) -> bytes:
    """Write what fits; close the pipe when all is written or nobody reads any more."""
    try:
        left = left[os.write(pipe.fileno(), left) :]
    except BrokenPipeError:
        left = b""
    if not left:
        selector.unregister(pipe)
        pipe.close()
    return left


def _hand_on(said: bytearray, start: int, line: Callable[[str], None], last: bool) -> int:
    """Pass on the complete lines from `start`; return where the first incomplete one begins."""
    end = len(said) if last else said.rfind(b"\n") + 1
    if end <= start:
        return start
    whole: List[str] = said[start:end].decode("utf-8", "replace").splitlines()
    for text in whole:
        line(mask(text))
    return end
