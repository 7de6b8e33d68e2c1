"""Each type of setting: what it takes, in which form it is written, and what it says of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.settings import catalogue
from jitsictl.settings.kinds import KINDS, normalise

TAKEN = [
    *[("bool", word, "1") for word in ("1", "true", "True", "YES", "on", "y", "t", "enabled")],
    *[("bool", word, "0") for word in ("0", "false", "FALSE", "no", "Off", "n", "f", "disabled")],
    ("int 1..10", "1", "1"),
    ("int 1..10", "10", "10"),
    ("int 0..", "007", "7"),
    ("number 0..1", "0.8", "0.8"),
    ("number 0..1", "1", "1"),
    ("port", "1", "1"),
    ("port", "65535", "65535"),
    ("listen", "8440", "8440"),
    ("listen", "127.0.0.1:8440", "127.0.0.1:8440"),
    ("listen", "[::1]:8440", "[::1]:8440"),
    ("listen", "[0:0::1]:8440", "[::1]:8440"),
    ("ip", "192.0.2.10", "192.0.2.10"),
    ("ip", "2001:DB8::A", "2001:db8::a"),
    ("ips", "192.0.2.10", "192.0.2.10"),
    ("ips", "192.0.2.10, fe80::1#12000", "192.0.2.10,fe80::1#12000"),
    ("cidrs", "172.16.0.0/12, 192.0.2.1", "172.16.0.0/12,192.0.2.1/32"),
    ("host", "Meet.Example.COM", "meet.example.com"),
    ("host", ".".join(["a" * 63] * 3 + ["b" * 61]), ".".join(["a" * 63] * 3 + ["b" * 61])),  # 253, the most
    ("hosts", "a.example:3478, b", "a.example:3478,b"),
    ("url", "http://etherpad.meet.jitsi:9001", "http://etherpad.meet.jitsi:9001"),
    ("url", "https://[2001:db8::1]:8443/x?y=1", "https://[2001:db8::1]:8443/x?y=1"),
    ("url https", "https://sso.example.com/{room}", "https://sso.example.com/{room}"),
    ("url ldap|ldaps", "ldaps://ldap.example.com/", "ldaps://ldap.example.com/"),
    ("site", "https://meet.example.com", "https://meet.example.com"),
    ("site", "https://Meet.example.com///", "https://meet.example.com"),
    ("site", "https://meet.example.com:8443/", "https://meet.example.com:8443"),
    ("duration", "90 seconds", "90 seconds"),
    ("duration", "24h", "24h"),
    ("memory", "3072M", "3072m"),
    ("memory", "3gb", "3g"),
    ("rate", "10kb/s", "10kb/s"),
    ("timezone", "Europe/Amsterdam", "Europe/Amsterdam"),
    ("timezone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("timezone", "Etc/GMT+5", "Etc/GMT+5"),
    ("enum UDP|TCP", "tcp", "TCP"),
    ("list", "a, b,c", "a,b,c"),
    ("codecs", "av1, VP9", '["AV1", "VP9"]'),
    ("codecs", '["AV1", "VP9"]', '["AV1", "VP9"]'),
    ("path", "/usr//share/./docker/", "/usr/share/docker"),
    ("word", "full-width_1.2", "full-width_1.2"),
    ("image", "ghcr.io/jitsi", "ghcr.io/jitsi"),
    ("image", "127.0.0.1:5000/jitsi", "127.0.0.1:5000/jitsi"),
    ("image", "jitsi", "jitsi"),
    ("release", "stable-11146-2", "stable-11146-2"),
    ("release", "stable-11031", "stable-11031"),
    ("secret", "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj", "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj"),
    ("text", "(sAMAccountName=%u)", "(sAMAccountName=%u)"),
    ("header", "frame-ancestors 'self'", "frame-ancestors 'self'"),
    ("lua", 'expires = "1d"', 'expires = "1d"'),
    ("prose", 'It\'s "new" \\o/\r\n\tx\n', 'It\'s "new" \\o/\n\tx\n'),
    ("pem", "-----BEGIN PRIVATE KEY-----\\nAA==\\n", "-----BEGIN PRIVATE KEY-----\\nAA==\\n"),
]


@pytest.mark.parametrize(("kind", "value", "written"), TAKEN)
def test_what_is_taken_and_how_it_is_written(kind, value, written):
    assert normalise(kind, value) == written


BREAKS = "which would break the services' configuration files; write it without"
REFUSED = [
    ("bool", "maybe", "is neither on nor off; write 1 or 0"),
    ("bool", "2", "is neither on nor off; write 1 or 0"),
    ("int 1..10", "ten", "is no whole number; write a whole number from 1 to 10"),
    ("int 1..10", "1.5", "is no whole number; write a whole number from 1 to 10"),
    ("int 1..10", "0", "is out of range; write a whole number from 1 to 10"),
    ("int 1..10", "11", "is out of range; write a whole number from 1 to 10"),
    ("int 1..", "0", "is out of range; write a whole number of at least 1"),
    ("number 0..1", "0,8", "is no number; write a number from 0 to 1, with a point: 0.8"),
    ("number 0..1", "1.1", "is out of range; write a number from 0 to 1, with a point: 0.8"),
    ("port", "0", "is no port; write a number from 1 to 65535"),
    ("port", "65536", "is no port; write a number from 1 to 65535"),
    ("port", "080", "is no port; write a number from 1 to 65535"),
    ("port", "127.0.0.1:80", "is no port; write a number from 1 to 65535"),
    ("listen", "99999", "is no port; write ADDRESS:PORT, such as 127.0.0.1:8440"),
    ("listen", "127.0.0.1:", "is no port; write ADDRESS:PORT, such as 127.0.0.1:8440"),
    *[
        (
            "listen",
            value,
            "does not start with an IP address; write ADDRESS:PORT, such as 127.0.0.1:8440 or [::1]:8440",
        )
        for value in ("localhost:8440", ":8440", "::1:8440", "[127.0.0.1]:8440", "[::1:8440", "127.0.0.256:80")
    ],
    ("ip", "meet.example.com", "is no IP address; write numbers, such as 192.0.2.10 or 2001:db8::10"),
    ("ip", "10.10.10", "is no IP address; write numbers, such as 192.0.2.10 or 2001:db8::10"),
    *[
        (
            "ips",
            f"192.0.2.1,{item}",
            f"has '{item}', which is no IP address; write addresses with commas between them, each as "
            "192.0.2.10 or with a port as 192.0.2.10#12000",
        )
        for item in ("192.0.2.256", "192.0.2.1#0", "192.0.2.1#", "192.0.2.1:80", "host")
    ],
    ("ips", "192.0.2.1,,192.0.2.2", "has an empty item; write items with one comma between them"),
    (
        "cidrs",
        "172.16.0.1/12",
        "has '172.16.0.1/12', which is no network; write it as 172.16.0.0/12 or 192.0.2.10",
    ),
    *[
        (
            "host",
            value,
            "is no host name; write letters, digits, - and dots, such as meet.example.com",
        )
        for value in ("https://meet", "a_b", "-a", "a..b", "a.", ".".join(["a" * 63] * 3 + ["b" * 62]))
    ],
    (
        "hosts",
        "a:99999",
        "has 'a:99999', which is no host; write HOST or HOST:PORT, with commas between them",
    ),
    ("url", "meet.example.com", "is no URL that starts as it must; write http:// or https://host.name/path"),
    ("url https", "http://a.example", "is no URL that starts as it must; write https://host.name/path"),
    ("url", "http://a b", "has a blank; write http:// or https://host.name/path"),
    ("url", "http://", "has no valid host name; write http:// or https://host.name/path"),
    ("url", "http://a_b/", "has no valid host name; write http:// or https://host.name/path"),
    ("url", "http://a:0/", "has no valid host name; write http:// or https://host.name/path"),
    ("url", "http://a:x/", "is no URL; write http:// or https://host.name/path"),
    ("url", "http://[::1/", "is no URL; write http:// or https://host.name/path"),
    ("site", "http://meet.example.com", "is no URL that starts as it must; write https://host.name/path"),
    *[
        (
            "site",
            value,
            "has something behind or in front of the host name; write https://meet.example.com, "
            "Jitsi Meet cannot live in a sub-folder",
        )
        for value in ("https://a.example/meet", "https://a.example/?x", "https://a.example/#x", "https://u@a.example")
    ],
    ("duration", "90", "is no duration with a unit; write it as 90 seconds, 15 minutes or 24 hours"),
    ("duration", "soon", "is no duration with a unit; write it as 90 seconds, 15 minutes or 24 hours"),
    ("memory", "3072", "is no amount of memory; write it as 3072m or 3g"),
    ("memory", "0m", "is no amount of memory; write it as 3072m or 3g"),
    ("rate", "fast", "is no rate; write it as 10kb/s or 1mb/s"),
    ("timezone", "Europe/", "is no time zone; write a name such as Europe/Amsterdam or UTC"),
    ("timezone", "../../etc/passwd", "is no time zone; write a name such as Europe/Amsterdam or UTC"),
    ("enum a|b|c", "d", "is none of the choices; write a, b or c"),
    ("list", "a b,c", "has a blank in 'a b'; write items with commas between them"),
    ("list", "a,", "has an empty item; write items with one comma between them"),
    ("codecs", "AV1,H265", "is no list of codecs; write some of AV1,VP9,VP8,H264, the first one preferred"),
    ("codecs", "AV1,AV1", "is no list of codecs; write some of AV1,VP9,VP8,H264, the first one preferred"),
    *[
        ("path", value, "is no path to use; write an absolute one, without blanks, `:`, `$` and `..`")
        for value in ("var/lib", "/", "//", "/a/../b", "/a b", "/a:b", "/a$b", "~/cfg")
    ],
    ("word", "a b", "is no single word; write letters, digits, `.`, `_` and `-` only"),
    ("image", "https://ghcr.io/jitsi", "is no image repository; write it as ghcr.io/jitsi or 127.0.0.1:5000/jitsi"),
    ("image", "ghcr.io/jitsi/", "is no image repository; write it as ghcr.io/jitsi or 127.0.0.1:5000/jitsi"),
    ("release", "11146-2", "is no release; write its tag, such as stable-11146-2"),
    ("release", "latest", "is no release; write its tag, such as stable-11146-2"),
    ("secret", "a b", "has a blank, which the services' start scripts split at; write it without"),
    ("text", 'a"b', f'has a double quote (") at character 2, {BREAKS}'),
    ("text", "it's", f"has a quote (') at character 3, {BREAKS}"),
    ("text", "`id`", f"has a back quote (`) at character 1, {BREAKS}"),
    ("text", "a\\", f"has a backslash (\\) at character 2, {BREAKS}"),
    ("text", "a\nb", f"has a line break at character 2, {BREAKS}"),
    ("text", "a\rb", f"has a carriage return at character 2, {BREAKS}"),
    ("text", "a\tb", f"has a tab at character 2, {BREAKS}"),
    ("text", "a\x1bb", f"has the control character 0x1b at character 2, {BREAKS}"),
    ("text", "\x7f", f"has the control character 0x7f at character 1, {BREAKS}"),
    ("header", 'a"b', f'has a double quote (") at character 2, {BREAKS}'),
    ("lua", "a\\b", f"has a backslash (\\) at character 2, {BREAKS}"),
    ("lua", "a\nb", f"has a line break at character 2, {BREAKS}"),
    ("prose", "a\x1bb", f"has the control character 0x1b at character 2, {BREAKS}"),
    ("pem", 'a"b', f'has a double quote (") at character 2, {BREAKS}'),
]


@pytest.mark.parametrize(("kind", "value", "said"), REFUSED)
def test_what_is_refused_and_what_is_said(kind, value, said):
    with pytest.raises(ValueError) as error:
        normalise(kind, value)
    assert str(error.value) == said


def test_every_type_is_in_both_tables():
    taken = {kind.split()[0] for kind, *_ in TAKEN}
    assert taken == set(KINDS)
    assert {kind.split()[0] for kind, *_ in REFUSED} == set(KINDS)


ARGUMENTS = {"int": "int 1..10", "number": "number 0..1", "enum": "enum a|b", "url": "url https|ldap"}
ANY = st.one_of(st.text(max_size=20), st.text(st.sampled_from("0123456789.:,/#[]-ahtps"), max_size=14))


@given(st.sampled_from(sorted(KINDS)), ANY)
def test_a_value_is_refused_or_stays_as_it_was_made(word, value):
    """No other error than ValueError, and writing a value twice is writing it once."""
    kind = ARGUMENTS.get(word, word)
    try:
        once = normalise(kind, value)
    except ValueError:
        return
    assert normalise(kind, once) == once


QUOTING = {"header", "lua", "prose", "pem", "codecs"}


@given(
    st.sampled_from([entry.type for entry in catalogue.load().values() if entry.type.split()[0] not in QUOTING]),
    st.text(st.sampled_from("\"'\\\n`a1"), max_size=6),
)
def test_nothing_that_breaks_a_file_gets_through(kind, value):
    try:
        written = normalise(kind, value)
    except ValueError:
        return
    assert not set(written) & set("\"'\\\n`")
