"""The types that name a place on a network: ports, addresses, hosts, URLs. See settings.kinds."""

from __future__ import annotations

import ipaddress
import re
from typing import List, Optional
from urllib.parse import urlsplit

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
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def ip(value: str, _: str) -> str:
    address = parse_ip(value)
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


def cidrs(value: str, _: str) -> str:
    return ",".join(_network(item) for item in items(value))


def _network(item: str) -> str:
    try:
        return str(ipaddress.ip_network(item))
    except ValueError:
        raise ValueError(f"has {item!r}, which is no network; write it as 172.16.0.0/12 or 192.0.2.10") from None


def items(value: str) -> List[str]:
    found = [item.strip() for item in value.split(",")]
    if not all(found):
        raise ValueError("has an empty item; write items with one comma between them")
    return found


def host(value: str, _: str) -> str:
    if not _HOST.fullmatch(value) or len(value) > 253:
        raise ValueError("is no host name; write letters, digits, - and dots, such as meet.example.com")
    return value.lower()


def hosts(value: str, _: str) -> str:
    return ",".join(_host_port(item) for item in items(value))


def _host_port(item: str) -> str:
    host, colon, port = item.partition(":")
    if not _HOST.fullmatch(host) or (colon and not is_port(port)):
        raise ValueError(f"has {item!r}, which is no host; write HOST or HOST:PORT, with commas between them")
    return host.lower() + colon + port


def url(value: str, argument: str) -> str:
    """A URL of one of the schemes in `argument` (a|b, http or https without); kept as written."""
    schemes = argument.split("|") if argument else ["http", "https"]
    expected = f"write {' or '.join(s + '://' for s in schemes)}host.name/path"
    if re.search(r"\s", value):
        raise ValueError(f"has a blank; {expected}")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is no URL; {expected}") from None
    if parts.scheme not in schemes:
        raise ValueError(f"is no URL that starts as it must; {expected}")
    if not host or port == 0 or not (_HOST.fullmatch(host) or parse_ip(host)):
        raise ValueError(f"has no valid host name; {expected}")
    return value


def site(value: str, _: str) -> str:
    """PUBLIC_URL: upstream serves no sub-folder and its Etherpad URL doubles a slash at the end."""
    url(value, "https")
    parts = urlsplit(value)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(
            "has something behind or in front of the host name; write https://meet.example.com, "
            "Jitsi Meet cannot live in a sub-folder"
        )
    return f"https://{parts.netloc.lower()}"
