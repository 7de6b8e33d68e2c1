"""Commands and files inside a running host, through its namespaces."""
from __future__ import annotations

import contextlib
import functools
import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import IO, Any, Dict, List, NamedTuple, Optional, Sequence, Union

from bed.base import BedError, processes, wait_until

PATH = "/usr/local/sbin:/usr/local/bin:/sbin:/usr/sbin:/bin:/usr/bin"
Command = Union[str, Sequence[str]]
Input = Union[str, bytes, None]
Stream = Union[int, IO[Any], None]


class Answer(NamedTuple):
    """An HTTP answer; status 0 when there was none, then `body` says why."""

    status: int
    body: str


class Spawned(subprocess.Popen):  # type: ignore[type-arg]
    """A command inside, started through nsenter, which waits for it outside.

    Signals go to the command; kill() ends it with its process group. nsenter itself is left to reap: were it
    killed, the command would run on, or stay a zombie of the outer machine's init and keep the host from ending.
    """

    def command_pid(self) -> Optional[int]:
        """The outer pid of the command; None when it has ended."""
        child = wait_until(lambda: processes(4, self.pid) or self.poll() is not None, "nsenter to start", 5)
        return child[0] if isinstance(child, list) else None

    def send_signal(self, sig: int) -> None:
        pid = self.command_pid()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)

    def kill(self) -> None:
        if self.command_pid() is not None:
            wait_until(self._killed, "a killed command to end", 10)

    def _killed(self) -> bool:
        """Kill what there is of the group; again until nothing is, since a process may fork meanwhile."""
        group = [pid for pid in processes(5, self.pid) if pid != self.pid]
        for pid in group:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not group


class Inside:
    """What can be done in a running host: `name` is its host name, `init` its first process's outer pid."""

    name: str
    init: Optional[int] = None

    def argv(self, command: Command, env: Optional[Dict[str, str]] = None, cwd: str = "/") -> List[str]:
        """The outer command line that runs `command` (a list, or a line for sh) inside, as root.

        The environment is PATH, HOME=/root and TERM, overridden by `env`; a value of "" in `env` leaves the
        variable out. For dialogues: pexpect.spawn(argv[0], argv[1:]).
        """
        if self.init is None:
            raise BedError(f"{self.name} is switched off: boot() it first")
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        variables = {"PATH": PATH, "HOME": "/root", "TERM": "dumb", **(env or {})}
        settings = [f"{name}={value}" for name, value in variables.items() if value]
        return ["nsenter", "-m", "-p", "-u", "-i", "-n", "-t", str(self.init), "--",
                "/usr/bin/env", "-i", "-C", cwd, *settings, *words]

    def spawn(self, command: Command, *, env: Optional[Dict[str, str]] = None, cwd: str = "/",
              stdin: Stream = subprocess.DEVNULL, stdout: Stream = subprocess.PIPE,
              stderr: Stream = subprocess.PIPE, text: bool = True) -> Spawned:
        """Start `command` inside, in a session of its own; ends with the host at the latest."""
        return Spawned(self.argv(command, env, cwd), stdin=stdin, stdout=stdout, stderr=stderr, text=text,
                       errors="replace" if text else None, start_new_session=True)

    def run(self, command: Command, *, input: Input = None, env: Optional[Dict[str, str]] = None,
            cwd: str = "/", timeout: float = 60, check: bool = True, tty: bool = False
            ) -> subprocess.CompletedProcess[str]:
        """Run `command` inside and return its output as text.

        With `tty` it has a terminal and stdout holds both streams. Raises CalledProcessError (with the output
        in its text) when `check` and the exit code is not 0, and BedError after `timeout` seconds, when its
        whole process group has been killed.
        """
        if tty:
            line = command if isinstance(command, str) else _quoted(command)
            command = ["/usr/bin/script", "-qefc", line, "/dev/null"]
        data = input.encode() if isinstance(input, str) else input
        process = self.spawn(command, env=env, cwd=cwd, text=False,
                             stdin=subprocess.DEVNULL if data is None else subprocess.PIPE)
        try:
            out, err = process.communicate(data, timeout)
        except BaseException as error:
            process.kill()
            out, err = process.communicate(timeout=10)
            if isinstance(error, subprocess.TimeoutExpired):
                said = (err or out).decode(errors="replace")[-1000:]
                raise BedError(f"{self.name}: {command!r}: not done after {timeout:g} s: {said}") from error
            raise
        done = subprocess.CompletedProcess(command, process.returncode, out.decode(errors="replace"),
                                           err.decode(errors="replace"))
        if check and done.returncode != 0:
            raise Failed(done.returncode, command, done.stdout, done.stderr)
        return done

    def read(self, path: str) -> str:
        return self.run(["cat", "--", path]).stdout

    def wait_for(self, words: str, path: str, timeout: float = 120) -> None:
        """Until a file has these words, looked at from outside: a program started each time would keep others waiting.

        No folder of the path may be an absolute link, which would lead out.
        """
        there = functools.partial(_holds, Path(f"/proc/{self.init}/root{path}"), words)
        wait_until(there, f"{words!r} in {self.name}:{path}", timeout, 0.001)

    def write(self, path: str, content: Union[str, bytes], mode: Optional[int] = None) -> None:
        """Write a file in place (its owner stays), making its folder; `mode` as in chmod."""
        self.run('mkdir -p -- "$(dirname -- "$F")" && cat >"$F"', input=content, env={"F": path})
        if mode is not None:
            self.run(["chmod", f"{mode:o}", "--", path])

    def put(self, source: Path, path: str) -> None:
        """Copy a file or a folder of the outer machine to `path`, as root's, with its modes."""
        source = Path(source)
        if not source.exists():
            raise BedError(f"{source}: to be copied to {self.name}, but not there")
        if source.is_file():
            self.write(path, source.read_bytes(), source.stat().st_mode & 0o7777)
            return
        self.run(["mkdir", "-p", "--", path])
        with subprocess.Popen(["tar", "-C", str(source), "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
            unpack = self.spawn(["tar", "-xpf", "-", "--no-same-owner", "-C", path], stdin=tar.stdout)
            _, error = unpack.communicate(timeout=300)
        if unpack.returncode or tar.returncode:
            raise BedError(f"{source} could not be copied to {self.name}:{path}: {error}")

    def exists(self, path: str) -> bool:
        """Whether `path` is there; a dangling link is."""
        return self.run('[ -e "$F" ] || [ -L "$F" ]', env={"F": path}, check=False).returncode == 0

    def stat(self, path: str) -> os.stat_result:
        """lstat of a path, times in whole seconds."""
        text = self.run(["stat", "-c", "%f %i %d %h %u %g %s %X %Y %Z", "--", path]).stdout
        mode, *others = text.split()
        return os.stat_result([int(mode, 16), *map(int, others)])

    def http(self, path: str, port: int = 8440, *, address: str = "127.0.0.1", timeout: float = 5,
             headers: Sequence[str] = ()) -> Answer:
        """GET http://address:port/path from inside."""
        options = [word for header in headers for word in ("-H", header)]
        done = self.run(["curl", "-sS", "-m", f"{timeout:g}", "-w", "\n%{http_code}", *options,
                         f"http://{address}:{port}{path}"], timeout=timeout + 5, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return Answer(int(status or 0), body if done.returncode == 0 else done.stderr.strip())


class Failed(subprocess.CalledProcessError):
    """CalledProcessError that shows what the command said."""

    def __str__(self) -> str:
        return f"{super().__str__()}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


def _holds(path: Path, words: str) -> bool:
    return path.exists() and words in path.read_text()


def _quoted(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)
