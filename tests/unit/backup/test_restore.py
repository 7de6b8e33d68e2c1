"""A restore is one change: whole, or undone whole at every point where it can break, and taken back by a rollback."""

from __future__ import annotations

import os
import shutil

import pytest

from jitsictl import releases
from jitsictl.backup import make
from jitsictl.backup import restore as restores
from jitsictl.change import apply, generations, observe, recover, run
from jitsictl.change.prepare import places
from jitsictl.change.steps import HANDLERS, title
from jitsictl.plan import restore as plans
from jitsictl.plan.desired import as_applied
from jitsictl.types import change as kinds
from jitsictl.types.change import from_data, to_data
from jitsictl.types.failure import Failure
from unit.backup.conftest import PADS
from unit.change.world import ID, PowerCut, breaking

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners")
LATER = "20260101-000000-2"


@pytest.fixture
def archive(world, tmp_path_factory):
    file = tmp_path_factory.mktemp("archive") / "b.tar.xz"
    make.make(world.paths, file)
    return restores.check(file)


def listing(world) -> dict:
    """Everything below CONFIG that is the admin's or a user's: kind, bits, owner, time, content."""
    found = {}
    top = world.root / "cfg"
    for path in sorted(top.rglob("*")):
        name, seen = str(path.relative_to(top)), path.lstat()
        if name.startswith((".snapshots", "transcripts", "jibri")) or not _whole(name):
            continue
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[name] = (oct(seen.st_mode), seen.st_uid, seen.st_gid, int(seen.st_mtime), content)
    return found


def _whole(name: str) -> bool:
    layout = releases.get("stable-11031").layout
    units = (layout.store, *layout.keep)
    return name not in layout.rendered and any(name == unit or name.startswith(f"{unit}/") for unit in units)


def emptied(world) -> None:
    """The same machine with the package alone."""
    for path in (world.root / "cfg", world.paths.state, world.paths.conf.parent):
        shutil.rmtree(path)
    for name in ("compose.yaml", ".env", "env", "compose.override.yaml"):
        (world.paths.project / name).unlink()
    world.docker.runs.clear()
    world.paths.conf.parent.mkdir()
    world.paths.state.mkdir(0o700)


def used(world) -> None:
    """What people did since the backup."""
    config = world.root / "cfg"
    (config / "prosody/config/data/meet%2ejitsi/accounts/later.dat").write_text("scram keys of later")
    (config / "prosody/config/data/meet%2ejitsi/accounts/alien.dat").write_text("another password")
    (config / "etherpad/dirty.db").write_text('{"key":"pad:later","val":{}}\n')
    (config / "web/custom-config.js").unlink()
    (config / "jvb").mkdir(exist_ok=True)
    (config / "jvb/custom-jvb.conf").write_text("later {}\n")
    world.paths.conf.write_text(world.conf + "# later\n")
    world.paths.override.unlink()


def changed(world, archive, id=ID):
    return restores._prepare(world.paths, archive, world.tools(), id)


def test_an_empty_host_gets_all_of_it_back(world, archive):
    before, conf = listing(world), world.paths.conf.read_bytes()
    applied = generations.current(world.paths)
    emptied(world)
    run.run(changed(world, archive).change, ID, world.tools())
    assert listing(world) == before
    assert world.paths.conf.read_bytes() == conf and world.paths.conf.stat().st_mode & 0o777 == 0o600
    assert world.paths.override.read_text() == "services: {}\n"
    now = generations.current(world.paths)
    assert (now.number, now.release, now.before, now.files) == (1, applied.release, None, applied.files)
    assert set(world.docker.runs) == set(world.before.digests) and not world.docker.stopped
    assert (world.root / "cfg").stat().st_mode & 0o777 == 0o700
    assert not list((world.root / "cfg/.snapshots").iterdir())  # what verification needed is gone


def test_over_a_running_site_what_is_there_is_set_aside_and_a_rollback_brings_it_back(world, archive):
    then = listing(world)
    used(world)
    before, conf = listing(world), world.paths.conf.read_bytes()
    run.run(changed(world, archive).change, ID, world.tools())
    assert listing(world) == then
    assert "later" not in world.paths.conf.read_text() and world.paths.override.exists()
    kept = world.root / f"cfg/.snapshots/{ID}/before"
    assert (kept / "prosody_config_data/meet%2ejitsi/accounts/later.dat").exists()
    assert (kept / "jvb_custom-jvb.conf").exists() and (kept / "host/jitsi.conf").read_bytes() == conf
    assert (world.root / "cfg/jibri/recordings/r.mp4").exists()

    run.run(taken_back(world), LATER, world.tools())
    assert listing(world) == before
    assert world.paths.conf.read_bytes() == conf
    assert not world.paths.override.exists()
    assert generations.current(world.paths).number == 1
    assert [path.name for path in world.paths.project.glob("*.before-*")] == [f"compose.override.yaml.before-{LATER}"]


def taken_back(world):
    applied = generations.current(world.paths)
    before = generations.read(world.paths, applied.before)
    target = as_applied(before, generations.settings_of(before), releases.get(before.release))
    where = places(world.paths, LATER)
    observed = observe.observe(world.paths, world.docker, target, where)
    return plans.back(target, observed, before.number, where, apply._texts(applied.aside))


def test_an_override_that_the_archive_does_not_have_is_put_away(world, tmp_path):
    world.paths.override.unlink()
    make.make(world.paths, tmp_path / "b")
    world.paths.override.write_text("services: {jvb: {}}\n")
    run.run(changed(world, restores.check(tmp_path / "b")).change, ID, world.tools())
    assert not world.paths.override.exists()
    away = world.paths.override.with_name(f"compose.override.yaml.before-{ID}")
    assert away.read_text() == "services: {jvb: {}}\n"
    run.run(taken_back(world), LATER, world.tools())
    assert world.paths.override.read_text() == "services: {jvb: {}}\n"


def test_a_site_of_a_later_release_goes_back_to_the_archives(world, archive):
    then = listing(world)
    run.run(world.change, LATER, world.tools())  # the upgrade across 11146
    stale = world.root / "cfg/prosody/config/data"
    new = later_transcript(world)
    changed_since = (world.root / "cfg/storage/prosody/data/meet%2ejitsi/accounts/alien.dat").read_text()
    change = changed(world, archive, ID + "9").change
    run.run(change, ID + "9", world.tools())
    assert listing(world) == then
    assert (world.root / "cfg/transcripts/t2.json").exists()  # no part of the archive: it comes along
    assert not (world.root / "cfg/storage/prosody/data").exists()
    assert generations.current(world.paths).release == "stable-11031"

    run.run(taken_back(world), LATER + "9", world.tools())
    assert new.exists() and not (world.root / "cfg/transcripts/t2.json").exists()
    back = world.root / "cfg/storage/prosody/data/meet%2ejitsi/accounts/alien.dat"
    assert back.read_text() == changed_since and not stale.exists()
    assert generations.current(world.paths).release == "stable-11146-2"


def later_transcript(world):
    path = world.root / "cfg/storage/transcripts/t2.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("made under the later release")
    return path


def upgraded(world) -> None:
    run.run(world.change, LATER, world.tools())
    world.docker.runs = dict.fromkeys(world.docker.runs, 2)  # etherpad is the same in both
    later_transcript(world)


def test_recordings_come_only_from_an_archive_that_has_them(world, tmp_path):
    make.make(world.paths, tmp_path / "b", recordings=True)
    film = world.root / "cfg/jibri/recordings/r.mp4"
    whole = film.read_bytes()
    film.write_text("another")
    run.run(changed(world, restores.check(tmp_path / "b")).change, ID, world.tools())
    assert film.read_bytes() == whole
    assert (world.root / f"cfg/.snapshots/{ID}/before/jibri_recordings/r.mp4").read_text() == "another"


@pytest.mark.grid
@pytest.mark.parametrize("host", [emptied, used, upgraded])
@pytest.mark.parametrize("how", ["failure", "power cut"])
def test_at_every_step_a_failure_or_a_power_cut_puts_everything_back(world, archive, host, how):
    """One world for all points: each must be left as it was found."""
    host(world)
    before, owned = world.picture(), listing(world)
    change = changed(world, archive).change
    assert from_data(to_data(change)) == change
    handlers = dict(HANDLERS)
    for at in range(change.commit):
        for after in (False, True):
            with pytest.MonkeyPatch.context() as patch:
                breaking(patch, at, Failure("broken on purpose") if how == "failure" else PowerCut(), after)
                with pytest.raises((Failure, PowerCut)):
                    run.run(change, ID, world.tools())
            HANDLERS.update(handlers)
            if how == "power cut":
                assert recover.recover(world.tools()) == [
                    "the restore that was interrupted is undone; what ran before it is applied"
                ]
            assert world.picture() == before, title(change.steps[at])
            assert listing(world) == owned, title(change.steps[at])


def test_after_the_commit_point_it_is_finished(world, archive, monkeypatch):
    then = listing(world)
    used(world)
    handlers = dict(HANDLERS)
    for back in (1, 2):
        change = changed(world, archive, f"{ID}{back}").change
        at = len(change.steps) - back
        assert at >= change.commit
        with pytest.MonkeyPatch.context() as patch:
            breaking(patch, at, PowerCut(), False)
            with pytest.raises(PowerCut):
                run.run(change, f"{ID}{back}", world.tools())
        HANDLERS.update(handlers)
        assert recover.recover(world.tools()) == ["the restore that was interrupted is finished"]
        assert listing(world) == then


def test_an_archive_that_was_replaced_after_its_check_is_refused_and_undone(world, archive, tmp_path):
    used(world)
    before = world.picture()
    change = changed(world, archive).change
    (world.root / "cfg/web/custom-config.js").write_text("other\n")
    make.make(world.paths, archive.path, force=True)
    (world.root / "cfg/web/custom-config.js").unlink()
    with pytest.raises(Failure, match="as it was when it was checked, found another file"):
        run.run(change, ID, world.tools())
    del before["var/lib/jitsi-meet/lock"]  # it names who held it last
    assert before.items() <= world.picture().items()


def test_dry_run_says_what_would_be_done_and_touches_nothing(world, archive, monkeypatch):
    used(world)
    before = world.picture()
    monkeypatch.setattr(restores, "open_tools", lambda _paths: world.tools())
    said = restores.would_do(world.paths, archive)
    assert world.picture() == before
    config = world.root / "cfg"
    assert f"set aside {config}/prosody/config/data" in said
    assert f"bring {config}/web/custom-config.js" in said
    assert f"write {world.paths.conf}" in said and f"write {world.paths.override}" in said
    assert said[-1] == "stop the site and start prosody, jvb, jicofo, etherpad, web at stable-11031"
    assert archive.held.lines()[1] == "accounts: 1; pads: 1; files: 20"


def test_no_secret_is_in_a_title_and_no_content_in_what_is_told(world, archive):
    change = changed(world, archive).change
    told = [title(step) for step in change.steps] + list(change.why)
    assert not [line for line in told if "aaaa1111" in line or "PUBLIC_URL" in line]
    assert all(
        step.secret for step in change.steps if isinstance(step, kinds.File) and "/generations/" not in step.path
    )


def test_verification_compares_with_the_archive(world, archive):
    change = changed(world, archive).change
    (verify,) = [step for step in change.steps if isinstance(step, kinds.Verify)]
    config = f"{world.root}/cfg"
    assert verify == kinds.Verify(
        "jitsictl-verify",
        f"{config}/.snapshots/{ID}/compared/store",
        f"{config}/prosody/config/data",
        f"{config}/.snapshots/{ID}/compared/dirty.db",
    )


def test_a_rollback_whose_files_are_gone_is_refused(world, archive):
    run.run(changed(world, archive).change, ID, world.tools())
    kept = world.root / f"cfg/.snapshots/{ID}/before/host/jitsi.conf"
    kept.unlink()
    with pytest.raises(Failure, match=f"expected {kept}, which the restore set aside, found none"):
        taken_back(world)


def test_pads_are_those_of_the_archive(world, archive):
    used(world)
    run.run(changed(world, archive).change, ID, world.tools())
    assert (world.root / "cfg/etherpad/dirty.db").read_text() == PADS
