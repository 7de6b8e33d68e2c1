"""Keycloak over HTTP: what a realm says of itself, and the Admin REST API as far as it looks after a client.

Seen with Keycloak 26.7; older ones answer a wrong password with 401, so that words decide and not the status.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote, urlencode

from jitsictl.doors import http
from jitsictl.doors.http import Reply
from jitsictl.doors.process import secret
from jitsictl.types.failure import Failure

SECONDS = 20.0  # for one call: a Keycloak that was just started takes several for the first one
MASTER = "master"
_PEOPLE = "admin-cli"  # the client by which every realm lets people log in with a password
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}

Fields = Dict[str, Any]


class Refused(Failure):
    """Keycloak answered, and did not do it."""


@dataclass(frozen=True)
class Login:
    """Who asks: a person of `realm` with a password, or a client of it with a service account and its secret."""

    name: str
    password: str = field(repr=False)
    realm: str
    service: bool = False


class Admin:
    """The Admin REST API of the Keycloak at `base`. A token lasts a minute, so it is asked for anew when it ended."""

    def __init__(self, base: str, login: Login, authority: Optional[Path] = None) -> None:
        self._base = base
        self._login = login
        self._authority = authority
        self._token = ""
        secret(login.password)

    def client(self, realm: str, name: str) -> Optional[Fields]:
        """The client `name` of a realm, whole; None: there is none. Its secret is masked from now on.

        Failure: not logged in, no such realm, or not allowed to see it.
        """
        reply = self._ask("GET", realm, f"/clients?{urlencode({'clientId': name})}")
        if reply.status == 404:
            raise Refused(f"expected realm {realm} at {self._base}, found no such realm")
        found = _json(reply)
        if reply.status != 200 or not isinstance(found, list):
            raise _unexpected(f"the clients of realm {realm}", reply)
        for fields in found:
            if isinstance(fields, dict) and fields.get("clientId") == name and isinstance(fields.get("id"), str):
                secret(str(fields.get("secret") or ""))
                return fields
        return None

    def create(self, realm: str, fields: Fields) -> None:
        """Failure: it is there and this account may not see it, or Keycloak takes no such client."""
        reply = self._ask("POST", realm, "/clients", fields)
        if reply.status == 409:
            raise Refused(
                f"expected no client {fields['clientId']} in realm {realm}, since {self._login.name} was shown none, "
                f"found that there is one; {self._roles(realm)}"
            )
        if reply.status != 201:
            raise _unexpected(f"realm {realm} to take the client {fields['clientId']}", reply)

    def update(self, realm: str, fields: Fields) -> None:
        """`fields` are the client's whole representation, its id with it. Failure: Keycloak does not take them."""
        reply = self._ask("PUT", realm, f"/clients/{quote(fields['id'], safe='')}", fields)
        if reply.status not in (200, 204):
            raise _unexpected(f"realm {realm} to take the client {fields['clientId']}", reply)

    def secret_of(self, realm: str, fields: Fields) -> str:
        """What a confidential client proves itself with; "" where it has none. It is masked from now on."""
        kept = fields.get("secret")
        if isinstance(kept, str) and kept.strip("*"):
            return secret(kept)
        found = _json(self._ask("GET", realm, f"/clients/{quote(fields['id'], safe='')}/client-secret"))
        value = found.get("value") if isinstance(found, dict) else None
        return secret(value) if isinstance(value, str) else ""

    def _ask(self, method: str, realm: str, path: str, fields: Optional[Fields] = None) -> Reply:
        """A call below a realm. Failure: who asks may not; or is not taken for who they are."""
        fresh = not self._token
        if fresh:
            self._token = _log_in(self._base, self._login, self._authority)
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if fields is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self._base}/admin/realms/{quote(realm, safe='')}{path}"
        reply = _call(method, url, None if fields is None else json.dumps(fields), headers, self._authority)
        if reply.status == 401 and not fresh:
            self._token = ""
            return self._ask(method, realm, path, fields)
        if reply.status == 401:
            raise Refused(
                f"expected {self._base} to take the token that it had just given, found that it does not; it may be "
                "reached by another address than it calls itself, or its clock may jump"
            )
        if reply.status == 403:
            raise Refused(
                f"expected {self._login.name} of realm {self._login.realm} to be allowed to look after the clients of "
                f"realm {realm}, found that they are not; {self._roles(realm)}"
            )
        return reply

    def _roles(self, realm: str) -> str:
        if self._login.realm == realm:
            return f"give {self._login.name} the role manage-clients of the client realm-management"
        if self._login.realm == MASTER:
            return f"give {self._login.name} the role manage-clients of the client {realm}-realm, in realm {MASTER}"
        return f"log in to realm {realm} or to {MASTER}, with --admin-realm"


def document(url: str, authority: Optional[Path] = None) -> Reply:
    """A discovery document, whatever the status. Failure: nobody answers, or their certificate is not trusted."""
    return _call("GET", url, None, {"Accept": "application/json"}, authority)


def _log_in(base: str, login: Login, authority: Optional[Path]) -> str:
    """An access token. Failure: Keycloak gives none, with the reason and what to do."""
    who = {"client_id": login.name, "client_secret": login.password}
    if not login.service:
        who = {"client_id": _PEOPLE, "username": login.name, "password": login.password}
    form = urlencode({"grant_type": "client_credentials" if login.service else "password", **who})
    url = f"{base}/realms/{quote(login.realm, safe='')}/protocol/openid-connect/token"
    reply = _call("POST", url, form, _FORM, authority)
    found = _json(reply)
    token = found.get("access_token") if isinstance(found, dict) else None
    if reply.status == 200 and isinstance(token, str) and token:
        return secret(token)
    raise _no_token(base, login, reply, _said(reply))


def _no_token(base: str, login: Login, reply: Reply, said: str) -> Refused:
    found = _json(reply)
    error = found.get("error") if isinstance(found, dict) else None
    wanted = f"expected {login.name} to log in to realm {login.realm} at {base}, found"
    service = "give a client with a service account: --service-account CLIENT"
    if reply.status == 404:
        return Refused(f"{wanted} no such realm; give the realm of that account with --admin-realm")
    if error == "invalid_grant" and "not fully set up" in said:
        return Refused(
            f"{wanted} that this account first has to do something in a browser, such as a new password or a second "
            f"factor; log in to the console with it once, or {service}"
        )
    if error == "invalid_grant":
        return Refused(
            f"{wanted} that Keycloak refuses: {said}. Name or password are wrong; or the account has a second factor, "
            f"for which there is no place here: then {service}"
        )
    if error in ("unauthorized_client", "invalid_client") and login.service:
        return Refused(
            f"{wanted} that Keycloak refuses: {said}. It takes a client of this name and secret, with Client "
            "authentication On and Service accounts roles ticked"
        )
    if error in ("unauthorized_client", "invalid_client"):
        return Refused(f"{wanted} that this realm lets nobody in by password ({_PEOPLE}: {said}); {service}")
    return Refused(f"{wanted} HTTP {reply.status}: {said}")


def _call(method: str, url: str, body: Optional[str], headers: Mapping[str, str], authority: Optional[Path]) -> Reply:
    """One request; a redirect is not followed, since what is sent is for this server alone."""
    path = url.partition("://")[2].partition("/")[2]
    try:
        with http.opened(url, deadline=SECONDS, authority=authority) as connection:
            return connection.request(method, f"/{path}", body, headers)
    except http.Untrusted as untrusted:
        raise Failure(f"{untrusted.what}; for an authority of your own give its certificate: --ca FILE") from None


def _unexpected(wanted: str, reply: Reply) -> Refused:
    return Refused(f"expected {wanted}, found HTTP {reply.status}: {_said(reply)}")


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.text)
    except (ValueError, RecursionError):
        return None


def _said(reply: Reply) -> str:
    """Keycloak's own words, on one line; where it redirects, where to."""
    found = _json(reply)
    fields = found if isinstance(found, dict) else {}
    words = [fields.get(key) for key in ("error_description", "errorMessage", "error")]
    text = next((word for word in words if isinstance(word, str) and word), "")
    if not text and "location" in reply.headers:
        text = f"a redirect to {reply.headers['location']}"
    text = text or "nothing that says why"
    cut = text if len(text) <= 200 else f"{text[:197]}..."
    return cut if cut.isprintable() else json.dumps(cut)
