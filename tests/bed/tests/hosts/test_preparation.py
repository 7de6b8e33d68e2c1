"""What the bed is made from: apt sources, roots, and the tools of the machine underneath."""
from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Callable

import bed
import pytest
from bed import apt, roots
from bed.base import HERE

pytestmark = pytest.mark.bed

Boot = Callable[..., bed.Host]


def test_both_formats_of_apt_sources_are_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://no.example/debian old main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian stable main contrib\n"
        "deb-src http://src.example/debian stable main\n")
    (tmp_path / "sources.list.d/b.sources").write_text(
        "Types: deb\nURIs: http://two.example/debian\nSuites: a\n  b\nComponents: main\nSigned-By: /two.gpg\n"
        "\nEnabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: c\n")
    (tmp_path / "sources.list.d/c.list.disabled").write_text("deb http://off.example/debian d main\n")
    assert apt.machine_sources(tmp_path) == [
        ("http://one.example/debian", "stable", "/k.gpg"),
        ("http://two.example/debian", "a", "/two.gpg"), ("http://two.example/debian", "b", "/two.gpg")]


def test_an_unknown_root_is_named_with_the_known_ones() -> None:
    with pytest.raises(bed.BedError, match="no root 'slackware16': expected one of slackware15, newest"):
        roots.ensure("slackware16")


def test_needs_finds_everything_on_a_machine_where_the_bed_runs() -> None:
    done = subprocess.run(["sh", str(HERE / "needs.sh")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_needs_on_slackware_names_what_is_missing_and_installs_nothing(boot: Boot) -> None:
    host = boot()
    host.put(HERE / "needs.sh", "/root/needs.sh")
    host.run(["rm", "-f", "/usr/bin/apt-get", "/usr/bin/openssl"])
    done = host.run(["sh", "/root/needs.sh"], check=False)
    assert done.returncode == 1
    assert "not here: openssl (openssl);" in done.stderr
