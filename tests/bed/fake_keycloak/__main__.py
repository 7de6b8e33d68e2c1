"""`python3 -m bed.fake_keycloak PORT`: one on all addresses, until its standard input ends."""
from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from pathlib import Path

from bed.fake_keycloak import Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--base", default="", help="/auth, or nothing")
    parser.add_argument("--public", default="", help="the address that it tells")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    given = parser.parse_args()
    files = (given.certificate, given.key) if given.certificate else None
    with tempfile.TemporaryDirectory(prefix="fake-keycloak-") as folder:
        server = Server(("0.0.0.0", given.port), Path(folder), given.base, given.public, files)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
