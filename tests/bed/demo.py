"""`make demo`: the whole job on real parts, from the SlackBuild to an upgrade, each step with its time."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Optional, TypeVar

from package import build

from bed import BedError, Host, Lan, roots, tls
from bed.__main__ import storage
from bed.site import NEW, OLD, URL, Site

T = TypeVar("T")
PAD = "minutes"
TEXT = "Agenda: what is said here must outlive an upgrade.\n"


def step(what: str, work: Callable[[], T]) -> T:
    """Do one step and print its line: seconds, what, and its result where that is worth reading."""
    started = time.monotonic()
    result = work()
    print(f"{time.monotonic() - started:7.1f} s  {what}", flush=True)
    return result


def shown(output: str) -> None:
    """What a command printed, indented below its step."""
    for line in output.splitlines():
        print(f"             | {line}", flush=True)


def expect(truth: bool, what: str) -> None:
    if not truth:
        raise BedError(f"expected {what}, found that it is not so")


def prove(site: Site, password: str, when: str) -> None:
    step(
        f"alien logs in with the right password {when}",
        lambda: expect(site.login("alien", password), "a login with the right password"),
    )
    step(
        f"alien is refused with a wrong password {when}",
        lambda: expect(not site.login("alien", password + "x"), "a refusal of the wrong password"),
    )
    step(f"the pad is there {when}", lambda: expect(site.pad(PAD) == TEXT, "the pad with its text"))


def demo(root: str, scratch: Path) -> None:
    step("root file system of the throw-away host", lambda: roots.ensure(root))
    step("certificates of the bed's ghcr.io", tls.ensure)
    images = step("images in the bed's registry", storage)
    package = step("the SlackBuild makes the package", lambda: build.from_repository(scratch))
    shown(f"{package.name}, {package.stat().st_size / 1000:.0f} kB")
    with Lan(images) as lan:
        host = step("a host boots", Host(lan, root, "darkstar").up)
        site = Site(host)
        step("rc.docker start", host.dockerd_start)
        step("installpkg", lambda: site.install(package))
        run(site)


def run(site: Site) -> None:
    password = secrets.token_urlsafe(12)
    shown(step(f"jitsictl setup, pinned to {OLD}", lambda: site.setup(release=OLD)).stdout)
    shown(step("/etc/rc.d/rc.jitsi start", lambda: site.rc("start")).stdout)
    shown(step("jitsi-useradd alien", lambda: site.useradd("alien", password)).stdout)
    step("a pad is written", lambda: site.pad(PAD, TEXT))
    prove(site, password, f"under {OLD}")
    shown(step(f"/etc/rc.d/rc.jitsi upgrade {NEW}", lambda: site.rc("upgrade", NEW)).stdout)
    prove(site, password, f"under {NEW}")
    shown(step("/etc/rc.d/rc.jitsi status", lambda: site.rc("status")).stdout)
    step("/etc/rc.d/rc.jitsi stop", lambda: site.rc("stop"))


def main(root: Optional[str] = None) -> int:
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="jitsi-demo-") as scratch:
            demo(root or roots.NAMES[0], Path(scratch))
    except (BedError, AssertionError, OSError, subprocess.CalledProcessError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{time.monotonic() - started:7.1f} s  all of it, cleaned up; the site was {URL}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
