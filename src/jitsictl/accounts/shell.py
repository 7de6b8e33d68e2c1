"""The running Prosody's shell as a conversation: many accounts in one process.

Its lines are evaluated as Lua in the server, so nothing but numbers and literals of `quote.lua` is put into them. No
password is: keys are made and compared on this side, and the shell keeps a history where it has readline.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from jitsictl.accounts import prosodyctl
from jitsictl.accounts.home import Running
from jitsictl.accounts.scram import HASHES, Key
from jitsictl.doors.conversation import Conversation, conversation
from jitsictl.doors.process import CommandFailed
from jitsictl.settings.quote import lua
from jitsictl.types.failure import Failure

SECONDS = 30.0  # for one line: fifty accounts take a hundredth of it
AT_ONCE = 50  # accounts a line: others wait while Prosody works on one

CREATED, CHANGED, LEFT = "c", "u", "e"

# What is called by each line. A name that is assigned to belongs to this session alone. Each function answers one
# letter an account and why it stopped; spaces push the answer out of the output's buffer of 4096 bytes.
_DEFINE = """
local um, sm, cm = require "core.usermanager", require "core.storagemanager", require "core.configmanager"
local prep, hex = require "util.encodings".stringprep.nodeprep, require "util.hex"
local to_hex = hex.encode or hex.to
local function each(rows, work)
  local letters, why = {}, ""
  for i, row in ipairs(rows) do
    local fine, letter, reason = pcall(work, row)
    if not fine then letter, reason = "f", letter end
    letters[i] = letter
    if reason then why = tostring(reason):gsub("[%c%]]", " "); break end
  end
  return "[" .. table.concat(letters) .. ":" .. why .. "]" .. (" "):rep(8192)
end
J_host = function(host)
  local served = prosody.hosts[host]
  if not served then return each({1}, function() return "h" end) end
  local kind = served.users and served.users.name or "none"
  if kind ~= "internal_hashed" then return each({1}, function() return "p", kind end) end
  J_accounts, J_name = sm.open(host, "accounts"), host
  local rounds = math.max(cm.get(host, "default_iteration_count") or 10000, 4096)
  local hash = cm.get(host, "password_hash") or "SHA-1"
  return each({1}, function() return "k", hash .. " " .. string.format("%d", rounds) end)
end
J_keys = function(users)
  local found = {}
  local answer = each(users, function(user)
    local is = J_accounts:get(user)
    if not is then return "a" end
    if not is.stored_key then return "n" end
    found[#found + 1] = table.concat({string.format("%d", is.iteration_count), to_hex(is.salt),
      is.stored_key, is.server_key}, " ")
    return is.disabled and "d" or "k"
  end)
  return (answer:gsub(":", ":" .. table.concat(found, ",") .. ":", 1))
end
J_store = function(update, rows)
  return each(rows, function(row)
    local user, salt, rounds, stored, server = row[1], row[2], row[3], row[4], row[5]
    if prep(user) ~= user then return "f", "it takes the name for another one" end
    local was = J_accounts:get(user)
    if was and not update then return "e" end
    if not was and um.set_user_role then
      assert(um.set_user_role(user, J_name, cm.get("*", "default_provisioned_role") or "prosody:member"))
    end
    local now = os.time()
    local is = was or { created = now }
    is.salt, is.iteration_count, is.stored_key, is.server_key = salt, rounds, stored, server
    is.password, is.updated = nil, now
    assert(J_accounts:set(user, is))
    local kept = J_accounts:get(user)
    assert(kept and kept.stored_key == stored and kept.salt == salt, "it is not in its store afterwards")
    if was then prosody.events.fire_event("user-password-changed", { username = user, host = J_name }) end
    return was and "u" or "c"
  end)
end
J_delete = function(users)
  return each(users, function(user)
    if not J_accounts:get(user) then return "a" end
    assert(um.delete_user(user, J_name))
    assert(not J_accounts:get(user), "it is in its store afterwards")
    return "d"
  end)
end
"""
# Those that end without a `]` on purpose come from `each` alone.
_ANSWER = re.compile(r"\[([a-z]*:[^\]]*)\] {256}")


@dataclass(frozen=True)
class Hashing:
    """How this Prosody stores passwords."""

    hash: str
    rounds: int


@dataclass(frozen=True)
class Found:
    """An account as Prosody has it. `key` None: there is one without a password."""

    key: Optional[Key]
    disabled: bool


class Shell:
    """Questions to and orders for the host of people's accounts. Failure: Prosody refuses, or does not answer."""

    def __init__(self, talk: Conversation, running: Running) -> None:
        self._talk = talk
        self._home = running.home
        self.hashing = self._open()

    def keys(self, names: Sequence[str]) -> Dict[str, Found]:
        """The accounts among `names` that exist."""
        found: Dict[str, Found] = {}
        for some in _batches(names):
            letters, rest = self._call(f"J_keys{{{', '.join(map(lua, some))}}}")
            keys, _, why = rest.partition(":")
            self._must_be_whole(letters, some, why)
            made = iter(keys.split(","))
            for name, letter in zip(some, letters):
                if letter != "a":
                    found[name] = Found(None if letter == "n" else self._key(next(made)), letter == "d")
        return found

    def delete(self, names: Sequence[str]) -> List[str]:
        """Delete accounts; returns those that were there. Each was looked for afterwards."""
        gone = []
        for some in _batches(names):
            letters, why = self._call(f"J_delete{{{', '.join(map(lua, some))}}}")
            gone += [name for name, letter in zip(some, letters) if letter == "d"]
            self._must_be_whole(letters, some, why)
        return gone

    def store(self, rows: Sequence[Tuple[str, Key]], *, update: bool) -> Tuple[str, str]:
        """Store keys, at most AT_ONCE; each was read afterwards.

        Returns a letter for each account that was come to, CREATED, CHANGED or LEFT, and why it went no further, "".
        """
        texts = (
            f"{{{lua(name)}, {_bytes(key.salt)}, {key.rounds:d}, {lua(key.stored.hex())}, {lua(key.server.hex())}}}"
            for name, key in rows
        )
        letters, why = self._call(f"J_store({'true' if update else 'false'}, {{{', '.join(texts)}}})")
        return letters.rstrip("f"), why

    def refused(self, name: str, why: str) -> Failure:
        """What Prosody said of an account, in words that help."""
        return prosodyctl.explained(f"Error: {why}", self._home.config, self._home.jid(name))

    def _open(self) -> Hashing:
        self._say(_one_line(_DEFINE))
        letter, what = self._call(f"J_host({lua(self._home.domain)})")
        if letter == "h":
            raise Failure(prosodyctl.NO_HOST.format(host=self._home.domain))
        name, _, rounds = what.partition(" ")
        if letter != "k" or name not in HASHES:
            raise Failure(
                f"expected Prosody to keep hashed passwords for {self._home.domain}, found {what}; take what "
                "says so out of prosody/config/conf.d, below CONFIG"
            )
        return Hashing(name, int(rounds))

    def _key(self, text: str) -> Key:
        rounds, salt, stored, server = text.split(" ")
        return Key(self.hashing.hash, int(rounds), *map(bytes.fromhex, (salt, stored, server)))

    def _call(self, call: str) -> Tuple[str, str]:
        letters, _, rest = self._say(f"> {call}").partition(":")
        return letters, rest

    def _say(self, line: str) -> str:
        try:
            return self._talk.ask(line, _ANSWER, deadline=SECONDS)
        except CommandFailed as failure:
            raise prosodyctl.failure(failure.done, self._home.config, self._home.jid("")) from None

    def _must_be_whole(self, letters: str, names: Sequence[str], why: str) -> None:
        if why or len(letters) != len(names):
            raise self.refused(names[max(0, len(letters) - 1)], why)


@contextlib.contextmanager
def shell(running: Running) -> Iterator[Shell]:
    """Prosody's shell for the block."""
    argv = ("docker", "exec", "-i", running.container.id, "prosodyctl", "--config", running.home.config, "shell")
    with conversation(argv) as talk:
        yield Shell(talk, running)


def _one_line(text: str) -> str:
    return f"> {' '.join(text.split())} return each({{}})"


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]


def _bytes(data: bytes) -> str:
    """Bytes as a Lua literal; a salt need not be text."""
    return '"' + "".join(f"\\{byte:03d}" for byte in data) + '"'
