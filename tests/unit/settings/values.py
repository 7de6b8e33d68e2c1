"""What each type of setting takes, in which form it writes it, and what it says of what it refuses."""

from __future__ import annotations

KEY = "-----BEGIN PRIVATE KEY-----\\nAA==\\n-----END PRIVATE KEY-----\\n"
TAKEN = [
    *[("bool", word, "1") for word in ("1", "true", "True", "YES", "on", "y", "t", "enabled")],
    *[("bool", word, "0") for word in ("0", "false", "FALSE", "no", "Off", "n", "f", "disabled")],
    ("bool words", "1", "true"),
    ("bool words", "Off", "false"),
    ("bool unbuilt", "no", "0"),
    ("int 1..10", "1", "1"),
    ("int 1..10", "10", "10"),
    ("int 0..100", "007", "7"),
    ("int -5..5", "-5", "-5"),
    ("int 1..256|auto", "Auto", "auto"),
    ("int 1..256|auto", "8", "8"),
    ("number 0..1", "0.8", "0.8"),
    ("number 0..1", "1", "1"),
    ("range", "5.0-1000.0", "5.0 - 1000.0"),
    ("bitrate", "2976k", "2976k"),
    ("bitrate", "3M", "3M"),
    ("port", "1", "1"),
    ("port", "65535", "65535"),
    ("listen", "8440", "8440"),
    ("listen", "127.0.0.1:8440", "127.0.0.1:8440"),
    ("listen", "[::1]:8440", "[::1]:8440"),
    ("listen", "[0:0::1]:8440", "[::1]:8440"),
    ("ip", "192.0.2.10", "192.0.2.10"),
    ("ip", "2001:DB8::A", "2001:db8::a"),
    ("ip v4", "172.20.0.6", "172.20.0.6"),
    ("ip host-gateway", "host-gateway", "host-gateway"),
    ("ip host-gateway", "2001:DB8::A", "2001:db8::a"),
    ("ips", "192.0.2.10", "192.0.2.10"),
    ("ips", "192.0.2.10, fe80::1#12000", "192.0.2.10,fe80::1#12000"),
    ("cidr", "172.16.0.0/12", "172.16.0.0/12"),
    ("cidrs", "172.16.0.0/12, 192.0.2.1,0:0::1", "172.16.0.0/12,192.0.2.1,::1"),
    ("host", "Meet.Example.COM", "meet.example.com"),
    ("host", ".".join(["a" * 63] * 3 + ["b" * 61]), ".".join(["a" * 63] * 3 + ["b" * 61])),  # 253, the most
    ("hosts", "a.example:3478, b", "a.example:3478,b"),
    ("hosts bare", "Turn1.example.com, 192.0.2.1", "turn1.example.com,192.0.2.1"),
    ("resolver", "127.0.0.11 valid=5s", "127.0.0.11 valid=5s"),
    ("resolver", "192.0.2.1:5353  [2001:db8::1]   valid=5s ipv6=off", "192.0.2.1:5353 [2001:db8::1] valid=5s ipv6=off"),
    ("email", "admin+jitsi@example.com", "admin+jitsi@example.com"),
    ("jid", "SipBrewery@Internal-MUC.meet.jitsi", "SipBrewery@internal-muc.meet.jitsi"),
    ("jids", "admin@meet.jitsi, focus@auth.meet.jitsi", "admin@meet.jitsi,focus@auth.meet.jitsi"),
    ("sip", "meet@sip.example.com:5061", "meet@sip.example.com:5061"),
    ("sip", "+31201234567", "+31201234567"),
    ("sip", "keepalive", "keepalive"),
    ("url", "http://etherpad.meet.jitsi:9001", "http://etherpad.meet.jitsi:9001"),
    ("url", "https://[2001:db8::1]:8443/x?y=1", "https://[2001:db8::1]:8443/x?y=1"),
    ("url https", "https://sso.example.com/{room}", "https://sso.example.com/{room}"),
    ("url ldap|ldaps", "ldaps://ldap.example.com/", "ldaps://ldap.example.com/"),
    ("site", "https://meet.example.com", "https://meet.example.com"),
    ("site", "https://Meet.example.com///", "https://meet.example.com"),
    ("site", "https://meet.example.com:8443/", "https://meet.example.com:8443"),
    ("site", "https://meet.example.com:443", "https://meet.example.com"),
    ("url ws|wss", "wss://whisper.example.com/ws", "wss://whisper.example.com/ws"),
    ("urls", "http://a.example/x, https://b.example", "http://a.example/x,https://b.example"),
    ("base", "http://etherpad.meet.jitsi:9001/", "http://etherpad.meet.jitsi:9001"),
    ("base", "https://keycloak.example.com/auth//", "https://keycloak.example.com/auth"),
    ("origin", "*", "*"),
    ("origin", "https://Www.Example.com:443/", "https://www.example.com"),
    ("origin", "http://www.example.com:8080", "http://www.example.com:8080"),
    ("authority", "letsencrypt", "letsencrypt"),
    ("authority", "https://acme.example.com/directory", "https://acme.example.com/directory"),
    ("duration", "90 seconds", "90 seconds"),
    ("duration", "24h", "24h"),
    ("memory", "3072M", "3072m"),
    ("memory", "3gb", "3g"),
    ("rate", "10kb/s", "10kb/s"),
    ("timezone", "Europe/Amsterdam", "Europe/Amsterdam"),
    ("timezone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("timezone", "Etc/GMT+5", "Etc/GMT+5"),
    ("enum UDP|TCP", "tcp", "TCP"),
    ("enum none|!oidc", "None", "none"),
    ("choices tcp|udp", "TCP, udp", "tcp,udp"),
    ("language", "nl", "nl"),
    ("language", "pt-BR", "pt-BR"),
    ("language", "zhCN", "zhCN"),
    ("list", "a, b,c", "a,b,c"),
    ("list", "https://issuer.example.com/realm, jitsi", "https://issuer.example.com/realm,jitsi"),
    ("words", "muc_size, persistent_lobby", "muc_size,persistent_lobby"),
    ("words blank", " openid  profile email", "openid profile email"),
    ("name", "jitsi/transcriber", "jitsi/transcriber"),
    ("flags", "--kiosk, --lang=en-US", "--kiosk,--lang=en-US"),
    ("array AV1|VP9|VP8|H264", "av1, VP9", '["AV1", "VP9"]'),
    ("array AV1|VP9|VP8|H264", '["AV1", "VP9"]', '["AV1", "VP9"]'),
    ("array", "['en', nl]", '["en", "nl"]'),
    ("array", "[]", "[]"),
    ("colour", "#33669F", "#33669f"),
    ("folder", "/rtc-visualizer/", "rtc-visualizer"),
    ("ciphers", "SECURE256:SECURE128:!AES-128-CBC", "SECURE256:SECURE128:!AES-128-CBC"),
    ("dn", 'DC=example, ou=People \\, Things,dc="quoted"', 'DC=example, ou=People \\, Things,dc="quoted"'),
    ("filter", "(&(uid=%u)(active=1))", "(&(uid=%u)(active=1))"),
    ("filter", "uid=%u", "uid=%u"),
    ("regex", "^(?:[a-zA-Z0-9]{4}(?:-(?!$)|$)){4}", "^(?:[a-zA-Z0-9]{4}(?:-(?!$)|$)){4}"),
    ("path", "/usr//share/./docker/", "/usr/share/docker"),
    ("word", "full-width_1.2", "full-width_1.2"),
    ("image", "ghcr.io/jitsi", "ghcr.io/jitsi"),
    ("image", "127.0.0.1:5000/jitsi", "127.0.0.1:5000/jitsi"),
    ("image", "jitsi", "jitsi"),
    ("image whole", "ghcr.io/d3473r/jitsi-keycloak:main", "ghcr.io/d3473r/jitsi-keycloak:main"),
    ("image whole", f"127.0.0.1:5000/a/b@sha256:{'0' * 64}", f"127.0.0.1:5000/a/b@sha256:{'0' * 64}"),
    ("release", "stable-11146-2", "stable-11146-2"),
    ("release", "stable-11031", "stable-11031"),
    ("secret", "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj", "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj"),
    ("secret word", "p=ss!w.rd$", "p=ss!w.rd$"),
    ("line", "Alien's \"Meet\" \\o/ 100 %", "Alien's \"Meet\" \\o/ 100 %"),
    ("line", "1", "1"),
    ("secret line", "LdapUser\"Passw0rd' \\x", "LdapUser\"Passw0rd' \\x"),
    ("text", "(sAMAccountName=%u)", "(sAMAccountName=%u)"),
    ("header", "frame-ancestors 'self'", "frame-ancestors 'self'"),
    ("lua commas", "muc_room_cache_size = 1000,my_option = 2", "muc_room_cache_size = 1000,my_option = 2"),
    (
        "lua commas",
        'a = {"x"; "y"},limits = { c2s = { rate = "1kb/s" } };',
        'a = {"x"; "y"},limits = { c2s = { rate = "1kb/s" } };',
    ),
    (
        "lua lines",
        'statistics = "internal";\\nstatistics_interval = -1.5e3',
        'statistics = "internal";\\nstatistics_interval = -1.5e3',
    ),
    ("lua lines", "limits = {\n  c2s = true, ['x'] = nil;\n}", "limits = {\\n  c2s = true, ['x'] = nil;\\n}"),
    (
        "lua lines",
        'Include "conf.d/*.lua" Component "a.b" "muc"\\na = 1 b = 2',
        'Include "conf.d/*.lua" Component "a.b" "muc"\\na = 1 b = 2',
    ),
    ("lua items", '{levels = {min = "info"}, to = "console"};', '{levels = {min = "info"}, to = "console"};'),
    ("lua items", 'info = "*syslog"', 'info = "*syslog"'),
    ("hocon", '{ 50 = 500, "100": 1000 }', '{ 50 = 500, "100": 1000 }'),
    ("hocon", "[1, two, {a=[]}]", "[1, two, {a=[]}]"),
    ("hocon items", '["us-east", us-west], [eu]', '["us-east", us-west], [eu]'),
    ("javascript", '{"url": "https://a.example/</b>"}', '{"url": "https://a.example/\\u003c/b>"}'),
    ("comment", "// Our site\n // it's good", "// Our site\\n// it's good"),
    ("properties", "a.b=1, a.C = x y", "a.b=1,a.C = x y"),
    ("prose", 'It\'s "new" \\o/\r\n\tx\n', 'It\'s "new" \\o/\n\tx\n'),
    ("prose", " ", " "),
    ("prose line", "Slackware EtherPad Chat", "Slackware EtherPad Chat"),
    ("pem", KEY, KEY.replace("\\n", "\n")),
    ("pem", "\r\n" + KEY.replace("\\n", "\r\n")[:-2], KEY.replace("\\n", "\n")),
]

BREAKS = "which would break the services' configuration files; write it without"
PATH = "write an absolute one, without blanks, `:`, `$`, `..` and the shell's marks"
REFUSED = [
    ("bool", "maybe", "is neither on nor off; write 1 or 0"),
    ("bool", "2", "is neither on nor off; write 1 or 0"),
    ("int 1..10", "ten", "is no whole number; write a whole number from 1 to 10"),
    ("int 1..10", "1.5", "is no whole number; write a whole number from 1 to 10"),
    ("int 1..10", "0", "is out of range; write a whole number from 1 to 10"),
    ("int 1..10", "11", "is out of range; write a whole number from 1 to 10"),
    ("int 1..256|auto", "all", "is no whole number; write a whole number from 1 to 256, or auto"),
    ("bool unbuilt", "1", "is on, which this package cannot do yet; write 0 or delete the line"),
    ("enum none|!oidc", "oidc", "is something that this package cannot do yet; write none"),
    ("enum none|!oidc", "saml", "is none of the choices; write none"),
    *[
        ("range", value, "is no range; write the lower and the higher number, as in 5.0 - 200.0")
        for value in ("5", "9 - 5", "a - b")
    ],
    ("bitrate", "fast", "is no bit rate; write it as 2976k or 3M"),
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
    ("ip v4", "2001:db8::1", "is an IPv6 address; write one of IPv4, such as 172.20.0.6"),
    ("ip v4", "keycloak", "is no IP address; write numbers, such as 192.0.2.10 or 2001:db8::10"),
    ("ip host-gateway", "gateway", "is no IP address; write numbers, such as 192.0.2.10, or host-gateway"),
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
    ("hosts bare", "a:3478", "has 'a:3478', which is no host; write HOST, with commas between them"),
    (
        "cidr",
        "172.16.0.0/12,10.0.0.0/8",
        "has '172.16.0.0/12,10.0.0.0/8', which is no network; write it as 172.16.0.0/12 or 192.0.2.10",
    ),
    ("ip", "fe80::1%eth0", "is no IP address; write numbers, such as 192.0.2.10 or 2001:db8::10"),
    *[
        (
            "resolver",
            value,
            "is no list of name servers; write addresses with blanks between them: 127.0.0.11 valid=5s",
        )
        for value in ("", "valid=5s", "127.0.0.11 valid=5s 1.1.1.1", "127.0.0.11;", "::1", "1.1.1.1:0", "[x]")
    ],
    ("resolver", "127.0.0.11 valid=5y", "has 'valid=5y', which nginx does not know there; write valid=5s or ipv6=off"),
    ("email", "admin", "is no e-mail address; write it as admin@example.com"),
    ("email", "a b@example.com", "is no e-mail address; write it as admin@example.com"),
    ("jid", "focus", "has 'focus', which is no XMPP address; write it as name@meet.jitsi"),
    ("jids", "a@b, c d@e", "has 'c d@e', which is no XMPP address; write it as name@meet.jitsi"),
    ("sip", "sip:meet@x", "is no SIP account or number; write it as meet@sip.example.com or +31201234567"),
    ("url", "http://a/<b>", "has a <; write http:// or https://host.name/path"),
    ("url", "http://a:/x", "has no valid host name; write http:// or https://host.name/path"),
    ("urls", "http://a,b", "is no URL that starts as it must; write http:// or https://host.name/path"),
    *[
        ("base", value, "is more than a base address; write it as http://host.name/path, without ? and #")
        for value in ("http://a.example/?x", "http://a.example/#x", "http://a.example/;x", "http://a.example/{x}")
    ],
    ("base https", "http://a.example", "is no URL that starts as it must; write https://host.name/path"),
    ("origin", "https://a.example/x", "is no origin; write https://host.name without a path, or * for all"),
    (
        "authority",
        "https://a.example/$x",
        "is no certificate authority; write a name such as letsencrypt or an https:// address",
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
    ("choices tcp|udp", "tcp,tls", "is none of the choices; write tcp or udp"),
    ("language", "Nederlands", "is no language; write its code, such as en or pt-BR"),
    ("words", "a b,c", "has 'a b', which is no single word; write words with commas between them"),
    ("words", 'a,b";c', f'has a double quote (") at character 4, {BREAKS}'),
    ("words blank", "a b;", "has 'b;', which is no single word; write words with blanks between them"),
    ("words blank", " ", "has no word; write one or more, with blanks between them"),
    ("name", "a b", "is no name; write letters, digits, `.`, `_`, `/`, `@`, `:` and `-` only"),
    ("flags", "--kiosk,rm", "has 'rm', which is no flag; write them as --kiosk,--start-maximized"),
    *[
        ("array AV1|VP9", value, "is no list of these; write some of AV1,VP9, each once, the first one preferred")
        for value in ("AV1,H265", "AV1,AV1", "[]", "[AV1")
    ],
    ("array", "en,", "is no list of words; write them with commas between them, as en,nl"),
    ("array", "['en'];alert(1)", "is no list of words; write them with commas between them, as en,nl"),
    ("colour", "red", "is no colour; write it as #336699, in quotes since # begins a comment"),
    ("folder", "a/../b", "is no folder; write letters, digits, `_` and `-`, as in rtc-visualizer"),
    ("ciphers", "a b", "is no list of ciphers; write names with : between them, as in SECURE256:SECURE128"),
    *[
        ("dn", value, "is no place in a directory; write it as ou=people,dc=example,dc=com")
        for value in ("people", "ou=people,", "ou=people,dc", "=x")
    ],
    ("dn", "ou=a\nldap_filter: x", f"has a line break at character 5, {BREAKS}"),
    *[
        ("filter", value, "is no filter; write it with its brackets closed, as uid=%u or (&(uid=%u)(active=1))")
        for value in ("(uid=%u", "uid=%u)", "(a=1)(b=2)", "uid", "uid=(x)", ")a=(")
    ],
    (
        "regex",
        "a(b",
        "is no regular expression (missing ), unterminated subpattern at position 1); write one such as ^[a-z0-9-]+$",
    ),
    ("regex", "[\\d]", f"has a backslash (\\) at character 2, {BREAKS}"),
    *[
        ("path", value, f"is no path to use; {PATH}")
        for value in ("var/lib", "/", "//", "/.", "/a/../b", "/a b", "/a:b", "/a$b", "~/cfg", "/a;b", "/a|b", "/*")
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
    ("text", "a\x85b", f"has the control character 0x85 at character 2, {BREAKS}"),
    ("text", "a\u2028b", f"has a line separator at character 2, {BREAKS}"),
    ("text", "a\ud800b", f"has the control character 0xd800 at character 2, {BREAKS}"),
    ("text", "x</SCRIPT>", "has </script, which would end the page's script; write it without"),
    ("text", "<!--# echo", "has <!--, which would end the page's script; write it without"),
    ("secret word", "-p", "begins with - or has *, ? or [, which the services' start scripts read; write another"),
    ("secret word", "p*", "begins with - or has *, ? or [, which the services' start scripts read; write another"),
    ("line", "a\nb", f"has a line break at character 2, {BREAKS}"),
    ("secret line", " a", "begins or ends with a blank, which gets lost; write it without"),
    ("header", 'a"b', f'has a double quote (") at character 2, {BREAKS}'),
    ("header", "a$b", f"has a dollar sign ($) at character 2, {BREAKS}"),
    ("lua lines", "a = 1\\tb = 2", f"has a backslash (\\) at character 6, {BREAKS}"),
    ("lua commas", "a = 1\nb = 2", f"has a line break at character 6, {BREAKS}"),
    *[
        ("lua lines", value, f"{what}; write NAME = VALUE with \\n between them")
        for value, what in (
            ('a = "b', 'has " at character 5 where a value must be'),
            ("a = { 1", "ends where } must be"),
            ("a = 1 }", "has } at character 7 where a name must be"),
            ("a = 1 -- x", "has - at character 7 where a name must be"),
            ("a = --[[ x", "has - at character 5 where a value must be"),
            ("a = [[ x ]]", "has [ at character 5 where a value must be"),
            ("end", "has e at character 1 where a name must be"),
            ("a == 1", "has = at character 3 where = must be"),
            ("os.exit()", "has . at character 3 where = must be"),
            ("a = {b = }", "has } at character 10 where a value must be"),
            ("a = " + "{" * 30, "has more than 20 brackets inside each other"),
        )
    ],
    *[
        (
            "lua commas",
            value,
            f'{what}; write NAME = VALUE with commas between them, and ; between the items of a table, as {{"a"; "b"}}',
        )
        for value, what in (
            ('a = {"x", "y"}', 'has " at character 11 where } must be'),
            ('a = "x,y"', 'has " at character 5 where a value must be'),
        )
    ],
    *[
        ("lua items", value, f'{what}; write items of a table, as {{levels = {{min = "info"}}, to = "console"}};')
        for value, what in (
            ("{}}", "has } at character 3 where ; between two items must be"),
            ("{} {}", "has { at character 4 where ; between two items must be"),
        )
    ],
    *[
        ("hocon", value, f"{what}; write it as {{ 50 = 1000, 100 = 2000 }}")
        for value, what in (
            ("{ 50 = 1000", "ends where } must be"),
            ("{ 50 }", "has 5 at character 3 where a name and = must be"),
            ("1 // x", "has / at character 3 where the end must be"),
            ("${HOME}", "has $ at character 1 where a value must be"),
        )
    ],
    ("hocon items", '["a"]]', 'has ] at character 6 where the end must be; write it as ["us-east", "us-west"], ["eu"]'),
    *[
        ("javascript", value, 'is no JSON object; write it as {"url": "https://example.com"}')
        for value in ("[]", "{", "{url: 'x'}", '{"a": NaN}', '{"a": 1e999}', "[" * 100000)
    ],
    *[
        ("comment", value, "is more than a comment; begin each of its lines with //, and write \\n between them")
        for value in ("alert(1)", "// a\nalert(1)", "// a\\nalert(1)", "\\n")
    ],
    ("properties", "a.b", "has 'a.b', which is no property; write NAME=VALUE, with commas between them"),
    ("properties", "a=b\\", f"has a backslash (\\) at character 4, {BREAKS}"),
    ("prose", "a\x1bb", f"has the control character 0x1b at character 2, {BREAKS}"),
    ("prose line", "a\nb", f"has a line break at character 2, {BREAKS}"),
    *[
        ("prose", value, "is a word or number that Etherpad does not take as text; write something around it")
        for value in ("true", "null", "2026", "-1.5e3", "0x1F", " 7 ")
    ],
    *[
        (
            "pem",
            value,
            "is no private key; write it whole on one line, with \\n where its lines end",
        )
        for value in ("MIIEvQ==", KEY[:40], KEY + '"', KEY.replace("AA", "A A"))
    ],
]
