"""Imports: what is refused before anything is done, what is written down, and going on after an interruption."""

from __future__ import annotations

import csv
import stat

import pytest

from jitsictl.accounts import bulk, export, scram
from jitsictl.accounts.survey import Wish
from jitsictl.types.failure import Exit, Failure
from unit import site


@pytest.fixture
def given(tmp_path):
    """Writes the file."""
    def write(text: str):
        (tmp_path / "staff.csv").write_text(text)
        return tmp_path / "staff.csv"

    return write


@pytest.fixture
def made(tmp_path):
    return tmp_path / "staff.made.csv"


def run(world, file, **wish):
    done = []
    with bulk.source(file) as source:
        outcome = bulk.store(world.paths, source, Wish(**wish), lambda count, total: done.append((count, total)))
    return outcome, done


def preview(world, file, **wish):
    with bulk.source(file) as source:
        return bulk.preview(world.paths, source, Wish(**wish))


def reported(path):
    with path.open() as file:
        return {row["name"]: (row["password"], row["result"]) for row in csv.DictReader(file)}


def many(count: int, password: str = "") -> str:
    return "".join(f"u{number}{password and ',' + password}\n" for number in range(count))


def test_accounts_are_made_with_the_passwords_of_the_file(world, given):
    outcome, done = run(world, given("eric,one word\neva,another\n"))
    assert (outcome.created, outcome.generated, outcome.proved) == (2, 0, 2) and done == [(2, 2)]
    assert world.has("eric", "one word") and world.has("eva", "another") and world.has("alien", "old")


def test_a_missing_password_is_made_and_stands_in_the_report_for_root_alone(world, given, made):
    outcome, _ = run(world, given("eric\neva,hers alone\n"), report=made)
    found = reported(made)
    assert found["eva"] == ("", "created") and found["eric"][1] == "created"
    assert world.has("eric", found["eric"][0]) and outcome.generated == 1
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_without_a_place_for_them_no_passwords_are_made(world, given):
    with pytest.raises(Failure, match="expected a file for the 1 passwords") as refused:
        run(world, given("eric\n"))
    assert refused.value.exit == Exit.USAGE and not world.home.has("eric")


def test_every_wrong_line_is_named_and_nothing_is_done(world, given, made):
    file = given("fine,x\na b,x\nAlien,x\nfine,y\n")
    for call in (run, preview):
        with pytest.raises(Failure) as wrong:
            call(world, file, report=made)
        assert wrong.value.exit == Exit.USAGE
        assert [line.partition(": ")[0] for line in wrong.value.what.splitlines()[:-1]] == [
            f"{file}:2", f"{file}:3", f"{file}:4"]
    assert not world.home.has("fine") and not made.exists()


def test_names_that_are_one_when_folded_stand_there_twice(world, given):
    with pytest.raises(Failure, match="alien stands in line 1 already"):
        preview(world, given("Alien,x\naLien,y\n"), fold=True)


def test_accounts_that_exist_keep_everything_from_being_done(world, given):
    with pytest.raises(Failure, match=r"staff.csv:2: alien\n.*--skip leaves.*--update sets") as refused:
        run(world, given("eric,x\nalien,new\n"))
    assert refused.value.exit == Exit.ACCOUNT_EXISTS
    assert not world.home.has("eric") and world.has("alien", "old")


def test_hundreds_that_exist_are_counted(world, given):
    for number in range(40):
        world.put(f"u{number}", "x")
    with pytest.raises(Failure) as refused:
        run(world, given(many(40, "x")))
    assert len(refused.value.what.splitlines()) == 22 and "... and 20 more" in refused.value.what


def test_skipped_and_updated(world, given):
    file = given("eric,x\nalien,new\n")
    outcome, _ = run(world, file, skip=True)
    assert (outcome.created, outcome.skipped, outcome.changed) == (1, 1, 0) and world.has("alien", "old")
    outcome, _ = run(world, file, update=True)
    assert (outcome.created, outcome.skipped, outcome.changed) == (0, 0, 2) and world.has("alien", "new")


def test_a_preview_does_nothing_and_needs_nothing_to_run(world, given, made):
    world.container = None
    outcome = preview(world, given("eric\nalien,new\n"), update=True, report=made)
    assert (outcome.created, outcome.changed, outcome.generated) == (1, 1, 1)
    assert not world.home.has("eric") and world.has("alien", "old") and not made.exists()


def test_an_empty_file_is_a_mistake(world, given):
    with pytest.raises(Failure, match="expected accounts in .*staff.csv, found none"):
        run(world, given("name,password\n"))


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_after_an_interruption_the_same_again_goes_on(world, given, made, batches):
    """The account that Prosody had made when it was cut off has the password of the report."""
    file = given(many(230))
    world.interrupted_after = batches
    with pytest.raises(Failure, match=f"interrupted after {batches * 50} of 230 accounts; the same command again"):
        run(world, file, report=made)
    first = reported(made)
    assert [result for _, result in first.values()] == ["created"] * batches * 50 + ["pending"] * 50
    outcome, _ = run(world, file, report=made)
    assert outcome.before == (batches + 1) * 50 and outcome.created == 230 - outcome.before
    last = reported(made)
    assert {result for _, result in last.values()} == {"created"} and len(last) == 230
    assert all(world.has(name, password) for name, (password, _) in last.items())
    assert all(last[name][0] == password for name, (password, _) in first.items()), "a password changed"
    assert run(world, file, report=made)[0].before == 230, "and once more does nothing"


def test_a_pending_account_that_was_not_made_gets_the_same_password(world, given, made):
    file = given(many(10))
    world.full_after = 3
    with pytest.raises(Failure, match=r"make room on the file system of CONFIG(.|\n)*3 of 10 accounts were stored"):
        run(world, file, report=made)
    first = reported(made)
    assert [result for _, result in first.values()] == ["created"] * 3 + ["refused"] * 7
    world.full_after = None
    assert run(world, file, report=made)[0].created == 7
    assert {name: password for name, (password, _) in reported(made).items()} == {
        name: password for name, (password, _) in first.items()}


def test_a_pending_account_that_somebody_else_made_meanwhile_is_not_ours(world, given, made):
    file = given(many(10))
    world.full_after = 3
    with pytest.raises(Failure):
        run(world, file, report=made)
    world.put("u5", "of another")
    world.full_after = None
    with pytest.raises(Failure, match="staff.csv:6: u5"):
        run(world, file, report=made)
    assert world.has("u5", "of another")


@pytest.mark.parametrize("password, result", [("one word", "created"), ("of another", "skipped")])
def test_an_account_that_came_to_be_meanwhile(world, given, made, password, result, monkeypatch):
    """After a kill, what was on its way to Prosody is still done; it is ours when its password is."""
    store = world.store

    def late(rows, *, update):
        world.put("eric", password)
        return store(rows, update=update)

    monkeypatch.setattr(world, "store", late)
    run(world, given("eric,one word\n"), report=made)
    assert reported(made)["eric"][1] == result and world.has("eric", password)


def test_an_update_sets_what_the_file_says_now(world, given, made):
    run(world, given("eric,one\n"), report=made)
    outcome, _ = run(world, given("eric,two\n"), update=True, report=made)
    assert outcome.changed == 1 and world.has("eric", "two")


def test_a_report_that_others_can_read_or_that_is_something_else_is_not_written_to(world, given, made):
    made.write_text("name,password,result\n")
    made.chmod(0o644)
    with pytest.raises(Failure, match="readable by its owner alone"):
        run(world, given("eric\n"), report=made)
    made.write_text("my,precious,data\n")
    made.chmod(0o600)
    with pytest.raises(Failure, match="found something else in line 1; give another name with --report"):
        run(world, given("eric\n"), report=made)
    assert made.read_text() == "my,precious,data\n" and not world.home.has("eric")


def test_accounts_move_with_their_keys_and_disabled_ones_do_not(world, given, tmp_path):
    world.put_key("left", scram.made("x", "SHA-1", 2), disabled="true")
    world.put_key("empty", None)
    world.home.record("torn").write_bytes(b"return {")
    moved = export.keys(world.paths)
    assert [sentence.partition(":")[0] for sentence in moved.left_out[:2]] == ["empty", "left"]
    assert "expected the record of torn" in moved.left_out[2]
    names = export.names(world.paths)
    assert "".join(names.lines) == "name\nalien\nempty\nleft\ntorn\n"
    for name in ("alien", "left", "empty", "torn"):
        world.home.record(name).unlink()
    outcome, _ = run(world, given("".join(moved.lines)))
    assert outcome.created == 1 and world.has("alien", "old")
    assert run(world, given("".join(moved.lines)), update=True)[0].changed == 1


def test_keys_of_another_kind_are_refused_before_anything_is_done(world, given):
    key = scram.written(scram.made("x", "SHA-256", 2))
    with pytest.raises(Failure, match="expected keys of the kind SCRAM-SHA-1, which this Prosody takes, found SCRAM-S"):
        run(world, given(f"eric,x\neva,,{key}\n"))
    assert not world.home.has("eric")


def test_where_accounts_are_elsewhere(world, given):
    world.conf(site.CONF + "ENABLE_AUTH=0\n")
    with pytest.raises(Failure, match="expected ENABLE_AUTH=1, found 0"):
        run(world, given("eric,x\n"))


def test_a_file_that_is_not_there(world, tmp_path):
    with pytest.raises(Failure, match="expected to read .*nowhere.csv, found: No such file") as failed:
        run(world, tmp_path / "nowhere.csv")
    assert failed.value.exit == Exit.USAGE
