"""The grammar of jitsi.conf: what each line means, and what is said of a line that means nothing."""

from __future__ import annotations

import pytest

from jitsictl.settings.read import parse, read_bytes
from jitsictl.types.settings import Line


def values(text):
    lines, problems = parse(text, "jitsi.conf")
    assert problems == []
    return {line.name: line.value for line in lines}


def problem(text):
    lines, problems = parse(text, "jitsi.conf")
    assert len(problems) == 1, (lines, problems)
    return str(problems[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NAME=value", "value"),
        ("NAME=", ""),
        ("NAME=two words", "two words"),
        ("NAME=a#b", "a#b"),
        ("NAME=value # a comment", "value"),
        ("NAME=value  #a comment", "value"),
        ("NAME=value   ", "value"),
        ("  NAME=value", "value"),
        ("NAME = value", "value"),
        ("export NAME=value", "value"),
        ("export\tNAME=value", "value"),
        ("NAME=a=b", "a=b"),
        ("NAME=a\\nb", "a\\nb"),
        ("NAME=it's", "it's"),
        ("NAME=5$ a$1", "5$ a$1"),
        ('NAME="5$ a$1"', "5$ a$1"),
        ("NAME=\u00a0value\u00a0", "value"),
        ('NAME=say "yes"', 'say "yes"'),
        ("NAME=''", ""),
        ("NAME='$HOME'", "$HOME"),
        ("NAME='a # b'", "a # b"),
        ("NAME='a\\nb'", "a\\nb"),
        ("NAME='a' # a comment", "a"),
        ("NAME='  a  '", "  a  "),
        ('NAME=""', ""),
        ('NAME="a # b"', "a # b"),
        ('NAME="a" # a comment', "a"),
        (r'NAME="a\nb"', "a\nb"),
        (r'NAME="\"a\" \\ \$HOME"', '"a" \\ $HOME'),
        (r'NAME="\\n"', r"\n"),
        ("NAME=grüße", "grüße"),
        ("NAME=a\u2028b", "a\u2028b"),
    ],
)
def test_a_line_and_its_value(text, value):
    assert values(text) == {"NAME": value}


@pytest.mark.parametrize("text", ["", "\n\n", "# NAME=value", "   # NAME=value", "\t", "#"])
def test_lines_without_a_setting(text):
    assert values(text) == {}


# The lines of .env as the tutorial has them, and what they mean.
TUTORIAL = [
    ("CONFIG=/usr/share/docker/data/jitsi-meet-cfg", "/usr/share/docker/data/jitsi-meet-cfg"),
    ("HTTP_PORT=8440", "8440"),
    ("TZ=Europe/Amsterdam", "Europe/Amsterdam"),
    ("PUBLIC_URL=https://meet.darkstar.lan/", "https://meet.darkstar.lan/"),
    ("DOCKER_HOST_ADDRESS=10.10.10.10", "10.10.10.10"),
    ("ENABLE_LOBBY=1", "1"),
    ("ENABLE_IPV6=0", "0"),
    ("DISABLE_HTTPS=1", "1"),
    ("ENABLE_LETSENCRYPT=0", "0"),
    ("AUTH_TYPE=jwt", "jwt"),
    ("TOKEN_AUTH_URL=https://sso.meet.darkstar.lan/{room}", "https://sso.meet.darkstar.lan/{room}"),
    ("JWT_APP_ID=jitsi", "jitsi"),
    ("JWT_APP_SECRET=NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj", "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj"),
    ("ETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001", "http://etherpad.meet.jitsi:9001"),
    ("ETHERPAD_PUBLIC_URL=https://meet.darkstar.lan/pad/p/", "https://meet.darkstar.lan/pad/p/"),
    ("ETHERPAD_TITLE=Slackware EtherPad Chat", "Slackware EtherPad Chat"),
    (
        r'ETHERPAD_DEFAULT_PAD_TEXT="Welcome to Slackware Web Chat!\n\n"',
        "Welcome to Slackware Web Chat!\n\n",
    ),
]


@pytest.mark.parametrize(("text", "value"), TUTORIAL)
def test_the_tutorials_lines(text, value):
    assert values(text) == {text.partition("=")[0]: value}


def test_lines_are_counted_from_one():
    assert parse("# comment\n\nA=1\nB=2\n", "f")[0] == [Line("A", "1", "f", 3), Line("B", "2", "f", 4)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NAME", "jitsi.conf:1: is no assignment; write NAME=value, or # in front of a comment"),
        ("NAME: value", "jitsi.conf:1: is no assignment; write NAME=value, or # in front of a comment"),
        ("=value", "jitsi.conf:1: has no name in front of the =; write NAME=value"),
        (
            "TWO WORDS=value",
            "jitsi.conf:1: 'TWO WORDS' is no name of a setting; names have letters, digits and _ only",
        ),
        (
            "export a-b=value",
            "jitsi.conf:1: 'a-b' is no name of a setting; names have letters, digits and _ only",
        ),
        ("1A=value", "jitsi.conf:1: '1A' is no name of a setting; names have letters, digits and _ only"),
        ("A='value", "jitsi.conf:1: A: the ' is not closed on this line"),
        ('A="value', 'jitsi.conf:1: A: the " is not closed on this line'),
        ('A="value\\"', 'jitsi.conf:1: A: the " is not closed on this line'),
        (
            "A='it\\'s'",
            "jitsi.conf:1: A: there is more text after the closing '; quote all of the value or nothing",
        ),
        (
            'A="a"b',
            'jitsi.conf:1: A: there is more text after the closing "; quote all of the value or nothing',
        ),
        (
            'A="a"#b',
            'jitsi.conf:1: A: there is more text after the closing "; quote all of the value or nothing',
        ),
        (
            "A='a\\'",
            'jitsi.conf:1: A: has a backslash before the closing \'; write "..." with \\\\ for a backslash',
        ),
        ('A="a\\tb"', 'jitsi.conf:1: A: \\t is no escape; inside "..." there are \\" \\\\ \\$ and \\n'),
        (
            "A=#b",
            "jitsi.conf:1: A: the value starts with #; quote it, or write the comment on a line of its own",
        ),
        (
            "A= # b",
            "jitsi.conf:1: A: the value starts with #; quote it, or write the comment on a line of its own",
        ),
        (
            "A=x$HOME",
            "jitsi.conf:1: A: has a $ unquoted: Compose would put the value of a variable here, or "
            "nothing; write the value in '...' to keep the $",
        ),
        (
            "A=${HOME:-x}",
            "jitsi.conf:1: A: has a $ unquoted: Compose would put the value of a variable here, or "
            "nothing; write the value in '...' to keep the $",
        ),
        (
            "A=a$$b",
            "jitsi.conf:1: A: has a $ unquoted: Compose would make one $ of the two; write the value in "
            "'...' to keep the $",
        ),
        (
            "A=a${1}",
            "jitsi.conf:1: A: has a $ unquoted: Compose would look for a variable's name in the braces; "
            "write the value in '...' to keep the $",
        ),
        (
            'A="a $HOME"',
            'jitsi.conf:1: A: has a $ in "...": Compose would put the value of a variable here, or '
            "nothing; write the value in '...' to keep the $",
        ),
        ("A=1\n\nA=2", "jitsi.conf:3: A: is set here and in line 1; keep one of the two"),
    ],
)
def test_what_is_said_of_a_wrong_line(text, said):
    assert problem(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "PASSWORD='hunter2",
        'PASSWORD="hunter2"x',
        "PASSWORD=hunter2$$",
        "PASSWORD=a$hunter2",
        "hunter2",
        "Hunter+hunter2==",
    ],
)
def test_no_message_holds_a_value(text):
    assert "hunter2" not in problem(text)


def test_every_wrong_line_is_said_and_the_right_ones_are_kept():
    lines, problems = parse("A=1\nB\nC='\nD=4", "f")
    assert [line.name for line in lines] == ["A", "D"]
    assert [p.line for p in problems] == [2, 3]


def test_a_name_three_times_names_the_line_before():
    _, problems = parse("A=1\nA=2\nA=3", "f")
    assert [str(p) for p in problems] == [
        "f:2: A: is set here and in line 1; keep one of the two",
        "f:3: A: is set here and in line 2; keep one of the two",
    ]


@pytest.mark.parametrize(
    "data",
    [b"A=1\nB=2\n", b"A=1\r\nB=2\r\n", b"\xef\xbb\xbfA=1\nB=2", b"A=1\nB=2", b"\xef\xbb\xbfA=1\r\nB=2"],
)
def test_line_ends_and_byte_order_marks(data):
    lines, problems = read_bytes(data, "f")
    assert problems == []
    assert [(line.name, line.value, line.number) for line in lines] == [("A", "1", 1), ("B", "2", 2)]


def test_an_empty_file_has_no_settings():
    assert read_bytes(b"", "f") == ([], [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\nA=\0", "f:2: has a NUL byte here: it is not a text file"),
        (b"A=1\nB=\0\nC=\0", "f:2: has a NUL byte here: it is not a text file"),
        (b"\x7fELF\x02\x01\x01\0\0", "f:1: has a NUL byte here: it is not a text file"),
        (b"A=1\n\nB=gr\xfc\xdfe\n", "f:3: byte 0xfc is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbfA=1\nB=\xe9", "f:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("A=1\n".encode("utf-16"), "f:1: is UTF-16; save it as UTF-8"),
    ],
)
def test_files_that_are_no_text(data, said):
    lines, problems = read_bytes(data, "f")
    assert lines == []
    assert [str(p) for p in problems] == [said]
