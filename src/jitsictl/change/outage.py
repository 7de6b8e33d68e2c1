"""How long people were without the page, a login and a bridge while a change ran, as they would have noticed it."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from jitsictl.change import probes
from jitsictl.change.tools import Event, Tools
from jitsictl.doors import http, xmpp
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

POLL_SECONDS = 0.1
ANSWER_SECONDS = 1.0  # who has to wait longer than this for an answer has none
HANGING = 10  # questions of one kind that may wait at a time: all that are asked while the first one waits, and no more

_WEB, _LOGIN, _STATS = ("HTTP_PORT",), ("JICOFO_AUTH_PASSWORD", "XMPP_AUTH_DOMAIN"), ("JICOFO_REST_PORT",)

AWAY = "away for: "

Sample = Callable[[], bool]


class Watch:
    """Asks again and again, on time also while a few questions hang.

    What was away already at the start is not watched: the change did not take it away.
    """

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        """`samples`: each thing's own; it is there when one of them succeeds."""
        self._samples = dict(samples)
        self._over = threading.Event()
        self._seen: Dict[str, Dict[float, bool]] = {}  # by the time of the question: was there an answer
        self._asking: Optional[threading.Thread] = None

    def start(self) -> None:
        """To be called just before the first service is touched. A second call does nothing."""
        if self._asking is not None or self._over.is_set():
            return
        for name, samples in self._samples.items():
            asked = time.monotonic()
            if any(sample() for sample in samples):
                self._seen[name] = {asked: True}
        self._asking = threading.Thread(target=self._ask, daemon=True)
        self._asking.start()

    def stop(self) -> Dict[str, float]:
        """Seconds that each was away, in the order of the samples; from the last answer before to the first after."""
        self._over.set()
        if self._asking is not None:
            self._asking.join(3 * ANSWER_SECONDS)
        return {name: away(seen) for name, seen in self._seen.items()}

    def _ask(self) -> None:
        questions = [_Question(self._seen[name], sample) for name in self._seen for sample in self._samples[name]]
        due = time.monotonic()
        with ThreadPoolExecutor(max(1, len(questions)) * HANGING) as pool:
            while not self._over.wait(max(0.0, due - time.monotonic())):
                asked = time.monotonic()
                for question in questions:
                    if question.free.acquire(blocking=False):
                        pool.submit(question.ask, asked)
                due = max(due, asked) + POLL_SECONDS


class _Question:
    """Notes in `seen` whether `sample` succeeded, by the time of asking; another sample's success there stays."""

    def __init__(self, seen: Dict[float, bool], sample: Sample) -> None:
        self.free = threading.Semaphore(HANGING)
        self._seen, self._sample = seen, sample

    def ask(self, asked: float) -> None:
        try:
            if self._sample():
                self._seen[asked] = True
            else:
                self._seen.setdefault(asked, False)
        finally:
            self.free.release()


def away(seen: Mapping[float, bool]) -> float:
    """Seconds without an answer, counted as somebody would who asks all the time. The first one was answered."""
    times = sorted(seen)
    total, last, missing = 0.0, times[0], False
    for asked in times:
        if seen[asked]:
            total += asked - last if missing else 0.0
            last = asked
        missing = not seen[asked]
    return total + (times[-1] - last if missing else 0.0)


@contextlib.contextmanager
def told(sites: Sequence[Optional[Settings]], tools: Tools) -> Iterator[None]:
    """Watch what is done inside from the first service that is touched, and say at the end, also after an undo, how
    long people were without the site; `sites` as of_site takes them."""
    watch = of_site(sites)
    tools.touching.append(watch.start)
    try:
        yield
    finally:
        said = sentence(watch.stop())
        if said is not None:
            tools.tell(Event("note", said))


def of_site(sites: Sequence[Optional[Settings]]) -> Watch:
    """A watch over a site that goes from one of these settings to the other: either's answer counts."""
    known = [settings for settings in sites if settings is not None]
    samples = {"page": _each(_page, known, _WEB), "login": _each(_login, known, (*_WEB, *_LOGIN))}
    if all(settings.on("JICOFO_ENABLE_REST") for settings in known):
        samples["bridge"] = _each(_bridge, known, _STATS)
    return Watch(samples)


def _each(ask: Callable[[Settings], bool], known: Sequence[Settings], names: Sequence[str]) -> List[Sample]:
    """A sample for each of the settings that differ in what the question depends on."""
    different = {tuple(settings[name] for name in names): settings for settings in known}
    return [functools.partial(ask, settings) for settings in different.values()]


def sentence(away: Mapping[str, float]) -> Optional[str]:
    """The figures in words; None when nothing was watched."""
    if not away:
        return None
    return AWAY + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in away.items())


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
