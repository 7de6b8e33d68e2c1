"""What config.js, as it is served through the published port, says of the pads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jitsictl.change import probes
from jitsictl.doors import files, http
from jitsictl.plan import custom
from jitsictl.plan.custom import Served
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

FIX = "jitsictl etherpad fix"


@dataclass(frozen=True)
class Pads:
    """etherpad_base as it should be ("" for not at all) and as it is. `page` is config.js, `place` where it is set."""

    url: str
    expected: str
    served: Served
    page: str
    place: str

    @property
    def right(self) -> bool:
        return not self.served.unclosed and (self.served.value or "") == self.expected

    @property
    def mendable(self) -> bool:
        """Whether our line in custom-config.js would make it right."""
        return bool(self.expected) and not self.right and not self.served.unclosed

    def sentence(self) -> str:
        """What was expected and what was found."""
        found = self.served
        if found.unclosed:
            return f"expected JavaScript in {self.url}, found {found.unclosed} ({self.place}); the page stays blank"
        if not self.expected and not self.right:
            return (
                f"expected no etherpad_base in {self.url}, since ETHERPAD is 0, found {found.value} ({self.place}); "
                "delete it there, or write it into jitsi.conf as ETHERPAD_PUBLIC_URL"
            )
        if not self.expected:
            return f"ETHERPAD is 0, and {self.url} has no etherpad_base"
        if self.right:
            return f"etherpad_base is {self.expected} in {self.url}"
        value = "none" if not found.line else f"{found.value or 'something that is no plain text'} ({self.place})"
        return f"expected etherpad_base {self.expected} in {self.url}, found {value}; meetings do not find their pad"


def pads(settings: Settings) -> Pads:
    """Look. Failure: web does not answer with a config.js."""
    url = f"{probes.base_url(settings)}/config.js"
    reply = http.get(url, deadline=probes.PROBE_SECONDS)
    if reply.status != 200:
        raise Failure(f"expected {url}, found HTTP {reply.status}; see: jitsictl status")
    config = Path(settings["CONFIG"])
    found = custom.served(reply.text, files.read_bytes(config / custom.CONFIG_JS) or b"")
    file = str(config / found.file) if found.file else "config.js"
    return Pads(url, custom.pads_wanted(settings), found, reply.text, f"{file}:{found.line}" if found.line else "")
