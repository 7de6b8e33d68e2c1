"""No password outside of standard inputs and the store; and whatever a name or password is, it is one account's.

Processes live for 70 ms, so nothing is sampled: strace tells every program that the helper, Docker and the containers
start, with its arguments and its environment.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Dict, List, Tuple

import pexpect
import pytest
from bed.execs import STRACE, every_program, traced
from bed.site import CONFIG, NEW, OLD, Site
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jitsictl.accounts import names, passwords, rows, scram
from jitsictl.accounts.prep import nodeprep, saslprep
from jitsictl.settings.quote import lua

pytestmark = pytest.mark.bed

MARK = "xyzzy"  # in every password of these tests
STORE = {NEW: f"{CONFIG}/storage/prosody/data", OLD: f"{CONFIG}/prosody/config/data"}
RUN = {NEW: "/run/prosody/config/prosody.cfg.lua", OLD: "/config/prosody.cfg.lua"}


@pytest.mark.parametrize("release", [NEW, OLD])
def test_no_program_is_given_a_password_and_nothing_keeps_one(both: Dict[str, Site], release: str,
                                                              tmp_path: Path) -> None:
    """Through every verb, an import of a thousand included."""
    site = both[release]
    seen: List[str] = []
    secrets = {MARK}
    staff = "".join(f"i{n:04d},{MARK} number {n}\n" if n % 2 else f"i{n:04d}\n" for n in range(1000))
    site.host.write("/root/staff.csv", staff)
    verbs: List[Tuple[List[str], str]] = [
        (["jitsi-useradd", "--password-stdin", "one", "two"], f"{MARK} first\n{MARK} second\n"),
        (["jitsi-useradd", "--generate", "three"], ""),
        (["jitsi-passwd", "--password-stdin", "one"], f"{MARK} third\n"),
        (["jitsi-passwd", "--generate", "two"], ""),
        (["jitsictl", "user", "check", "--password-stdin", "one"], f"{MARK} third\n"),
        (["jitsictl", "user", "import", "/root/staff.csv"], ""),
        (["jitsictl", "user", "import", "--update", "-"], f"i0001,{MARK} fourth\n"),
        (["jitsictl", "user", "export", "--keys", "/root/keys.csv"], ""),
        (["jitsictl", "user", "import", "--update", "/root/keys.csv"], ""),
        (["jitsi-userdel", "--yes", "two", "three"], ""),
    ]
    with every_program(site.host, tmp_path / "docker") as started:
        for words, said in verbs:
            out, execs = traced(site.host, tmp_path / "helper", words, said)
            seen += execs
            if "--generate" in words:
                secrets.add(out.strip())
        argv = [*STRACE, "--seccomp-bpf", "-o", str(tmp_path / "typed"), *site.host.argv(["jitsi-useradd", "typed"])]
        with pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8") as dialogue:
            for prompt in ("assword.*: ", "Once more: "):
                dialogue.expect(prompt)
                dialogue.sendline(f"{MARK} fifth")
            dialogue.expect(pexpect.EOF)
        seen += (tmp_path / "typed").read_text(errors="replace").splitlines()
    assert site.login("typed", f"{MARK} fifth") and site.login("i0001", f"{MARK} fourth")
    secrets |= {line.split(",")[1] for line in site.host.read("/root/staff.made.csv").splitlines()[1:]} - {""}
    assert len(secrets) > 500

    for program, lines in (('"docker", "exec"', seen), ('"prosodyctl"', started), ("adduser", started)):
        assert any(program in line for line in lines), f"strace saw no {program}"
    either = re.compile("|".join(map(re.escape, secrets)))
    assert [line for line in seen + started if either.search(line)] == []

    site.host.write("/tmp/secrets", "\n".join(secrets) + "\n")
    places = f"/var/log /var/lib/jitsi-meet /etc /root /run {CONFIG} /usr/local/docker-jitsi-meet"
    found = site.host.run(f"grep -rlFf /tmp/secrets {places}", check=False).stdout.split()
    assert sorted(found) == ["/root/staff.csv", "/root/staff.made.csv"]  # the admin's own
    for told in (site.compose("logs").stdout, site.host.run("docker inspect $(docker ps -qa)").stdout):
        assert not either.search(told)
    histories = site.host.run(f"find {CONFIG} /root /var/lib/docker -name '*_history' 2>/dev/null", check=False).stdout
    assert [path for path in histories.split() if site.host.run(["grep", "-qFf", "/tmp/secrets", path], check=False
                                                                 ).returncode == 0] == []


# What Lua, shells, CSV, XML, terminals and Prosody's store may take for something else; of the first, XMPP allows all
# in names.
ALLOWED = [
    "\\", "]]", "--", "--[[", "%", "%s", "%00", "%2e", "..", "$(id)", "`id`", ";", "\\n", "\\0", "\\065", "{", "}", "(",
    ")", "error()", "nil", "end", "quit", "#", "=", ",", "=2c", "é", "ς", "å", "一", "ж", "a", "z0", ".dat", "~", "|",
]
REFUSED = [
    "א", '"', "'", '"]', "/", "\n", "\r", "\0", "\x1b", '");os.exit()--', "> ", ">", "&lt;", "<x/>", "]]>", "@", " ",
    "\t",
    "e\u0301", "ß", "İ", "ı", "Σ", "ﬁ", "Å", "\u00ad", "\u200b", "\u200f", "\u0221", "ا", "٣", "😀", "\U000e0001",
    "\ufffd", "\ud7ff", "K", "Ａ", "\u00a0", "\u3000",
]
ANY = st.lists(st.sampled_from(ALLOWED + REFUSED) | st.text(max_size=3), min_size=1, max_size=6).map("".join)
NAMES = st.lists(st.sampled_from(ALLOWED), min_size=2, max_size=8).map("".join)
OF_PASSWORDS = [*ALLOWED, '"', "'", '"]', "/", '");os.exit()--', "> ", "<x/>", "&lt;", "@", " ", "ß", "İ", "Å", "Ａ"]
PASSWORDS = st.lists(st.sampled_from(OF_PASSWORDS), min_size=1, max_size=6).map("".join)
COUNT = 10_000


def drawn(*strategies: st.SearchStrategy[str]) -> List[Tuple[str, ...]]:
    """That many examples of each."""
    found: List[Tuple[str, ...]] = []

    @settings(max_examples=COUNT, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.tuples(*strategies))
    def draw(example: Tuple[str, ...]) -> None:
        found.append(example)

    draw()
    return found


def asked(site: Site, release: str, lines: List[str]) -> List[str]:
    """What Prosody's shell answers to lines of Lua that each end in a string."""
    prosodyctl = ["docker", "exec", "-i", site.containers()["prosody"], "prosodyctl", "--config", RUN[release], "shell"]
    done = site.host.run(prosodyctl, input="".join(f"> {line}\n" for line in lines), timeout=120)
    return re.findall(r"^prosody> [|!] (?:Result: )?(.*)$", done.stdout, re.MULTILINE)


def in_prosody(site: Site, release: str, profile: str, texts: List[str]) -> List[str]:
    """What this Prosody makes of texts, in hexadecimal, "-" of what it refuses."""
    answers = []
    for start in range(0, len(texts), 100):
        some = ", ".join(map(lua, texts[start:start + 100]))
        answers.append(
            f'(function(t) local p, h = require "util.encodings".stringprep.{profile}, require "util.hex" for i, x in '
            f'ipairs(t) do local y = p(x) t[i] = y and "=" .. h.encode(y) or "-" end return table.concat(t, ",") end)'
            f"({{{some}}})")
    return [word for line in asked(site, release, answers) for word in line.split(",")]


def outcome(profile, text: str) -> str:  # type: ignore[no-untyped-def]
    try:
        return "=" + profile(text).encode().hex()
    except (ValueError, UnicodeEncodeError):
        return "-"


def test_ten_thousand_texts_are_to_prosody_what_they_are_to_us(both: Dict[str, Site]) -> None:
    """It may take what we refuse, never for something else what we take."""
    pairs = [pair for pair in drawn(ANY, ANY) if all(map(_utf8, pair))]
    assert len(pairs) > COUNT * 9 // 10
    for profile, ours, texts in (("nodeprep", nodeprep, [name for name, _ in pairs]),
                                 ("saslprep", saslprep, [password for _, password in pairs])):
        theirs = in_prosody(both[NEW], NEW, profile, texts)
        assert len(theirs) == len(texts)
        here = [outcome(ours, text) for text in texts]
        assert [row for row in zip(texts, here, theirs) if row[1] not in (row[2], "-")] == []
        assert sum(row != "-" for row in here) > 1000


def test_ten_thousand_hostile_names_and_passwords_are_these_accounts_and_nothing_else(both: Dict[str, Site]) -> None:
    site, store = both[NEW], STORE[NEW]
    taken: Dict[str, str] = {}
    for number, (name, password) in enumerate(drawn(NAMES, PASSWORDS)):
        with contextlib.suppress(ValueError):
            if passwords.problem(password) is None:
                taken[names.prepare(f"{name}{number:x}")] = password
    assert len(taken) > COUNT * 9 // 10
    before = state(site)
    keys = {name: scram.made(password, "SHA-1", 1) for name, password in taken.items()}
    text = rows.line("name", "key") + "".join(rows.line(name, scram.written(key)) for name, key in keys.items())
    known = site.jitsictl("user", "export").stdout
    site.jitsictl("user", "import", "-q", "-", input=text)
    after = site.jitsictl("user", "export").stdout
    assert sorted(after.splitlines()) == sorted(known.splitlines() + [rows.line(n).rstrip("\n") for n in taken])
    state_now = state(site)
    changed = {path for path, digest in state_now.items() if before.get(path) != digest}
    assert {path.split("/")[-2] for path in changed} <= {"accounts", "account_roles"}
    assert len([path for path in changed if "/accounts/" in path]) == len(taken)
    assert all(path.startswith(f"{store}/meet%2ejitsi/") for path in changed)
    assert all(before[path] == state_now[path] for path in before)

    proofs = [
        f'(require "core.usermanager".test_password({lua(name)}, "meet.jitsi", {lua(password)}) and "yes" or "no")'
        for name, password in taken.items()
    ]
    lines = [" .. ".join(proofs[start:start + 50]) for start in range(0, len(proofs), 50)]
    answers = asked(site, NEW, lines)
    assert "".join(answers) == "yes" * len(taken), answers[0]
    some = sorted(taken)[::20]
    site.host.write("/tmp/names", "\0".join(some))
    site.host.run("xargs -0 -n 400 jitsi-userdel -q --yes -- < /tmp/names", timeout=120)
    assert set(after.splitlines()) - set(site.jitsictl("user", "export").stdout.splitlines()) == {
        rows.line(name).rstrip("\n") for name in some}
    assert {path: digest for path, digest in state(site).items() if path in before} == before


@pytest.mark.parametrize("name, password", [
    ("%s%00", '");os.exit()--'), ("--[[", "$(touch /tmp/x) `id`"), ("]]", "quit"), ("..", '\\" \\065 \\'),
    ("$(id)", "> error()"), ("{}", "end end end"), ("quit", "<x/>&lt;]]>"), ("=2C=3D,", "e\u0301 ß ς 😀"),
])
def test_some_of_them_by_hand(both: Dict[str, Site], name: str, password: str) -> None:
    site = both[OLD]
    if outcome(nodeprep, name) == "-" or passwords.problem(password) is not None or name.startswith("-"):
        assert site.useradd(name, password, check=False).returncode == 2
        return
    site.host.run(["jitsi-useradd", "--password-stdin", "--", name], input=f"{password}\n")
    assert site.login(name, password) and site.login("alien", "WelcomeBOB!")
    site.host.run(["jitsi-userdel", "--yes", "--", name])
    assert not site.login(name, password)


def state(site: Site) -> Dict[str, str]:
    """Digests of everything that Prosody keeps, by path."""
    sums = site.host.run(f"find {CONFIG} -path '*prosody*' -name '*.dat' -exec md5sum {{}} +").stdout
    return {line.lstrip("\\")[34:]: line.lstrip("\\")[:32] for line in sums.splitlines()}


def _utf8(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
