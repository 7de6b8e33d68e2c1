"""Chromium in a host's network, where the host's own Apache answers to the site's name; and Strophe.js, from npm.

It trusts the bed's authority as a user's would, by its own list: no check of a certificate is switched off.
"""
from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, Optional

from bed import tls
from bed.base import CACHE, command, locked
from bed.host import Host
from bed.runs import capped, remove_cgroups

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAM = "/usr/bin/chromium"
STROPHE = "strophe.js@5.0.0"
MEMORY = 1_500_000_000  # bytes, of all its processes
# Root has no sandbox. The rest of it looks for updates, proxies and other hosts, of which the bed has none.
_OPTIONS = ("--no-sandbox", "--no-proxy-server", "--disable-gpu", "--disable-background-networking",
            "--renderer-process-limit=2", "--js-flags=--max-old-space-size=256")


def missing() -> Optional[str]:
    """Why there is no browser here; None where there is one."""
    absent = [name for name in (PROGRAM, "certutil") if shutil.which(name) is None]
    if importlib.util.find_spec("playwright") is None:
        absent.append("Python module playwright")
    return f"no {' and no '.join(absent)}: make needs, as root" if absent else None


@contextlib.contextmanager
def chromium(host: Host, *names: str) -> Iterator[Browser]:
    """A headless browser to which `names` are this host; it ends with the block."""
    cgroup = f"{host.cgroup}-browser"
    from playwright.sync_api import sync_playwright  # where there is none, `missing` says so

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="browser-", dir=host.lan.run.folder))
        stack.callback(remove_cgroups, cgroup)
        program = Path(folder, "chromium")
        join = f"echo $$ >{file} && " if (file := capped(cgroup, MEMORY)) else ""
        program.write_text(f'#!/bin/sh\n{join}exec nsenter --net=/run/netns/{host.netns} {PROGRAM} "$@"\n')
        program.chmod(0o755)
        _trust(Path(folder))
        rules = ", ".join(f"MAP {name} 127.0.0.1" for name in names)
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(
            executable_path=program, args=[*_OPTIONS, f"--host-resolver-rules={rules}"],
            env={**os.environ, "HOME": folder, "TMPDIR": folder, "XDG_CONFIG_HOME": f"{folder}/config"},
        )
        stack.callback(browser.close)
        yield browser


def strophe(cache: Path = CACHE) -> Path:
    """The XMPP library for a page; fetched once."""
    file = cache / f"{STROPHE.replace('@', '-')}.js"
    with locked(cache / "strophe.lock"):
        if not file.is_file():
            with tempfile.TemporaryDirectory(dir=cache, prefix="making-strophe-") as work:
                command(["npm", "pack", STROPHE, "--silent", "--pack-destination", work], timeout=300)
                (archive,) = Path(work).glob("*.tgz")
                command(["tar", "-C", work, "-xzf", archive, "package/dist/strophe.umd.min.js"])
                Path(work, "package/dist/strophe.umd.min.js").rename(file)
    return file


def _trust(home: Path) -> None:
    """Chromium reads this list of the user's beside its own."""
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    command(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"])
    command(["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "bed", "-i", tls.ensure().ca])
