"""A new password for a service's account, cut off at any point: the old one works again, or the new one does."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from jitsictl.change import passwords, recover, rotate, run
from jitsictl.change.steps import HANDLERS, title
from jitsictl.doors.process import Done
from jitsictl.plan.build import plan
from jitsictl.plan.generation import Places
from jitsictl.plan.passwords import record
from jitsictl.settings import catalogue
from jitsictl.settings.secrets import renewed
from jitsictl.types import change as kinds
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.site import Applied, Container, Kept, Observed
from unit.change.world import ID, NEW, Docker, PowerCut, World, answering, breaking
from unit.site import SECRETS, wanted

OTHER = SECRETS.replace("aaaa1111", "cccc3333").replace("bbbb2222", "dddd4444")
STORE = "cfg/storage/prosody/data"


class Shell(Docker):
    """Prosody's shell as far as `user:create` and `user:password`: a record holds the password."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.store = store
        self.says = ""  # instead of an answer
        self.argvs = []

    def execute(self, _id, argv, *, stdin=None, **more):
        self.argvs.append(argv)
        answers = []
        for what, jid, password in re.findall(r'user:(\w+)\("([^"]*)", "([^"]*)"\)', stdin or ""):
            path = self.store / record(*jid.split("@"))
            exists = path.exists()
            if what == "create" and exists:
                answers.append("prosody> ! Error: User exists")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_text(password)
            new.replace(path)
            answers.append("prosody> | OK: done")
        return Done(tuple(argv), 0, self.says or "\n".join(answers), "", 0.0)


class Rotating(World):
    """A site whose two service accounts get other passwords."""

    def __init__(self, root: Path) -> None:
        self.store = root / STORE
        super().__init__(root)

    def _lay_out(self) -> None:
        self.before, self.after = wanted(self.conf, NEW), wanted(self.conf, NEW, secrets=OTHER)
        super()._lay_out()
        self.docker, made = Shell(self.store), self.docker
        self.docker.runs, self.docker.here = made.runs, made.here
        for user, password in (("focus", "aaaa1111aaaa1111"), ("jvb", "bbbb2222bbbb2222")):
            path = self.store / record(user, "auth.meet.jitsi")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(password)

    def _change(self) -> kinds.Change:
        there = [str(self.store), *(f"{self.paths.project}/{name}" for name in ("compose.yaml", ".env", "env"))]
        observed = Observed(
            applied=Applied(1, NEW, self.before.files),
            containers={s: Container(s, f"id-{s}", "running", "", "", d) for s, d in self.before.digests.items()},
            images=tuple(self.after.images.values()),
            paths={path: Kept(0, 0, 0o755, True) for path in there},
            newest_generation=1,
        )
        where = Places(str(self.paths.generations), str(self.paths.current), str(self.paths.project), ID)
        extra = (kinds.File(str(self.paths.secrets), OTHER, 0o600, secret=True),)
        return plan(self.after, observed, catalogue.load(), where, "rotate", extra)

    def passwords(self):
        return [(self.store / record(user, "auth.meet.jitsi")).read_text() for user in ("focus", "jvb")]


with tempfile.TemporaryDirectory() as _scratch:
    _CHANGE = Rotating(Path(_scratch)).change


@pytest.fixture
def world(tmp_path, monkeypatch):
    answering(monkeypatch)
    return Rotating(tmp_path)


@pytest.mark.parametrize("stopped", [False, True], ids=["prosody-runs", "prosody-is-down"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(_CHANGE.commit))
def test_a_power_cut_gives_every_service_its_old_password_back(world, monkeypatch, at, after, stopped):
    before = world.picture()
    handlers = dict(HANDLERS)
    breaking(monkeypatch, at, PowerCut(), after)
    with pytest.raises(PowerCut):
        run.run(world.change, ID, world.tools())
    HANDLERS.update(handlers)
    if stopped:
        world.docker.execute = None  # nobody can be asked
    recover.recover(world.tools())
    assert world.picture() == before, title(world.change.steps[at])
    assert world.passwords() == ["aaaa1111aaaa1111", "bbbb2222bbbb2222"]


def test_the_whole_change_sets_both_and_writes_them_down(world):
    run.run(world.change, ID, world.tools())
    assert world.passwords() == ["cccc3333cccc3333", "dddd4444dddd4444"]
    assert world.paths.secrets.read_text() == OTHER
    asked = [argv for argv in world.docker.argvs if argv[-1] == "shell"]
    assert len(asked) == 2 and "cccc3333" not in str(world.docker.argvs)


def test_no_journal_holds_a_password_in_clear_but_for_the_files_it_writes(world):
    texts = []
    handler = HANDLERS[kinds.Verify]

    def look(*_):
        texts.append((world.paths.changes / ID / "journal").read_text())

    HANDLERS[kinds.Verify] = handler._replace(do=look)
    run.run(world.change, ID, world.tools())
    lines = texts[0].splitlines()[1:]  # the first one is the change itself, with the files of the new generation
    assert lines and not [line for line in lines if "aaaa1111" in line or "bbbb2222" in line or "cccc3333" in line]


def test_a_refusal_of_prosody_undoes_the_change(world):
    before = world.picture()
    world.docker.says = "prosody> ! Error: User exists\nprosody> ! Error: Could not change password: disk full"
    with pytest.raises(Failure, match="disk full"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before


def test_an_account_that_is_not_there_is_made_and_taken_away_again(world, monkeypatch):
    (world.store / record("jvb", "auth.meet.jitsi")).unlink()
    before = world.picture()
    breaking(monkeypatch, world.change.commit - 1, Failure("no login"), after=False)
    with pytest.raises(Failure, match="no login"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before


def test_what_is_applied_logs_in_with_its_own_passwords(world):
    assert {login.jid: login.password for login in passwords.applied(world.paths)} == {
        "focus@auth.meet.jitsi": "aaaa1111aaaa1111",
        "jvb@auth.meet.jitsi": "bbbb2222bbbb2222",
    }


@pytest.mark.parametrize(
    "names, secrets, conf, found",
    [
        ((), OTHER, "", ("JVB_AUTH_PASSWORD", "JICOFO_AUTH_PASSWORD")),
        (("JICOFO_AUTH_PASSWORD",), OTHER, "", ("JICOFO_AUTH_PASSWORD",)),
        ((), "JVB_AUTH_PASSWORD=x\n", "JICOFO_AUTH_PASSWORD=y\n", ("JVB_AUTH_PASSWORD",)),
        ((), "JWT_APP_SECRET=z\nLDAP_BINDPW=mine\n", "", ("JWT_APP_SECRET",)),
    ],
)
def test_which_are_renewed(world, names, secrets, conf, found):
    world.paths.secrets.write_text(secrets)
    world.paths.conf.write_text(world.conf + conf)
    assert rotate.chosen(world.paths, names) == found


@pytest.mark.parametrize(
    "names, secrets, conf, code, what",
    [
        (("LDAP_BINDPW",), OTHER, "", Exit.USAGE, "expected names of generated secrets"),
        (("JVB_AUTH_PASSWORD",), "", "JVB_AUTH_PASSWORD=y\n", Exit.FAILED, "which is yours; change it there"),
        (("JWT_APP_SECRET",), OTHER, "", Exit.FAILED, "this site does not use it"),
        ((), "", "", Exit.FAILED, "found none"),
    ],
)
def test_which_are_refused(world, names, secrets, conf, code, what):
    world.paths.secrets.write_text(secrets)
    world.paths.conf.write_text(world.conf + conf)
    with pytest.raises(Failure, match=what) as failed:
        rotate.chosen(world.paths, names)
    assert failed.value.exit is code


def test_a_site_that_was_never_applied_has_nothing_to_renew(world):
    world.paths.current.unlink()
    with pytest.raises(Failure, match="found none applied"):
        rotate.chosen(world.paths, ())


def test_only_the_lines_of_the_names_are_replaced():
    text = "# mine\nJVB_AUTH_PASSWORD='old'\n\nexport LDAP_BINDPW=\"a b\"\nJICOFO_AUTH_PASSWORD=keep"
    assert renewed(text, {"JVB_AUTH_PASSWORD": "00ff", "JWT_APP_SECRET": "11"}) == text.replace("'old'", "00ff")
