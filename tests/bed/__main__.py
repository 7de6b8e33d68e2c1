"""`python3 -m bed prepare|shell|sweep`: make the bed ready, look around on it, clean up after dead runs."""
from __future__ import annotations

import argparse
import concurrent.futures
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, Optional

from bed import BedError, Host, Lan, browser, database, front, images, keycloak, roots, sweep, tls
from bed.base import CACHE, need_root


def _timed(what: str, work: Callable[[], object]) -> None:
    """Do `work` and print a line of the ledger: seconds, what, result."""
    start = time.monotonic()
    result = work()
    print(f"{time.monotonic() - start:7.1f} s  {what}: {result}", flush=True)


def prepare(names: List[str], with_images: bool) -> None:
    """Roots, certificates, the registry's contents, servers, Strophe.js: from the cache where it is there."""
    need_root()
    _timed("certificates", lambda: tls.ensure().ca)
    parts: Dict[str, Callable[[], object]] = {f"root {name}": partial(roots.ensure, name) for name in names}
    if with_images:
        parts["registry"] = storage
        parts["httpd"] = front.ensure
        parts["MariaDB"] = database.ensure
        parts["XMPP in a page"] = browser.strophe
        parts["Keycloak"] = lambda: keycloak.missing() or keycloak.ensure()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(_timed, what, work) for what, work in parts.items()]:
            done.result()


def storage() -> Path:
    """The registry's storage directory with all images."""
    return Path(images.ensure(CACHE))


def shell(root: str, package: Optional[Path], with_images: bool) -> int:
    """An interactive shell on a fresh host, gone afterwards."""
    with Lan(storage() if with_images else None) as lan, Host(lan, root, "darkstar") as host:
        host.docker_at_boot()
        host.dockerd_start()
        if package is not None:
            host.put(package, f"/root/{package.name}")
            print(host.run(["installpkg", f"/root/{package.name}"], timeout=120).stdout, end="")
        print(f"{host.name} ({root}), {host.ip}; from outside: nsenter --net=/run/netns/{host.netns} COMMAND")
        return subprocess.call(host.argv(["/bin/bash", "-l"], {"TERM": "linux"}, cwd="/root"))


def main(argv: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m bed", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("prepare", help="roots, certificates and registry contents into the cache")
    verb.add_argument("--root", action="append", choices=roots.NAMES, help="only this root (may be repeated)")
    verb.add_argument("--no-images", action="store_true", help="leave the registry's contents out")
    verb = verbs.add_parser("shell", help="a shell on a fresh host")
    verb.add_argument("--root", choices=roots.NAMES, default=roots.NAMES[0])
    verb.add_argument("--package", type=Path, metavar="F", help="a .txz to be installed first")
    verb.add_argument("--no-images", action="store_true", help="with an empty registry")
    verbs.add_parser("sweep", help="remove what runs that were killed left behind")
    options = parser.parse_args(argv)
    try:
        if options.verb == "prepare":
            prepare(options.root or list(roots.NAMES), not options.no_images)
        elif options.verb == "shell":
            return shell(options.root, options.package, not options.no_images)
        else:
            need_root()
            print("\n".join(sweep()) or "nothing to sweep")
    except (BedError, subprocess.CalledProcessError) as error:
        print(f"bed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
