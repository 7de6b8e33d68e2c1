"""How long people were without the page, a login and a bridge while a change ran, as they would have noticed it."""

from __future__ import annotations

import json
import threading
import time
from typing import Callable, Dict, List, Mapping, Optional, Sequence

from jitsictl.change import probes
from jitsictl.doors import http, xmpp
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

POLL_SECONDS = 0.05
ANSWER_SECONDS = 1.0  # who has to wait longer than this for an answer has none

Sample = Callable[[], bool]


class Watch:
    """Asks again and again, each thing in a thread of its own, between `start` and `stop`.

    What was away already at the start is not watched: the change did not take it away.
    """

    def __init__(self, samples: Mapping[str, Sample]) -> None:
        self._samples = samples
        self._over = threading.Event()
        self._away: Dict[str, float] = {}
        self._threads: List[threading.Thread] = []

    def start(self) -> None:
        """To be called just before the first service is touched. A second call does nothing."""
        if self._threads or self._over.is_set():
            return
        for name, sample in self._samples.items():
            seen = time.monotonic()
            if sample():
                self._threads.append(threading.Thread(target=self._watch, args=(name, sample, seen), daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> Dict[str, float]:
        """Seconds that each was away, in the order of the samples; from the last answer before to the first after."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * ANSWER_SECONDS)
        return {name: self._away[name] for name in self._samples if name in self._away}

    def _watch(self, name: str, sample: Sample, seen: float) -> None:
        self._away[name] = 0.0
        missing = False
        while not self._over.wait(POLL_SECONDS):
            asked = time.monotonic()
            if sample():
                if missing:
                    self._away[name] += asked - seen
                seen, missing = asked, False
            else:
                missing = True
        if missing:
            self._away[name] += time.monotonic() - seen


def of_site(sites: Sequence[Optional[Settings]]) -> Watch:
    """A watch over a site that goes from one of these settings to the other: either's answer counts."""
    known = [settings for settings in sites if settings is not None]

    def either(sample: Callable[[Settings], bool]) -> Sample:
        return lambda: any(sample(settings) for settings in known)

    samples = {"page": either(_page), "login": either(_login)}
    if all(settings.on("JICOFO_ENABLE_REST") for settings in known):
        samples["bridge"] = either(_bridge)
    return Watch(samples)


def sentence(away: Mapping[str, float]) -> Optional[str]:
    """The figures in words; None when nothing was watched."""
    if not away:
        return None
    return "away for: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in away.items())


def _page(settings: Settings) -> bool:
    try:
        return http.get(f"{probes.base_url(settings)}/config.js", deadline=ANSWER_SECONDS).status == 200
    except Failure:
        return False


def _login(settings: Settings) -> bool:
    """By jicofo's account, which every site has, whoever keeps the people's."""
    password, domain = settings["JICOFO_AUTH_PASSWORD"], settings["XMPP_AUTH_DOMAIN"]
    try:
        xmpp.login(probes.base_url(settings), domain, "focus", password, deadline=ANSWER_SECONDS)
    except Failure:
        return False
    return True


def _bridge(settings: Settings) -> bool:
    url = f"http://127.0.0.1:{settings['JICOFO_REST_PORT']}/stats"
    try:
        return int(json.loads(http.get(url, deadline=ANSWER_SECONDS).text)["bridge_selector"]["bridge_count"]) > 0
    except (Failure, ValueError, KeyError):
        return False
