"""The types that name a place or an account on a network: ports, addresses, hosts, JIDs. See settings.kinds."""

from __future__ import annotations

import re
from typing import List, Optional

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def is_port(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{0,4}", text)) and int(text) <= 65535


def port(value: str, _: str) -> str:
    if not is_port(value):
        raise ValueError("is no port; write a number from 1 to 65535")
    return value


def listen(value: str, _: str) -> str:
    address, colon, port = value.rpartition(":")
    if not is_port(port):
        raise ValueError("is no port; write ADDRESS:PORT, such as 127.0.0.1:8440")
    if not colon:
        return port
    bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    parsed = parse_ip(bare)
    if parsed is None or (":" in bare) == (bare == address):
        raise ValueError("does not start with an IP address; write ADDRESS:PORT, such as 127.0.0.1:8440 or [::1]:8440")
    return f"[{parsed}]:{port}" if ":" in bare else f"{parsed}:{port}"


def parse_ip(text: str) -> Optional[str]:
    """The address in its usual form; None when it is none, or has a zone, which would let any text through."""
    import ipaddress  # 5 ms that a file without addresses need not pay

    try:
        return None if "%" in text else str(ipaddress.ip_address(text))
    except ValueError:
        return None


def ip(value: str, argument: str) -> str:
    """With `v4` none of IPv6; any other argument is a word that may stand in an address's place."""
    if value == argument:
        return value
    address = parse_ip(value)
    if argument == "v4" and address is not None and ":" in address:
        raise ValueError("is an IPv6 address; write one of IPv4, such as 172.20.0.6")
    if address is None and argument not in ("", "v4"):
        raise ValueError(f"is no IP address; write numbers, such as 192.0.2.10, or {argument}")
    if address is None:
        raise ValueError("is no IP address; write numbers, such as 192.0.2.10 or 2001:db8::10")
    return address


def ips(value: str, _: str) -> str:
    """Upstream's form of an advertised address: `IP` or, from stable-10532, `IP#PORT`."""
    return ",".join(_ip_port(item) for item in items(value))


def _ip_port(item: str) -> str:
    text, hash_, port = item.partition("#")
    address = parse_ip(text)
    if address is None or (hash_ and not is_port(port)):
        raise ValueError(
            f"has {item!r}, which is no IP address; write addresses with commas between them, each as "
            "192.0.2.10 or with a port as 192.0.2.10#12000"
        )
    return address + hash_ + port


def cidr(value: str, _: str) -> str:
    return _network(value)


def cidrs(value: str, _: str) -> str:
    return ",".join(_network(item) for item in items(value))


def _network(item: str) -> str:
    """A network, or one address, which stays as it is."""
    import ipaddress

    try:
        return parse_ip(item) or str(ipaddress.ip_network(item))
    except ValueError:
        raise ValueError(f"has {item!r}, which is no network; write it as 172.16.0.0/12 or 192.0.2.10") from None


def items(value: str) -> List[str]:
    found = [item.strip() for item in value.split(",")]
    if not all(found):
        raise ValueError("has an empty item; write items with one comma between them")
    return found


def is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text)) and len(text) <= 253


def host(value: str, _: str) -> str:
    if not is_host(value):
        raise ValueError("is no host name; write letters, digits, - and dots, such as meet.example.com")
    return value.lower()


def hosts(value: str, argument: str) -> str:
    """Hosts with commas between them, each with a port or not; with `bare` never with one."""
    return ",".join(_host_port(item, argument == "bare") for item in items(value))


def _host_port(item: str, bare: bool) -> str:
    name, colon, port = item.partition(":")
    if not is_host(name) or (colon and (bare or not is_port(port))):
        form = "HOST" if bare else "HOST or HOST:PORT"
        raise ValueError(f"has {item!r}, which is no host; write {form}, with commas between them")
    return name.lower() + colon + port


def resolver(value: str, _: str) -> str:
    """What stands behind nginx's `resolver`: name servers, then valid=TIME and ipv6=on|off."""
    words = value.split()
    servers = [word for word in words if "=" not in word]
    options = words[len(servers) :]
    if not servers or words != servers + options or not all(map(_is_server, servers)):
        raise ValueError("is no list of name servers; write addresses with blanks between them: 127.0.0.11 valid=5s")
    for option in options:
        if not re.fullmatch(r"valid=[1-9][0-9]{0,6}(?:ms|s|m|h|d)?|ipv[46]=(?:on|off)", option):
            raise ValueError(f"has {option!r}, which nginx does not know there; write valid=5s or ipv6=off")
    return " ".join(words)


def _is_server(word: str) -> bool:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]+))?", word)
    if match is None or (match.group(2) is not None and not is_port(match.group(2))):
        return False
    name = match.group(1)
    return parse_ip(name[1:-1]) is not None if name.startswith("[") else is_host(name)


def email(value: str, _: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}", value.rpartition("@")[0]) or not is_host(value.rpartition("@")[2]):
        raise ValueError("is no e-mail address; write it as admin@example.com")
    return value


def jid(value: str, _: str) -> str:
    return _jid(value)


def jids(value: str, _: str) -> str:
    return ",".join(_jid(item) for item in items(value))


def _jid(item: str) -> str:
    node, at, domain = item.rpartition("@")
    if not at or not re.fullmatch(r"[^\s\"'&/:<>@,]{1,1023}", node) or not is_host(domain):
        raise ValueError(f"has {item!r}, which is no XMPP address; write it as name@meet.jitsi")
    return f"{node}@{domain.lower()}"


def sip(value: str, _: str) -> str:
    """A SIP account, or a number or name that the SIP server knows."""
    if not re.fullmatch(r"[A-Za-z0-9._*+-]+(?:@[A-Za-z0-9.-]+(?::[0-9]{1,5})?)?", value):
        raise ValueError("is no SIP account or number; write it as meet@sip.example.com or +31201234567")
    return value
