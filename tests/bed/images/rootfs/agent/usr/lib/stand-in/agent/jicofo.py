"""Stands for the focus: logs in, enters the brewery, counts bridges and their conferences, tells by HTTP."""
from __future__ import annotations

import asyncio

from agent import http
from agent.settings import accounts, on, text
from agent.xmpp import Session


class Focus:
    """The focus: one login; every other occupant of the brewery is a bridge."""

    def __init__(self) -> None:
        account = accounts("focus", text("JICOFO_AUTH_PASSWORD"), "focus")[0]
        self.session = Session(account, dict)

    def _conferences(self) -> int:
        return sum(int(stats.get("conferences") or 0) for stats in self.session.room.occupants.values())

    def _participants(self) -> int:
        return sum(int(stats.get("endpoints") or 0) for stats in self.session.room.occupants.values())

    def _health(self) -> http.Answer:
        bridges = len(self.session.room.occupants)
        if not self.session.up:
            return http.Answer(500, self.session.why)
        if not bridges:
            return http.Answer(500, "No operational bridges available (total bridge count: 0)")
        return http.Answer(200)

    def _stats(self) -> http.Answer:
        bridges = self.session.room.occupants.values()
        draining = sum(stats.get("drain") == "true" for stats in bridges)
        return http.as_json({
            "bridge_selector": {"bridge_count": len(bridges), "operational_bridge_count": len(bridges),
                                "in_shutdown_bridge_count": 0, "draining_bridge_count": draining,
                                "lost_bridges": 0},
            "conferences": self._conferences(), "participants": self._participants(),
            "largest_conference": 0, "total_conferences_created": 0, "healthy": self._health().status == 200,
            "jibri": {}, "jigasi": {}, "xmpp": {}})

    def routes(self, method: str, path: str) -> http.Answer:
        if method != "GET":
            return http.NOT_FOUND
        if path == "/about/health":
            return self._health() if on("JICOFO_ENABLE_HEALTH_CHECKS", "0") else http.NOT_FOUND
        if path == "/stats":
            return self._stats()
        if path == "/metrics":
            bridges = len(self.session.room.occupants)
            return http.metrics("jitsi_jicofo_", {
                "bridge_selector_bridge_count": bridges, "bridge_selector_bridge_count_operational": bridges,
                "conferences": self._conferences(), "participants_current": self._participants(),
                "healthy": float(self._health().status == 200)})
        return http.NOT_FOUND

    async def run(self) -> None:
        await http.serve("0.0.0.0" if on("JICOFO_ENABLE_REST", "0") else "127.0.0.1", 8888, self.routes)
        await self.session.run()


if __name__ == "__main__":
    asyncio.run(Focus().run())
