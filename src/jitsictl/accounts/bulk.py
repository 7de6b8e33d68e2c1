"""Thousands of accounts from a file: all of it is looked at first, then Prosody is told, fifty at a time.

Keys are made here on all cores, which takes nearly all of the time, while Prosody stores those that are ready.
"""

from __future__ import annotations

import os
import random
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Callable, Deque, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from jitsictl.accounts import passwords, proof, scram, shell, survey
from jitsictl.accounts import store as accounts_store
from jitsictl.accounts.home import Home, find, running
from jitsictl.accounts.report import CHANGED, CREATED, PENDING, REFUSED, SKIPPED, Before, Report
from jitsictl.accounts.scram import Key
from jitsictl.accounts.shell import AT_ONCE, Hashing, Shell
from jitsictl.accounts.survey import Outcome, Source, Wish
from jitsictl.doors import files, spool
from jitsictl.doors.xmpp import LoginRefused, Unreachable
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

DRAWN = 3  # accounts that log in at the end
_WORDS = {shell.CREATED: CREATED, shell.CHANGED: CHANGED, shell.LEFT: SKIPPED}

Progress = Callable[[int, int], None]  # how many are done, of how many


class Work(NamedTuple):
    """An account to be stored: with a key, or a password that a key is to be made of."""

    name: str
    password: str
    key: Optional[Key]
    generated: str  # the password again where it was made here, else ""


@contextmanager
def source(file: Optional[Path]) -> Iterator[Source]:
    """A file, or standard input. Failure (exit 2): it cannot be read."""
    descriptor = spool.opened(file)
    try:
        yield Source("standard input" if file is None else str(file), descriptor)
    finally:
        os.close(descriptor)


def preview(paths: Paths, given: Source, wish: Wish) -> Outcome:
    """What the import would do to what is stored now; nothing needs to run and nothing is written."""
    home = find(paths)
    with ExitStack() as stack:
        return survey.look(home, given, wish, _before(_earlier(stack, wish)))


def store(paths: Paths, given: Source, wish: Wish, progress: Progress) -> Outcome:
    """Do it. Failure: as `look`; or Prosody refuses, or it was interrupted: then the same again goes on."""
    with ExitStack() as stack:
        live = stack.enter_context(running(paths, "user import"))
        report = _earlier(stack, wish)
        expected = survey.look(live.home, given, wish, _before(report))
        if not expected.total:
            return expected
        if report is None and wish.report is not None:
            report = _opened(stack, wish.report)
        prosody = stack.enter_context(shell.shell(live))
        _must_be_of_use(expected, prosody.hashing)
        job = _Import(live.home, prosody, given, wish, report, expected)
        try:
            job.run(progress)
        except KeyboardInterrupt:
            raise Failure(
                f"interrupted after {job.outcome.total} of {expected.total} accounts; "
                "the same command again goes on with the others"
            ) from None
        job.prove()
        return job.outcome


def _earlier(stack: ExitStack, wish: Wish) -> Optional[Report]:
    """The report of an earlier run, None when there is none."""
    if wish.report is None or not files.exists(wish.report):
        return None
    return _opened(stack, wish.report)


def _opened(stack: ExitStack, path: Path) -> Report:
    report = Report(path)
    stack.callback(report.close)
    return report


def _must_be_of_use(expected: Outcome, hashing: Hashing) -> None:
    others = sorted(expected.hashes - {hashing.hash})
    if others:
        raise Failure(
            f"expected keys of the kind SCRAM-{hashing.hash}, which this Prosody takes, found "
            f"SCRAM-{others[0]}; nothing was done; leave them out, and passwords are made"
        )


def _before(report: Optional[Report]) -> Mapping[str, Before]:
    return {} if report is None else report.before


class _Import:
    """One import on its way. `outcome` is true at any moment of it."""

    def __init__(
        self, home: Home, prosody: Shell, given: Source, wish: Wish, report: Optional[Report], expected: Outcome
    ) -> None:
        self._home = home
        self._prosody = prosody
        self._given = given
        self._wish = wish
        self._report = report
        self._before = _before(report)
        self._expected = expected
        self._drawn: List[Work] = []
        self._drawn_of = 0
        self.outcome = Outcome(before=expected.before, short=expected.short)

    def run(self, progress: Progress) -> None:
        workers = len(os.sched_getaffinity(0))
        waiting: Deque[Tuple[List[Work], Future[List[Tuple[str, Key]]]]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for some in _batches(self._work()):
                    waiting.append((some, pool.submit(_keys, some, self._prosody.hashing)))
                    if len(waiting) > workers + 1:
                        self._tell(*waiting.popleft(), progress)
                while waiting:
                    self._tell(*waiting.popleft(), progress)
            finally:
                for _, future in waiting:
                    future.cancel()

    def prove(self) -> None:
        """Prosody has read every account again; a few log in as people do."""
        for work in self._drawn:
            try:
                proof.login(self._home, work.name, work.password)
                self.outcome.proved += 1
            except LoginRefused as refused:
                raise Failure(
                    f"expected {work.name}, one of {self.outcome.total} accounts that were stored, to log "
                    f"in, found it refused: {refused.condition}; try: jitsictl user check {work.name}"
                ) from None
            except Unreachable as failure:
                self.outcome.unproved = failure.what
                return

    def _work(self) -> Iterator[Work]:
        """What is to be stored, row by row; passwords are made on the way."""
        for row in self._given.rows(self._wish.fold):
            if row.wrong:
                raise Failure(f"{self._given.file}:{row.line}: {row.wrong}; the file was changed meanwhile")
            earlier = self._before.get(row.name)
            if survey.done_before(self._home, row, self._wish, self._before):
                if self._report is not None and earlier is not None and earlier.result in (PENDING, REFUSED):
                    self._report.confirm(row.name)
                continue
            if not self._wish.update and self._home.has(row.name):
                self.outcome.skipped += 1
                continue
            generated = ""
            if row.bare:
                generated = (earlier.password if earlier is not None else "") or passwords.made()
            yield Work(row.name, row.password or generated, row.key, generated)

    def _tell(self, some: List[Work], keys: Future[List[Tuple[str, Key]]], progress: Progress) -> None:
        """Tell Prosody of some accounts; the report has them before and what became of them after."""
        ready = keys.result()
        accounts = [(work.name, work.generated) for work in some]
        where = 0 if self._report is None else self._report.begin(accounts)
        letters, why = self._prosody.store(ready, update=self._wish.update)
        results = [self._result(work, letter) for work, letter in zip(some, letters)]
        if self._report is not None:
            self._report.finish(where, accounts, results + [REFUSED] * (len(some) - len(results)))
        self.outcome.created += results.count(CREATED)
        self.outcome.changed += results.count(CHANGED)
        self.outcome.skipped += results.count(SKIPPED)
        stored = [work for work, result in zip(some, results) if result != SKIPPED]
        self.outcome.generated += sum(bool(work.generated) for work in stored)
        self._draw(stored)
        if len(results) < len(some):
            refused = self._prosody.refused(some[len(results)].name, why)
            raise Failure(
                f"{refused.what}\n{self.outcome.total} of {self._expected.total} accounts were stored; "
                "the same command again goes on with the others",
                refused.exit,
            )
        progress(self.outcome.total, self._expected.total)

    def _result(self, work: Work, letter: str) -> str:
        """One that came to be meanwhile may be ours: what a killed import had sent is still done after its end."""
        if letter == shell.LEFT and work.password:
            kept = accounts_store.read(self._home, work.name)
            if kept is not None and kept.key is not None and kept.key.fits(work.password):
                return CREATED
        return _WORDS[letter]

    def _draw(self, stored: List[Work]) -> None:
        """Keep a few of all accounts with a password so far, each as likely as another."""
        for work in stored:
            if not work.password:
                continue
            self._drawn_of += 1
            place = random.randrange(self._drawn_of)  # noqa: S311 - a sample, no secret
            if len(self._drawn) < DRAWN:
                self._drawn.append(work)
            elif place < DRAWN:
                self._drawn[place] = work


def _keys(some: List[Work], hashing: Hashing) -> List[Tuple[str, Key]]:
    return [(work.name, work.key or scram.made(work.password, hashing.hash, hashing.rounds)) for work in some]


def _batches(work: Iterator[Work]) -> Iterator[List[Work]]:
    some: List[Work] = []
    for one in work:
        some.append(one)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
