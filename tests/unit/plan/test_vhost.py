"""The text of Apache's file. What httpd makes of it is tried in tests/stack/test_front_pages.py."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl import releases
from jitsictl.plan import vhost
from jitsictl.plan.vhost import Around
from jitsictl.settings import quote
from unit.site import CONF, SIGN_ON, settings

STOCK = Around()
TOKENS = "AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n"


def made(more: str = "", around: Around = STOCK, conf: str = CONF, release: str = "stable-11146-2") -> str:
    return vhost.text(settings(conf + more, release), around)


def secure(text: str) -> str:
    """The virtual host of the page itself."""
    return text.split("<VirtualHost *:", 3)[2]


def read_by_httpd(line: str) -> str:
    """The one argument of a line, as ap_getword_conf of httpd 2.4 takes it; AssertionError: there is more than one."""
    assert line[0] == '"'
    taken, at = "", 1
    while line[at] != '"':
        if line[at] == "\\" and line[at + 1] in '\\"':
            at += 1
        taken += line[at]
        at += 1
    assert at == len(line) - 1
    return taken


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60))
def test_httpd_reads_back_what_was_quoted(value):
    try:
        line = quote.httpd(value)
    except ValueError:
        assert "${" in value
        return
    assert read_by_httpd(line) == value and "${" not in line


@given(st.text(min_size=1, max_size=60))
def test_a_quoted_value_is_one_line(value):
    try:
        line = quote.httpd(value)
    except ValueError as error:
        assert re.search(r"\$\{|[\x00-\x1f\x7f-\x9f\ud800-\udfff]", value), error
        return
    assert len(line.splitlines()) == len(("x" + value + "x").splitlines()) and "\n" not in line and "\0" not in line


@pytest.mark.parametrize("value", ["a${PATH}b", "a\nServerName b", "a\0", "a\x7f", "a\x85", "\udc80", "x" * 4097])
def test_what_cannot_be_quoted_is_refused(value):
    with pytest.raises(ValueError, match="write"):
        quote.httpd(value)


def test_a_value_without_a_place_is_named():
    """No type of setting lets one through today."""
    found = settings()
    values = {**found.values, "TLS_KEY": type(found.values["TZ"])("/a/${HOME}/key", "jitsi.conf:1")}
    with pytest.raises(ValueError, match=r"^TLS_KEY has \$\{"):
        vhost.text(type(found)(found.release, values), STOCK)


def test_certificate_and_key_are_where_dehydrated_keeps_them_or_where_it_is_said():
    assert 'SSLCertificateFile "/etc/dehydrated/certs/meet.example.org/fullchain.pem"\n' in made()
    assert 'SSLCertificateKeyFile "/etc/dehydrated/certs/meet.example.org/privkey.pem"\n' in made()
    text = made("TLS_CERTIFICATE=/etc/ssl/meet.crt\nTLS_KEY=/etc/ssl/meet.key\nACME_DIRECTORY=/srv/acme/\n")
    assert 'SSLCertificateFile "/etc/ssl/meet.crt"\n' in text and 'SSLCertificateKeyFile "/etc/ssl/meet.key"\n' in text
    assert 'Alias "/.well-known/acme-challenge/" "/srv/acme/"\n' in text and "dehydrated" not in text


def test_without_a_certificate_port_80_serves_the_challenge_and_redirects_nobody():
    text = vhost.text(settings(), Around(frozenset()), frozenset(vhost.hosts(settings())))
    assert re.findall("<VirtualHost .*>|Listen .*", text) == ["Listen 80", "<VirtualHost *:80>"]
    assert 'Alias "/.well-known/acme-challenge/" "/var/www/dehydrated/"\n' in text
    assert not re.search("Rewrite|SSL|Proxy|Header", text)
    lines = made(around=Around(frozenset({443}))).splitlines()
    assert [line for line in text.splitlines() if line not in lines] == [], "it is a part of the whole file"


@pytest.mark.parametrize(
    ("published", "back"),
    [
        ("127.0.0.1:8440", "127.0.0.1:8440"),
        ("8441", "127.0.0.1:8441"),
        ("0.0.0.0:8442", "127.0.0.1:8442"),
        ("192.0.2.7:80", "192.0.2.7:80"),
        ("[::1]:8440", "[::1]:8440"),
    ],
)
def test_everything_goes_to_where_web_is_published(published, back):
    text = made(f"HTTP_PORT={published}\n")
    assert f'ProxyPass "/" "http://{back}/" upgrade=websocket timeout=900 retry=0\n' in text
    assert f'ProxyPassReverse "/" "http://{back}/"\n' in text


def test_the_name_in_the_redirect_is_the_sites_own():
    assert 'RewriteRule ^ "https://meet.example.org%{REQUEST_URI}" [R=301,L]\n' in made()
    assert "SERVER_NAME}" not in re.sub(r"#.*", "", made())


def test_another_port_than_443_is_everywhere():
    text = made(conf=CONF.replace("https://meet.example.org", "https://meet.example.org:8443"))
    assert "<VirtualHost *:8443>" in text and "Listen 8443\n" in text and 'X-Forwarded-Port "8443"' in text
    assert '"https://meet.example.org:8443%{REQUEST_URI}"' in text and text.count('ServerName "meet.example.org"') == 2
    assert "443>" not in text.replace("8443", "")


def test_a_listen_is_written_where_nobody_else_has_it():
    assert "Listen 443\n" in made() and "Listen 80\n" not in made()
    assert "Listen" not in made(around=Around(frozenset({80, 443})))
    assert "Listen 80\nListen 443\n" in made(around=Around(frozenset()))


def test_what_a_client_says_of_itself_is_unset_before_it_is_set():
    text = secure(made())
    for header in ("Forwarded", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server"):
        assert f"RequestHeader unset {header}\n" in text
    assert 'RequestHeader set X-Forwarded-Proto "https"\n' in text


def test_no_log_has_a_query_string():
    """%r, %q and the Referer would."""
    text = made()
    (form,) = re.findall(r"^LogFormat (.*) jitsi_noquery$", text, re.MULTILINE)
    assert not re.search(r"%[<>]?[rq]|Referer", form)
    assert text.count('CustomLog "/var/log/httpd/jitsi_access_log" jitsi_noquery\n') == 2


def test_what_httpd_refuses_is_not_told_with_its_query_string():
    assert made().count("    LogLevel core:crit\n") == 2 == made().count("    ErrorLogFormat ")


def test_a_redirect_of_webs_own_server_leads_to_the_site():
    text = made(conf=CONF.replace("https://meet.example.org", "https://meet.example.org:8443"))
    (inside, outside) = re.findall(r'Header edit Location "(.*)" "(.*)"\n', text)[0]
    for name in ("http://meet.example.org/", "http://meet.example.org:8000/", "http://Meet.Example.org:80/"):
        assert re.sub(inside.replace("\\\\", "\\"), outside, f"{name}etherpad/?x=http://y/") == (
            "https://meet.example.org:8443/etherpad/?x=http://y/")
    for other in ("http://meetXexample.org/", "https://meet.example.org:8443/a", "/a"):
        assert re.sub(inside.replace("\\\\", "\\"), outside, other) == other


def test_hsts_goes_with_its_switch():
    assert "Strict-Transport-Security" in made()
    assert "Strict-Transport-Security" not in made("ENABLE_HSTS=0\n")


PAD = "ETHERPAD_PUBLIC_URL="


def closed(text: str) -> list[str]:
    """The expressions of what nobody outside may have."""
    return re.findall(r'<LocationMatch "(.*)">\n        Require all denied\n', text)


def routes(text: str) -> list[str]:
    return re.findall(r'ProxyPass "(\S+)" "(\S+)"', text)


def test_etherpads_inner_paths_are_closed_where_there_is_one():
    (inner,) = closed(made())
    for path in ("/etherpad/admin", "/etherpad/admin/", "/Etherpad/ADMIN/x", "//etherpad//stats", "/etherpad/api/1/x",
                 "/etherpad/admin-auth/", "/etherpad/api-docs", "/tenant/etherpad/admin",
                 "/a/b/etherpad/api/1/x"):  # fmt: skip
        assert re.search(inner, path), path
    for path in ("/etherpad/p/admin", "/etherpad/static/api.js", "/admin", "/etherpad/", "/myetherpad/admin"):
        assert not re.search(inner, path), path
    assert "etherpad" not in made(conf=CONF.replace("ETHERPAD=1", "ETHERPAD=0"))


def test_pads_at_a_path_of_the_page_come_before_it_and_are_closed_at_both():
    text = made(f"{PAD}https://meet.example.org/pad/p/\n")
    assert routes(text) == [("/pad/", "http://127.0.0.1:9001/"), ("/", "http://127.0.0.1:8440/")]
    assert text.count("<VirtualHost") == 2 and [bool(re.match(inner, "/pad/admin")) for inner in closed(text)] == [
        False, True,
    ]  # fmt: skip
    assert re.match(closed(text)[0], "/etherpad/admin") and not re.search(closed(text)[1], "/tenant/pad/admin")


def test_pads_on_a_host_of_their_own():
    text = made(f"{PAD}https://etherpad.example.org/p/\nETHERPAD_PORT=127.0.0.1:9002\n")
    plain, page, pad_plain, pad = re.findall(r"<VirtualHost.*?</VirtualHost>", text, re.DOTALL)
    assert 'ServerName "etherpad.example.org"' in pad and 'ServerName "etherpad.example.org"' in pad_plain
    assert '"https://etherpad.example.org%{REQUEST_URI}"' in pad_plain and "etherpad.example" not in plain + page
    assert routes(page) == [("/", "http://127.0.0.1:8440/")] and routes(pad) == [("/", "http://127.0.0.1:9002/")]
    assert re.match(closed(pad)[0], "/admin/") and not re.match(closed(pad)[0], "/p/admin")
    assert 'SSLCertificateFile "/etc/dehydrated/certs/meet.example.org/fullchain.pem"' in pad
    assert "X-Frame-Options" not in pad


def test_that_host_can_have_a_certificate_and_a_path_of_its_own():
    more = "ETHERPAD_TLS_CERTIFICATE=/etc/ssl/pad.crt\nETHERPAD_TLS_KEY=/etc/ssl/pad.key\n"
    text = made(f"{PAD}https://pad.example.org:8443/docs/p/\n{more}")
    pad = text.rpartition("<VirtualHost")[2]
    assert pad.startswith(" *:8443>") and 'SSLCertificateKeyFile "/etc/ssl/pad.key"' in pad
    assert routes(pad) == [("/docs/", "http://127.0.0.1:9001/")] and "Listen 8443\n" in text and "Listen 443\n" in text


def test_another_port_of_the_pages_host_gets_no_second_redirect():
    text = made(f"{PAD}https://meet.example.org:8443/p/\n")
    assert text.count("<VirtualHost *:80>") == 1 and text.count("<VirtualHost") == 3


def test_the_sign_on_has_a_host_that_is_guarded():
    text = made(f"{TOKENS}SSO_URL=https://sso.meet.example.org\nSSO_PORT=127.0.0.1:3001\n")
    page, sso = re.findall(r"<VirtualHost \*:443>.*?</VirtualHost>", text, re.DOTALL)
    assert 'ServerName "sso.meet.example.org"' in sso and routes(sso) == [("/", "http://127.0.0.1:3001/")]
    assert 'SSLCertificateFile "/etc/dehydrated/certs/meet.example.org/fullchain.pem"' in sso
    assert "R=400" in sso and "R=400" not in page and "R=302" in page and "R=302" not in made()


@pytest.mark.parametrize(
    ("asked", "hostile"),
    [("/room", False), ("/My%20Room?x=https://a//b", False), ("/http:evil", True), ("/a%5Cb", True), ("//evil", True),
     ("/%2f", True), ("/a\\b", True), ("/x%3Ay", True)],
)  # fmt: skip
def test_what_the_guard_takes_for_hostile(asked, hostile):
    (guard,) = re.findall(r'RewriteCond %\{THE_REQUEST\} "(.*)" \[NC\]', made(f"{TOKENS}SSO_URL=https://sso.meet.example.org\n"))
    assert bool(re.match(guard, f"GET {asked} HTTP/1.1", re.IGNORECASE)) is hostile


def test_no_release_needs_another_file():
    assert len({made(release=tag) for tag in releases.tags()}) == 1


def test_what_httpd_2_4_refuses_or_ignores_is_not_there():
    for word in ("Order", "Allow from", "AllowOverride All", "Substitute", "ws://", "X-Frame-Options"):
        assert word not in made()


SIGN_ON_OIDC = f"SSO=oidc\n{SIGN_ON}SSO_PORT=127.0.0.1:3999\n"


def test_oidc_is_at_a_path_of_the_page_and_before_it():
    text = made(f"{SIGN_ON_OIDC}SSO_URL=https://sso.example.org\n")
    page = secure(text)
    adapter, rest = 'ProxyPass "/oidc/" "http://127.0.0.1:3999/oidc/"', 'ProxyPass "/" "http://127.0.0.1:8440/"'
    assert 0 < page.index(adapter) < page.index(rest)
    assert "sso.example.org" not in text and "jwt=" not in text
    assert vhost.back_ends(settings(CONF + SIGN_ON_OIDC)) == ["127.0.0.1:8440", "127.0.0.1:3999"]


def test_where_nobody_comes_with_a_token_there_is_no_host_for_the_sign_on():
    assert "sso.example.org" not in made("SSO_URL=https://sso.example.org\n")
