"""Programs that ask on a terminal."""

from __future__ import annotations

import time

import pytest

from jitsictl.doors.process import DeadlineExceeded, NotFound, mask
from jitsictl.doors.terminal import dialogue

ASK_TWICE = """
[ -t 0 ] && [ -t 1 ] || { echo no terminal; exit 9; }
printf 'Enter new password: '; stty -echo; read -r one; stty echo; echo
printf 'Retype new password: '; stty -echo; read -r two; stty echo; echo
[ "$one" = "$two" ] || { echo Error: different; exit 2; }
printf '%s' "$one" | od -An -v -tx1 | tr -d ' \\n'; echo
"""


def answers(one: str, two: str):
    return [("Enter new password: ", one), ("Retype new password: ", two)]


PASSWORDS = ["simple", "blank at the end ", "q\"u'o\\te$HOME`id`", "h\u00e4lt \u20ac", "x" * 1023]


@pytest.mark.parametrize("password", PASSWORDS)
def test_an_answer_arrives_byte_for_byte(password):
    done = dialogue(["sh", "-c", f"IFS=; {ASK_TWICE}"], answers(password, password), deadline=10)
    assert done.code == 0, done
    assert done.out.split()[-1] == password.encode().hex()


def test_the_code_and_words_of_a_refusal():
    done = dialogue(["sh", "-c", ASK_TWICE], answers("one password", "other password"), deadline=10)
    assert done.code == 2 and done.out.rstrip().endswith("Error: different")


def test_a_program_that_ends_before_it_asks():
    done = dialogue(["sh", "-c", "printf '\\033[1;31mError: User exists\\033[0m\\n'; exit 1"], answers("a", "a"),
                    deadline=10)
    assert (done.code, done.out.strip()) == (1, "Error: User exists")


def test_a_program_that_never_asks_is_killed_with_its_children():
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="did not end within 0.5 s"):
        dialogue(["sh", "-c", "trap '' HUP TERM; sleep 60 & wait"], answers("a", "a"), deadline=0.5)
    assert time.monotonic() - started < 5


def test_what_the_terminal_echoes_is_masked_when_it_is_shown():
    done = dialogue(["sh", "-c", "printf 'Enter new password: '; read x; echo got it: $x"],
                    [("Enter new password: ", "echoed-secret")], deadline=10)
    assert "echoed-secret" in done.out and "echoed-secret" not in done.last_lines
    assert "echoed-secret" not in mask(done.out)


def test_no_such_program():
    with pytest.raises(NotFound, match="expected the program no-such-program"):
        dialogue(["no-such-program"], [], deadline=5)
