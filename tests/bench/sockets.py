"""Idle websockets through Apache to Prosody: how many at httpd's defaults until no page comes, and with our lines.

`python -m bench.sockets` measures these alone.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator

from bed import front
from bed.base import wait_until
from bed.site import Site

from bench.figures import HEAD, ROUNDS, row, seconds
from bench.hosts import alone, prepared

HOST = "meet.darkstar.lan"
MANY = 2000
HELD = 60

# Reads a number, opens websockets until it has so many or one is not answered in time, and says how many it has.
# A number with a ? sends a ping through each, and says how many answer.
_CLIENT = """
import asyncio, ssl, sys
HEAD = (b"GET /xmpp-websocket HTTP/1.1\\r\\nHost: meet.darkstar.lan\\r\\n"
        b"Connection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
        b"Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Protocol: xmpp\\r\\nOrigin: https://meet.darkstar.lan\\r\\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n")
context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
held = []

async def one():
    reader, writer = await asyncio.open_connection("127.0.0.1", 443, ssl=context, server_hostname="meet.darkstar.lan")
    writer.write(HEAD)
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    assert b" 101 " in head, head
    held.append((reader, writer))

async def ping(reader, writer):
    writer.write(b"\\x89\\x80\\x00\\x00\\x00\\x00")
    return await reader.readexactly(2) == b"\\x8a\\x00"

async def main():
    while True:
        line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        if line.startswith("?"):
            said = await asyncio.gather(*(asyncio.wait_for(ping(*each), 20) for each in held), return_exceptions=True)
            print(sum(answer is True for answer in said), flush=True)
            continue
        while len(held) < int(line):
            try:
                await asyncio.wait_for(one(), 10)
            except (asyncio.TimeoutError, AssertionError, OSError, asyncio.IncompleteReadError) as error:
                print(repr(error), file=sys.stderr)
                break
        print(len(held), flush=True)

asyncio.run(main())
"""
_MEMORY = "for p in $(pgrep -x apache2); do grep ^Pss: /proc/$p/smaps_rollup; done"


@contextlib.contextmanager
def client(site: Site) -> Iterator[Callable[[str], int]]:
    """Call it with what to do: how many it has then."""
    process = site.host.spawn(["python3", "-I", "-c", _CLIENT], stdin=subprocess.PIPE)

    def ask(what: str) -> int:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{what}\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    try:
        yield ask
    finally:
        process.kill()
        process.communicate()


def page(site: Site) -> bool:
    argv = ["curl", "-so", "/dev/null", "-m", "5", "--resolve", f"{HOST}:443:127.0.0.1", "-w", "%{http_code}",
            f"https://{HOST}/"]  # fmt: skip
    return site.host.run(argv, check=False).stdout == "200"


def warned(site: Site) -> str:
    found = re.search(r"\d+ of httpd's \d+ workers are in use", site.jitsictl("status", check=False).stdout)
    return found.group(0) if found else "nothing"


def at_the_defaults(site: Site) -> str:
    with client(site) as has:
        said = [(has(str(number)), warned(site)) for number in (270, 290)]
        assert page(site)
        stuck, answers = has(str(MANY)), page(site)
    assert said[0][1] == "nothing" != said[1][1] and not answers, (said, stuck, answers)
    return (
        f"At httpd's defaults status says nothing at {said[0][0]} idle websockets and \"{said[1][1]}\" at "
        f"{said[1][0]}; after {stuck} no other is answered, and no page."
    )


def with_our_lines(site: Site) -> str:
    front.restart(site.host, site.host.read(front.CONF) + site.jitsictl("vhost", "--workers").stdout)
    wait_until(lambda: page(site), "the page")
    before = memory(site)
    with client(site) as has:
        held = has(str(MANY))
        each = (memory(site) - before) / held
        asked = answered = 0
        alive = held
        for _ in range(2):  # web's nginx, as upstream's, closes what is silent for 60 s; Jitsi's page pings every 10
            until = time.monotonic() + HELD / 2
            while time.monotonic() < until:
                asked, answered = asked + 1, answered + page(site)
                time.sleep(0.5)
            alive = min(alive, has("?"))
        said = site.jitsictl("status", check=False).stdout
    used = re.search(r"httpd +(\d+ of \d+) workers", said)
    return (
        f"With the printed lines {held} are held for {HELD} s ({used.group(1) if used else '?'} workers by status); "
        f"{alive} of them answer a ping after half of it and at the end, and {answered} of {asked} pages came "
        f"meanwhile. Memory of httpd: {each:.0f} kB a websocket."
    )


def memory(site: Site) -> int:
    """kB of all processes of httpd, what they share counted once."""
    return sum(int(line.split()[1]) for line in site.host.run(_MEMORY).stdout.splitlines())


def on_a_host(package: Path) -> str:
    """Rows of the table on standard output; sentences about the rest."""
    with prepared(package) as site:
        site.conf("NGINX_WORKER_CONNECTIONS=4096\n")
        site.rc("start")
        front.install(site.host)
        front.certify(site.host, HOST)
        front.restart(site.host, front.loaded())
        site.jitsictl("vhost", "--install")
        row("jitsictl vhost --diff", "under 0.5", [seconds(site.jitsictl, "vhost", "--diff") for _ in range(ROUNDS)])
        return f"{at_the_defaults(site)} {with_our_lines(site)}"


if __name__ == "__main__":
    print(HEAD)
    alone(on_a_host)
