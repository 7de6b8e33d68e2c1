"""Stands for the video bridge: a login in the brewery, an HTTP port, a UDP port that echoes.

Media are datagrams of the form `NAME ...`: for as long as an address sends such, at most MEDIA_SILENCE
seconds apart, it is one endpoint of conference NAME. So a test can hold a conference and see it drained.
"""
from __future__ import annotations

import asyncio
import time
from typing import Any

from agent import http
from agent.settings import accounts, on, text
from agent.xmpp import Session

MEDIA_SILENCE = 3.0


class Bridge(asyncio.DatagramProtocol):
    """What the bridge knows: who sends media, and whether it takes new conferences."""

    def __init__(self) -> None:
        self.draining = False
        self._heard: dict[Any, tuple[str, float]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        name = data.split(b" ", 1)[0].decode("ascii", "replace")
        self._heard[addr] = (name, time.monotonic())
        if self._transport:
            self._transport.sendto(data, addr)

    def forget_silent(self) -> None:
        oldest = time.monotonic() - MEDIA_SILENCE
        self._heard = {addr: heard for addr, heard in self._heard.items() if heard[1] > oldest}

    def stats(self) -> dict[str, str]:
        return {"conferences": str(len({name for name, _ in self._heard.values()})),
                "endpoints": str(len(self._heard)), "drain": str(self.draining).lower()}


class Service:
    """The bridge with its logins and its HTTP port."""

    def __init__(self) -> None:
        self.bridge = Bridge()
        logins = [] if on("JVB_DISABLE_XMPP", "0") else accounts(
            text("JVB_AUTH_USER", "jvb"), text("JVB_AUTH_PASSWORD"), text("JVB_MUC_NICKNAME"))
        self.sessions = [Session(account, self.bridge.stats) for account in logins]

    def _faults(self) -> list[str]:
        return [f"{session.account.host}: {session.why}" for session in self.sessions if not session.up]

    def routes(self, method: str, path: str) -> http.Answer:
        stats = self.bridge.stats()
        if (method, path) == ("GET", "/about/health"):
            faults = self._faults()
            return http.Answer(500, "; ".join(faults)) if faults else http.Answer(200)
        if (method, path) == ("GET", "/metrics"):
            return http.metrics("jitsi_jvb_", {
                "conferences": float(stats["conferences"]), "local_endpoints": float(stats["endpoints"]),
                "drain_mode": float(self.bridge.draining), "healthy": float(not self._faults())})
        if (method, path) == ("GET", "/colibri/stats") and on("COLIBRI_REST_ENABLED", "false"):
            return http.as_json({
                "conferences": int(stats["conferences"]), "endpoints": int(stats["endpoints"]),
                "drain": self.bridge.draining, "healthy": not self._faults()})
        if (method, path) == ("GET", "/colibri/drain"):
            return http.as_json({"drain": self.bridge.draining})
        if method == "POST" and path in ("/colibri/drain/enable", "/colibri/drain/disable"):
            self.bridge.draining = path.endswith("enable")
            self._tell()
            return http.Answer(200)
        return http.NOT_FOUND

    def _tell(self) -> None:
        for session in self.sessions:
            session.changed()

    async def _watch_media(self) -> None:
        told = self.bridge.stats()
        while True:
            await asyncio.sleep(0.5)
            self.bridge.forget_silent()
            now = self.bridge.stats()
            if now != told:
                told = now
                self._tell()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self.bridge, ("0.0.0.0", int(text("JVB_PORT", "10000"))))
        await http.serve("0.0.0.0", 8080, self.routes)
        await asyncio.gather(self._watch_media(), *(session.run() for session in self.sessions))


if __name__ == "__main__":
    asyncio.run(Service().run())
