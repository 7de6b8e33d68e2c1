"""What follows from other settings, so that a host name is written once."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, Mapping, Tuple
from urllib.parse import urlsplit

from jitsictl.settings import pads
from jitsictl.settings.login import TOKEN_TYPES, login_type
from jitsictl.types.settings import Catalogue, Line, Settings, Value

CERTIFICATES = "/etc/dehydrated/certs"  # dehydrated's own default, on Slackware too
ETHERPAD_INSIDE = "http://etherpad.meet.jitsi:9001"  # the service's alias on the stack's network
WHITEBOARD_INSIDE = "http://whiteboard.meet.jitsi"
CA_INSIDE = "/ca/keycloak.pem"  # in the adapter's container
# Prosody's modules by which guests wait in the lobby for somebody with a token, and where each belongs.
WAITING = {"XMPP_MODULES": "persistent_lobby", "XMPP_MUC_MODULES": "muc_wait_for_host"}

Found = Iterator[Tuple[str, str, str]]  # name, value, the setting that it comes from
Values = Mapping[str, Value]


def derive(values: Values, lines: Mapping[str, Line], catalogue: Catalogue) -> Dict[str, Value]:
    """`values` with what follows from them added; what stands in a file is never overruled."""
    result = dict(values)
    functions: Tuple[Callable[[Values, Catalogue], Found], ...] = (
        _address, _letsencrypt, _bosh, _certificate, _etherpad, _whiteboard, _adapter, _guests, _sign_on,
    )  # fmt: skip
    for function in functions:
        for name, text, source in function(result, catalogue):
            if name not in lines:
                result[name] = Value(text, f"derived from {source}")
    return result


def _address(values: Values, _: Catalogue) -> Found:
    """DOCKER_HOST_ADDRESS, the tutorial's name, until stable-7830 (one address only)."""
    if "DOCKER_HOST_ADDRESS" in values:
        yield "JVB_ADVERTISE_IPS", values["DOCKER_HOST_ADDRESS"].text, "DOCKER_HOST_ADDRESS"


def _etherpad(values: Values, _: Catalogue) -> Found:
    """Web serves /etherpad/ itself once it knows where Etherpad is: no port, no second proxy.

    Into the frame of a page on another host a browser sends no cookie unless the cookie says so.
    """
    if not _on(values, "ETHERPAD"):
        return
    yield "ETHERPAD_URL_BASE", ETHERPAD_INSIDE, "ETHERPAD"
    if "PUBLIC_URL" in values:
        yield pads.PUBLIC_URL, pads.built_in(values["PUBLIC_URL"].text), "PUBLIC_URL"
    elsewhere = pads.published(Settings("", values))
    if elsewhere and elsewhere.own_host:
        yield "ETHERPAD_COOKIE_SAME_SITE", "None", pads.PUBLIC_URL
        yield from _pair(values, "ETHERPAD_")


def _adapter(values: Values, _: Catalogue) -> Found:
    """What Prosody, the page and the adapter must agree on. jitsi-keycloak's tokens are for jitsi, by HS256."""
    kind = values["SSO"].text if "SSO" in values else "none"
    if kind == "none":
        return
    yield "AUTH_TYPE", "jwt", "SSO"
    yield "JWT_APP_ID", "jitsi", "SSO"
    if "KEYCLOAK_CA" in values:
        yield ("NODE_EXTRA_CA_CERTS" if kind == "jitsi-keycloak" else "DENO_CERT"), CA_INSIDE, "KEYCLOAK_CA"
    if kind != "oidc":
        return
    if {"KEYCLOAK_URL", "KEYCLOAK_REALM"} <= set(values):
        issuer = f"{values['KEYCLOAK_URL'].text}/realms/{values['KEYCLOAK_REALM'].text}"
        yield "OIDC_ISSUER_URL", issuer, "KEYCLOAK_URL"
    if "PUBLIC_URL" in values:
        yield "TOKEN_AUTH_URL", f"{values['PUBLIC_URL'].text}/oidc/auth?state={{state}}", "SSO"
    if "JWT_SIGN_TYPE" in values and values["JWT_SIGN_TYPE"].text.startswith("HS"):
        yield "JWT_ALG", values["JWT_SIGN_TYPE"].text, "JWT_SIGN_TYPE"
        yield "JWT_HASH", f"SHA-{values['JWT_SIGN_TYPE'].text[2:]}", "JWT_SIGN_TYPE"


def _guests(values: Values, _: Catalogue) -> Found:
    """Who has no token waits for one who has: with the adapter oidc Prosody sees to that, with the other one jicofo."""
    if "SSO" not in values or values["SSO"].text != "oidc":
        return
    yield "JICOFO_ENABLE_AUTH", "0", "SSO"
    if _on(values, "ENABLE_GUESTS"):
        for name, module in WAITING.items():
            yield name, module, "SSO"


def _sign_on(values: Values, _: Catalogue) -> Found:
    """The adapter with a host of its own is told the room in its path."""
    if "SSO_URL" not in values:
        return
    yield from _pair(values, "SSO_")
    if "TOKEN_AUTH_URL" not in values and login_type(Settings("", values)) in TOKEN_TYPES:
        yield "TOKEN_AUTH_URL", f"{values['SSO_URL'].text}/{{room}}", "SSO_URL"


def _pair(values: Values, prefix: str) -> Found:
    """One certificate may have all names."""
    for name in ("TLS_CERTIFICATE", "TLS_KEY"):
        if name in values:
            yield f"{prefix}{name}", values[name].text, name


def _whiteboard(values: Values, _: Catalogue) -> Found:
    """Web leads to it at /socket.io/, and no other site's page has business with it."""
    if not _on(values, "WHITEBOARD"):
        return
    yield "WHITEBOARD_COLLAB_SERVER_URL_BASE", WHITEBOARD_INSIDE, "WHITEBOARD"
    if "PUBLIC_URL" in values:
        yield "WHITEBOARD_CORS_ORIGIN", values["PUBLIC_URL"].text, "PUBLIC_URL"


def _letsencrypt(values: Values, _: Catalogue) -> Found:
    if _on(values, "ENABLE_LETSENCRYPT") and "PUBLIC_URL" in values:
        yield "LETSENCRYPT_DOMAIN", urlsplit(values["PUBLIC_URL"].text).hostname or "", "PUBLIC_URL"


def _bosh(values: Values, catalogue: Catalogue) -> Found:
    """Web asks at its own default otherwise, whatever Prosody is called. Its port is never another one (rules.xmpp)."""
    if "XMPP_SERVER" in values and values["XMPP_SERVER"].origin != "default":
        port = catalogue["PROSODY_HTTP_PORT"].image_default
        yield "XMPP_BOSH_URL_BASE", f"http://{values['XMPP_SERVER'].text}:{port}", "XMPP_SERVER"


def _certificate(values: Values, _: Catalogue) -> Found:
    if "PUBLIC_URL" in values:
        folder = f"{CERTIFICATES}/{urlsplit(values['PUBLIC_URL'].text).hostname}"
        yield "TLS_CERTIFICATE", f"{folder}/fullchain.pem", "PUBLIC_URL"
        yield "TLS_KEY", f"{folder}/privkey.pem", "PUBLIC_URL"


def _on(values: Values, name: str) -> bool:
    return name in values and values[name].text == "1"
