"""How many workers httpd has. What its real one does with the lines is measured in tests/bench/sockets.py."""

from __future__ import annotations

import pytest

from jitsictl.plan import workers
from jitsictl.plan.workers import Limit


@pytest.mark.parametrize(
    ("mpm", "text", "found"),
    [
        ("event", "", Limit(400, 16, 25)),
        ("worker", "", Limit(400, 16, 25)),
        ("prefork", "", Limit(256, 256, 1)),
        ("event", "MaxRequestWorkers 150", Limit(150, 16, 25)),
        ("event", "maxclients 150", Limit(150, 16, 25)),
        ("event", "#MaxRequestWorkers 150", Limit(400, 16, 25)),
        ("event", "MaxRequestWorkers 150\n  MaxRequestWorkers  \"200\" ", Limit(200, 16, 25)),
        ("event", "MaxRequestWorkers 1000", Limit(400, 16, 25)),  # ServerLimit cuts it
        ("event", "ServerLimit 40\nMaxRequestWorkers 1010", Limit(1000, 40, 25)),  # whole processes
        ("event", "ServerLimit 40", Limit(400, 40, 25)),
        ("event", "ThreadsPerChild 100", Limit(384, 16, 64)),  # ThreadLimit cuts it
        ("event", "ThreadLimit 100\nThreadsPerChild 100", Limit(400, 16, 100)),
        ("event", "MaxRequestWorkers 5", Limit(25, 16, 25)),
        ("prefork", "ServerLimit 100", Limit(100, 100, 1)),
        ("prefork", "MaxRequestWorkers 1000\nServerLimit 500", Limit(500, 500, 1)),
        ("event", "<IfModule mpm_prefork_module>\nMaxRequestWorkers 50\n</IfModule>", Limit(400, 16, 25)),
        ("event", "<IfModule mpm_event_module>\nMaxRequestWorkers 50\n</IfModule>", Limit(50, 16, 25)),
        ("event", "<ifmodule event.c>\nMaxRequestWorkers 50\n</ifmodule>", Limit(50, 16, 25)),
        ("event", "<IfModule !mpm_event.c>\nMaxRequestWorkers 50\n</IfModule>", Limit(400, 16, 25)),
        ("worker", "<IfModule !mpm_event.c>\nMaxRequestWorkers 50\n</IfModule>", Limit(50, 16, 25)),
        ("event", "<IfModule prefork.c>\n<IfModule a>\n</IfModule>\nMaxClients 50\n</IfModule>", Limit(400, 16, 25)),
        ("event", "<IfModule prefork.c>\n</IfModule>\nMaxRequestWorkers 50", Limit(50, 16, 25)),
        ("event", "</IfModule>\nMaxRequestWorkers 50", Limit(50, 16, 25)),
    ],
)
def test_the_limit_is_what_httpd_makes_of_its_lines(mpm, text, found):
    assert workers.limit(mpm, text.split("\n")) == found


def test_the_printed_lines_are_for_two_thousand_websockets_and_one_graceful_restart():
    found = workers.limit("event", workers.LINES.splitlines())
    assert not workers.short(1700, found) and found.workers >= 2500
    assert found.servers * found.threads >= 2 * found.workers


def test_it_is_short_from_seventy_per_cent_on():
    found = Limit(400, 16, 25)
    assert not workers.short(279, found) and workers.short(280, found)
