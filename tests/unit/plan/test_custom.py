"""Our lines in the admin's custom-*.js: what they are, where they stand, and that nothing else in a file changes."""

from __future__ import annotations

import random

import pytest

from jitsictl.plan import custom
from jitsictl.plan.custom import BEGIN, CONFIG_JS, END, FILES, NoEnd, Served
from jitsictl.settings import catalogue
from jitsictl.types.change import Block, Change, File, PadsServed
from jitsictl.types.site import Applied
from unit.settings.test_javascript import attempts, taken
from unit.site import CONF, settings, wanted

INTERFACE_JS = FILES["interfaceConfig"]
PADS = "https://meet.example.org/etherpad/p/"
LINES = 'config.noticeMessage = "x";\n'
BLOCK = f"{BEGIN}\n{LINES}{END}\n".encode()


def lines(more="", pads=False):
    return custom.lines(settings(CONF + more), catalogue.load(), pads)


def test_no_setting_no_line():
    assert lines() == {CONFIG_JS: "", INTERFACE_JS: ""}


def test_each_setting_goes_where_the_client_reads_it():
    found = lines(
        "APP_NAME=\"Alien's \\\"Meet\\\" </script>\"\nLOGO_URL=https://example.org/logo.svg\nSHOW_LOGO=no\n"
        "WELCOME_PAGE_URL=https://example.org/\nTOKEN_AUTH_AUTO_REDIRECT=1\n".replace(" </script>", "")
    )
    assert found[CONFIG_JS].splitlines() == [
        "config.tokenAuthUrlAutoRedirect = true;",
        'config.defaultLogoUrl = "https://example.org/logo.svg";',
        'config.welcomePage = Object.assign({}, config.welcomePage, { customUrl: "https://example.org/" });',
    ]
    assert found[INTERFACE_JS].splitlines() == [
        'interfaceConfig.APP_NAME = "Alien\'s \\"Meet\\"";',
        'interfaceConfig.DEFAULT_WELCOME_PAGE_LOGO_URL = "https://example.org/logo.svg";',
        "interfaceConfig.SHOW_JITSI_WATERMARK = false;",
    ]


def test_every_setting_of_ours_has_a_place():
    for entry in catalogue.load().values():
        for target in entry.javascript:
            assert target.partition(".")[0] in FILES and 2 <= len(target.split(".")) <= 3
            assert entry.services == (), "an image's own variable needs no line"


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ("", PADS),
        ("ETHERPAD_PUBLIC_URL=https://pad.example.org/p/\n", "https://pad.example.org/p/"),
        ("ETHERPAD=0\n", ""),
        ("ETHERPAD=0\nETHERPAD_URL_BASE=http://192.0.2.7:9001\n", PADS),
    ],
)
def test_where_pads_are_follows_from_the_settings(more, url):
    conf = (CONF if "ETHERPAD=0" not in more else CONF.replace("ETHERPAD=1\n", "")) + more
    site = settings(conf)
    assert custom.pads_wanted(site) == url
    line = f'config.etherpad_base = "{url}";\n' if url else ""
    assert custom.lines(site, catalogue.load(), True)[CONFIG_JS] == line


def test_a_line_for_pads_stays_once_it_is_applied():
    made = lines(pads=True)[CONFIG_JS]
    applied = Applied(1, "stable-11146-2", {"custom-config.js": made})
    assert custom.has_pads(applied)
    assert not custom.has_pads(None) and not custom.has_pads(Applied(1, "stable-11146-2", {}))


ONE = b"config.a = 1;"
OWN = [b"", ONE, ONE + b"\n", b"\n", b"\n\n", b"a\r\nb\r\n", b"\xff\xfe latin", b"// " + BEGIN.encode()]


@pytest.mark.parametrize("own", OWN)
def test_all_else_in_a_file_stays_byte_for_byte(own):
    once = custom.whole(own, LINES)
    assert once.endswith(BLOCK) and once.startswith(own)
    assert custom.whole(once, LINES) == once
    assert custom.whole(custom.whole(once, "config.b = 2;\n"), "") == own


def test_all_else_stays_whatever_it_is():
    source = random.Random(6)
    pieces = [b"a", b"\n", b"\r\n", b" ", b"//", b"\xff", BEGIN.encode(), END.encode() + b"\n", b"config.x = 1;"]
    for _ in range(3000):
        own = b"".join(source.choices(pieces, k=source.randrange(7)))
        try:
            custom.whole(own, "")
        except NoEnd:
            continue
        bare = custom.own(own)
        assert custom.whole(custom.whole(own, LINES), "") == bare
        assert custom.own_in_place(own).count("\n") == own.count(b"\n")


@pytest.mark.parametrize(
    ("before", "after", "own"),
    [
        (b"a\n", b"b\n", b"a\nb\n"),
        (b"a", b"b\n", b"a\nb\n"),  # nor does a line join another
        (b"", b"b", b"b"),
        (b"a\n\n", b"", b"a\n\n"),
    ],
)
def test_what_was_written_behind_our_lines_is_kept_before_them(before, after, own):
    """jitsi.conf has the last word."""
    file = custom.whole(before, LINES) + after
    assert custom.own(file) == own
    assert custom.whole(file, LINES) == custom.whole(own, LINES)


@pytest.mark.parametrize("file", [BLOCK.replace(END.encode(), b""), b"a\n\n" + BEGIN.encode() + b"\nb\n\n" + BLOCK])
def test_lines_without_an_end_are_refused_with_their_line(file):
    """What is ours and what is not cannot be told."""
    with pytest.raises(NoEnd) as wrong:
        custom.whole(file, LINES)
    assert file.splitlines()[wrong.value.line - 1] == BEGIN.encode()


def test_our_lines_leave_the_numbers_of_the_others():
    file = custom.whole(b"a\nb\n", LINES) + b"c\n"
    text = custom.own_in_place(file)
    assert text.splitlines().index("c") == file.decode().splitlines().index("c")
    assert LINES not in text


def test_our_lines_break_no_script_of_the_admins():
    """What an engine takes alone, it takes with ours behind it."""
    own = attempts(4000, 10)
    own = [text for text, takes in zip(own, taken(own)) if takes]
    every = "".join(lines("NOTICE_MESSAGE=it's\nWELCOME_PAGE_URL=https://example.org/\n", pads=True).values())
    both = [custom.whole(text.encode(), every).decode() for text in own]
    assert len(own) > 400 and [text for text, takes in zip(both, taken(both)) if not takes] == []


def test_a_step_only_where_a_file_changes():
    before = {CONFIG_JS: BLOCK, INTERFACE_JS: b""}
    assert custom.steps("/c", before, {CONFIG_JS: LINES, INTERFACE_JS: ""}) == ()
    after = {CONFIG_JS: "", INTERFACE_JS: LINES}
    assert custom.steps("/c", before, after) == (Block(f"/c/{CONFIG_JS}", ""), Block(f"/c/{INTERFACE_JS}", LINES))


def test_the_proof_stands_before_the_commit_point():
    change = Change("etherpad fix", (File("/a", ""), File("/b", "")), 1, "stable-11146-2")
    made = custom.proved(change, PADS)
    assert made.steps == (File("/a", ""), PadsServed(PADS), File("/b", "")) and made.commit == 2
    assert not custom.proved(Change("etherpad fix", (), 0, "stable-11146-2"), PADS)


def test_our_lines_are_part_of_a_generation():
    assert "custom-config.js" not in wanted().files


# -- what is served ----------------------------------------------------------------------------------------------

PAGE = "var config = {};\nconfig.a = 1;\nconfig.etherpad_base = 'https://x/p/';\n"


@pytest.mark.parametrize(
    ("rendered", "own", "found"),
    [
        (PAGE, b"", Served("https://x/p/", "", 3)),
        (PAGE, b"config.b = 1;\n", Served("https://x/p/", "", 3)),
        (PAGE, b"\nconfig.etherpad_base = 'y';\n", Served("y", CONFIG_JS, 2)),
        (PAGE, b"config.etherpad_base = y;", Served(None, CONFIG_JS, 1)),
        (PAGE, b"// config.etherpad_base = 'y';\n", Served("https://x/p/", "", 3)),
        ("var config = {};\n", b"", Served()),
        (PAGE, b"a = 1;\nb = {\n", Served(None, CONFIG_JS, 2, "a { that is not closed")),
        ("var config = {\n", b"", Served(None, "", 1, "a { that is not closed")),
    ],
)
def test_the_last_assignment_is_told_with_its_place(rendered, own, found):
    assert custom.served(rendered + own.decode(), own) == found


def test_a_file_that_is_not_what_is_served_gives_no_place():
    assert custom.served(PAGE, b"config.etherpad_base = 'y';\n") == Served("https://x/p/", "", 3)


TUTORIAL = """\
    // If set, add a "Open shared document" link to the bottom right menu that
    // will open an etherpad document.
    // etherpad_base: 'https://meet.darkstar.lan/pad/p/',
"""


@pytest.mark.parametrize("old", [TUTORIAL, TUTORIAL.replace("// ether", "ether"), TUTORIAL.replace("',", "'  ")])
def test_the_tutorials_line_is_made_good(old):
    file = f"var config = {{\n{old}    x: 1\n}};\n"
    made = custom.uncommented(file, file, PADS)
    assert made == file.replace(old.splitlines()[2], f'    etherpad_base: "{PADS}",')
    assert custom.served(made, b"") == Served(PADS, "", 4) and taken([made]) == [True]


@pytest.mark.parametrize(("file", "page"), [(PAGE, PAGE), (TUTORIAL, PAGE), ("// etherpad_base is nice\n",) * 2])
def test_another_config_is_left_alone(file, page):
    assert custom.uncommented(file, page, PADS) is None
