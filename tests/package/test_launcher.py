"""How the four commands start: by the right Python and name, or with one line that says why not."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import pytest
from package.slackware import REPOSITORY, lay, run

LAUNCHER = REPOSITORY / "src/sbin/launcher.py"
COMMAND = REPOSITORY / "src/sbin/jitsictl"
ARGUMENTS = "import sys\ndef main():\n    print(*sys.argv)\n    return 5\n"


def installed(directory: Path, main: str) -> Path:
    """A launcher with a private tree whose jitsictl.cli.__main__ is `main`."""
    lay(
        {
            "launcher.py": LAUNCHER.read_text(),
            "python/jitsictl/__init__.py": "",
            "python/jitsictl/cli/__init__.py": "",
            "python/jitsictl/cli/__main__.py": main,
        },
        directory,
    )
    return directory / "launcher.py"


def launch(launcher: Path, *arguments: str, options: str = "", **settings: str) -> subprocess.CompletedProcess:
    return run([sys.executable, "-IB", *options.split(), str(launcher), *arguments], env=settings)


def one_line(done: subprocess.CompletedProcess) -> str:
    """The only line on standard error of a start that failed."""
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_name_arguments_and_status_are_handed_on(tmp_path: Path) -> None:
    done = launch(installed(tmp_path, ARGUMENTS), "jitsi-useradd", "--generate", "a b")
    assert (done.returncode, done.stdout) == (5, "jitsi-useradd --generate a b\n")


def test_missing_modules_are_one_line_with_all_packages(tmp_path: Path) -> None:
    # -S leaves out site-packages: nothing but the standard library is there.
    line = one_line(launch(installed(tmp_path, "import click\n"), "jitsictl", options="-S"))
    assert line == (
        "jitsictl: Python modules are missing: click docker jinja2 pexpect ptyprocess requests yaml; "
        "install from SlackBuilds.org: click python3-docker python3-pexpect python3-ptyprocess; "
        "or build docker-jitsi-meet with BUNDLE=yes, which brings these along; "
        "install from Slackware's series l what has: jinja2 requests yaml"
    )


def test_a_module_missed_while_a_verb_runs_is_one_line_too(tmp_path: Path) -> None:
    launcher = installed(tmp_path, "def main():\n    import pexpect\n")
    line = one_line(launch(launcher, "jitsi-passwd", options="-S"))
    assert line.startswith("jitsi-passwd: Python modules are missing: click docker")


def test_a_damaged_installation_is_one_line(tmp_path: Path) -> None:
    launcher = installed(tmp_path, "import jitsictl.gone\n")
    lay({f"python/bundle/{name}.py": "" for name in runpy.run_path(str(LAUNCHER))["MODULES"]}, tmp_path)
    line = one_line(launch(launcher, "jitsictl", options="-S"))
    assert line.startswith("jitsictl: No module named 'jitsictl.gone'; the installation is damaged")


def test_the_bundle_is_found_and_wins_over_what_is_installed(tmp_path: Path) -> None:
    launcher = installed(tmp_path, "def main():\n    import click\n    print(click.MINE)\n    return 0\n")
    lay({"python/bundle/click.py": "MINE = 'bundled'\n"}, tmp_path)
    assert launch(launcher, "jitsictl").stdout == "bundled\n"


def test_an_old_python_is_one_line() -> None:
    too_old = runpy.run_path(str(LAUNCHER))["too_old"]
    assert too_old((3, 9, 0)) == ""
    assert "Python 3.9 or newer is needed" in too_old((3, 8, 17, "final", 0))
    assert "is 3.8.17; Slackware has it since 15.0" in too_old((3, 8, 17, "final", 0))


def test_a_terminal_without_utf8_gets_escapes(tmp_path: Path) -> None:
    launcher = installed(tmp_path, "def main():\n    print('\\u00fc')\n    return 0\n")
    done = launch(launcher, "jitsictl", options="-X utf8=0", LC_ALL="POSIX")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\\xfc\n", "")


def test_a_closed_standard_output_is_no_traceback(tmp_path: Path) -> None:
    launcher = installed(tmp_path, "def main():\n    return 3\n")
    done = run(["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-IB", str(launcher), "jitsictl"])
    assert (done.returncode, done.stderr) == (3, "")


def test_an_interrupt_is_no_traceback(tmp_path: Path) -> None:
    done = launch(installed(tmp_path, "raise KeyboardInterrupt\n"), "jitsictl")
    assert (done.returncode, done.stderr) == (130, "")


# --- the shell wrapper


def call(command: Path, python: str, mode: int, arguments: List[str], tmp_path: Path) -> subprocess.CompletedProcess:
    """Run the wrapper in a mount namespace where /usr/bin/python3 is the shell script `python`."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").write_text(python)
    (tmp_path / "bin/python3").chmod(mode)
    script = 'mount -t overlay -o "ro,lowerdir=$1:/usr/bin" over /usr/bin && shift && exec "$@"'
    inside = ["sh", "-c", script, "sh", str(tmp_path / "bin"), str(command), *arguments]
    return run(["unshare", "--mount", *inside])


ECHO = '#!/bin/sh\nprintf "%s\\n" "$@"\n'


@pytest.mark.parametrize("name", ["jitsictl", "jitsi-useradd", "jitsi-userdel", "jitsi-passwd"])
def test_each_command_starts_slackwares_python_by_its_own_name(name: str, tmp_path: Path) -> None:
    command: Dict[str, Path] = {"jitsictl": COMMAND}
    if name not in command:
        command[name] = tmp_path / name
        command[name].symlink_to(COMMAND)
    done = call(command[name], ECHO, 0o755, ["user", "a b"], tmp_path)
    assert done.stdout.splitlines() == [
        "-I",
        "-X",
        "pycache_prefix=/var/cache/jitsi-meet",
        "/usr/libexec/docker-jitsi-meet/launcher.py",
        name,
        "user",
        "a b",
    ]


def test_a_missing_python_is_one_line(tmp_path: Path) -> None:
    done = call(COMMAND, ECHO, 0o644, ["status"], tmp_path)
    assert one_line(done) == "jitsictl: /usr/bin/python3 is missing; install Slackware's python3 package"
