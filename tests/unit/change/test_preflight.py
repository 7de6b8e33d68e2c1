"""What must hold before anything is touched; ports and disks are tried on the bed."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from jitsictl.change import preflight
from jitsictl.types.change import Change, Copy, Move, Pull
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.site import CONF, running, wanted

ROOTLESS, ROOT = "stable-11146-2", "stable-11031"


class Docker:
    """A daemon on this architecture, and a registry that offers images for some."""

    architecture = "amd64"

    def __init__(self, offers: Dict[str, List[str]]) -> None:
        self.offers = offers

    def data_root(self) -> Path:
        return Path("/")

    def offered(self, ref: str) -> List[str]:
        if ref not in self.offers:
            raise Failure(f"{ref}: expected it in its registry, found that it has none")
        return self.offers[ref]


def change(*steps) -> Change:
    return Change("reseed", steps, len(steps), ROOTLESS)


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Preflight of a site whose CONFIG goes from old to new below tmp_path; ports are free."""
    monkeypatch.setattr(preflight.ports, "holder", lambda *_: None)
    before = running(wanted(f"{CONF}CONFIG={tmp_path}/old\n"))
    paths = Paths(tmp_path / "root")
    paths.state.mkdir(parents=True)

    def made(*steps, release=ROOTLESS, override="", **offers):
        paths.override.parent.mkdir(parents=True, exist_ok=True)
        paths.override.write_text(override)
        desired = wanted(f"{CONF}CONFIG={tmp_path}/new\n", release)
        offered = {name.replace("_", ":"): found for name, found in offers.items()}
        preflight.preflight(change(*steps), desired, before, paths, Docker(offered))

    return made


def test_another_config_without_the_data_is_refused_with_the_command_that_moves_it(check, tmp_path):
    (tmp_path / "old/prosody").mkdir(parents=True)
    with pytest.raises(Failure, match=f"found it still in {tmp_path}/old; .*mv {tmp_path}/old {tmp_path}/new"):
        check()


def test_another_config_to_which_the_data_was_moved_is_taken(check, tmp_path):
    (tmp_path / "new/prosody").mkdir(parents=True)
    check()


def test_every_image_that_cannot_be_had_is_named_before_the_first_is_fetched(check):
    with pytest.raises(Failure) as found:
        check(Pull("web:1"), Pull("jvb:1"), Pull("prosody:1"), jvb_1=["arm64", "s390x"], prosody_1=["amd64", "arm64"])
    assert found.value.what.splitlines() == [
        "web:1: expected it in its registry, found that it has none",
        "jvb:1: expected it for amd64, found it for arm64, s390x only",
    ]


def test_room_is_asked_for_what_is_copied_but_not_for_links(check, tmp_path, monkeypatch):
    (tmp_path / "store").write_bytes(b"x" * 3 * 1024**2)
    monkeypatch.setattr(preflight.host, "free_bytes", lambda _: 51 * 1024**2)
    check(Copy(str(tmp_path / "store"), "/s", links=True))
    with pytest.raises(Failure, match="expected 53 MB free for .*/new, found 51 MB; make room first"):
        check(Copy(str(tmp_path / "store"), "/s"))


@pytest.mark.parametrize("port", ["127.0.0.1:8080:80", "8080:80/tcp", "{target: 80, published: 8080}"])
def test_an_override_with_the_other_layouts_port_is_refused_with_the_right_one(check, port):
    override = f"services: {{web: {{ports: [{port!r}]}}}}".replace("'{", "{").replace("}']", "}]")
    check(release=ROOT, override=override)
    with pytest.raises(Failure, match="web publishes port 80 of the container, .* at stable-11146-2; write 8000"):
        check(override=override)


def test_what_does_not_fit_into_memory_is_named_with_its_size(check, tmp_path):
    for name, size in (("web/dump", 9_000_000), ("web/logs/old", 4_000_000), ("web/custom-config.js", 10)):
        file = tmp_path / "new" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as sparse:
            sparse.truncate(size)
    said = rf"at most 12 MB in {tmp_path}/new/web, .*{ROOTLESS} .*found 13.0 MB: dump 9.0 MB, logs 4.0 MB, custom-con"
    with pytest.raises(Failure, match=said):
        check()
    check(Move(f"{tmp_path}/new/web/logs/old", f"{tmp_path}/aside"))  # this change takes it away
    check(release=ROOT)  # its images copy nothing
