"""What follows from other settings, so that a host name is written once."""

from __future__ import annotations

from typing import Dict, Iterator, Mapping, Tuple

from jitsictl.types.settings import Line, Value

ETHERPAD_INSIDE = "http://etherpad.meet.jitsi:9001"  # the service's alias on the stack's network

Found = Iterator[Tuple[str, str, str]]  # name, value, the setting that it comes from


def derive(values: Mapping[str, Value], lines: Mapping[str, Line]) -> Dict[str, Value]:
    """`values` with what follows from them added; what stands in a file is never overruled."""
    result = dict(values)
    for function in (_address, _etherpad, _letsencrypt, _bosh):
        for name, text, source in function(result):
            if name not in lines:
                result[name] = Value(text, f"derived from {source}")
    return result


def _address(values: Mapping[str, Value]) -> Found:
    """DOCKER_HOST_ADDRESS, the tutorial's name, until stable-7830 (one address only)."""
    if "DOCKER_HOST_ADDRESS" in values:
        yield "JVB_ADVERTISE_IPS", values["DOCKER_HOST_ADDRESS"].text, "DOCKER_HOST_ADDRESS"


def _etherpad(values: Mapping[str, Value]) -> Found:
    """Web serves /etherpad/ itself once it knows where Etherpad is: no port, no second proxy."""
    if not _on(values, "ETHERPAD"):
        return
    yield "ETHERPAD_URL_BASE", ETHERPAD_INSIDE, "ETHERPAD"
    if "PUBLIC_URL" in values:
        yield "ETHERPAD_PUBLIC_URL", f"{values['PUBLIC_URL'].text}/etherpad/p/", "PUBLIC_URL"


def _letsencrypt(values: Mapping[str, Value]) -> Found:
    if _on(values, "ENABLE_LETSENCRYPT") and "PUBLIC_URL" in values:
        host = values["PUBLIC_URL"].text[len("https://") :].partition(":")[0]
        yield "LETSENCRYPT_DOMAIN", host, "PUBLIC_URL"


def _bosh(values: Mapping[str, Value]) -> Found:
    """Web keeps asking at 5280 otherwise, whatever Prosody listens on."""
    if "PROSODY_HTTP_PORT" in values and "XMPP_SERVER" in values:
        url = f"http://{values['XMPP_SERVER'].text}:{values['PROSODY_HTTP_PORT'].text}"
        yield "XMPP_BOSH_URL_BASE", url, "PROSODY_HTTP_PORT"


def _on(values: Mapping[str, Value], name: str) -> bool:
    return name in values and values[name].text == "1"
