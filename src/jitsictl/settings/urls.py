"""The types that are a URL. See settings.kinds."""

from __future__ import annotations

import re
from typing import List, Optional
from urllib.parse import SplitResult, urlsplit

from jitsictl.settings.addresses import is_host, items, parse_ip


def url(value: str, argument: str) -> str:
    """A URL of one of the schemes in `argument` (a|b, http or https without); kept as written."""
    _parts(value, argument)
    return value


def urls(value: str, argument: str) -> str:
    return ",".join(url(item, argument) for item in items(value))


def base(value: str, argument: str) -> str:
    """A URL that templates put a path behind: a slash at its end would be doubled, a query swallow the path.

    nginx reads some of them outside quotes, so `;`, braces and `$` have no place in one either.
    """
    parts = _parts(value, argument)
    if parts.query or parts.fragment or re.search(r"[;{}$?#]", value):
        raise ValueError(
            f"is more than a base address; write it as {_schemes(argument)[0]}://host.name/path, without ? and #"
        )
    return value.rstrip("/")


def site(value: str, _: str) -> str:
    """PUBLIC_URL: upstream serves no sub-folder and its Etherpad URL doubles a slash at the end."""
    parts = _parts(value, "https")
    if parts.path.strip("/") or parts.query or parts.fragment or re.search(r"[@?#]", value):
        raise ValueError(
            "has something behind or in front of the host name; write https://meet.example.com, "
            "Jitsi Meet cannot live in a sub-folder"
        )
    return _origin(parts)


def origin(value: str, _: str) -> str:
    """A web origin as browsers compare it, or * for all."""
    if value == "*":
        return value
    parts = _parts(value, "")
    if parts.path.strip("/") or parts.query or parts.fragment or re.search(r"[@?#]", value):
        raise ValueError("is no origin; write https://host.name without a path, or * for all")
    return _origin(parts)


def authority(value: str, _: str) -> str:
    """A certificate authority for acme.sh: one of its names or the URL of a directory."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", value):
        return value
    parts = _parts(value, "https")
    if not re.fullmatch(r"[A-Za-z0-9._/:%-]+", value) or "@" in parts.netloc:
        raise ValueError("is no certificate authority; write a name such as letsencrypt or an https:// address")
    return value


def _origin(parts: SplitResult) -> str:
    """Scheme, host and port as browsers write them: small letters, without the port that goes without saying."""
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    place = parts.netloc.lower()
    return f"{parts.scheme}://{place[: -len(usual)] if place.endswith(usual) else place}"


def _schemes(argument: str) -> List[str]:
    return argument.split("|") if argument else ["http", "https"]


def _parts(value: str, argument: str) -> SplitResult:
    expected = f"write {' or '.join(s + '://' for s in _schemes(argument))}host.name/path"
    strange = re.search(r"[\s<>]", value)
    if strange:
        what = "a blank" if strange.group().isspace() else f"a {strange.group()}"
        raise ValueError(f"has {what}; {expected}")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is no URL; {expected}") from None
    if parts.scheme not in _schemes(argument) or not value.startswith(f"{parts.scheme}://"):
        raise ValueError(f"is no URL that starts as it must; {expected}")
    if not _is_named(host) or port == 0 or parts.netloc.endswith(":"):
        raise ValueError(f"has no valid host name; {expected}")
    return parts


def _is_named(host: Optional[str]) -> bool:
    return bool(host) and (is_host(str(host)) or parse_ip(str(host)) is not None)
