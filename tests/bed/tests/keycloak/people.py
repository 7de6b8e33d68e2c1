"""A person's way through Keycloak's login form, in requests."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any, Dict
from urllib.parse import parse_qs, urlsplit

import requests
from bed.fake_keycloak import PASSWORD, REALM, SECRET, SERVICE, USER

PAGE = "https://sso.meet.darkstar.lan"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CLIENT: Dict[str, Any] = {
    "clientId": "jitsi", "publicClient": True, "redirectUris": [f"{PAGE}/*"], "webOrigins": [PAGE],
    "attributes": {"access.token.lifespan": "14400", "pkce.code.challenge.method": "S256"},
}  # fmt: skip


class Browser(requests.Session):
    """Keycloak marks its cookies as for TLS alone, and browsers send them to loopback all the same."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = super().send(request, **options)
        for cookie in self.cookies:
            cookie.secure = False
        return answer


def administrator(base: str) -> Dict[str, str]:
    """The header of one who may manage clients."""
    form = {"grant_type": "client_credentials", "client_id": SERVICE, "client_secret": SECRET}
    return {"Authorization": f"Bearer {token(base, **form).json()['access_token']}"}


def token(base: str, realm: str = REALM, **form: str) -> requests.Response:
    return requests.post(f"{base}/realms/{realm}/protocol/openid-connect/token", data=form, timeout=10)


def asked(browser: Browser, base: str, **changes: str) -> requests.Response:
    """The answer to the request with which a page sends people to log in."""
    query = {"client_id": "jitsi", "redirect_uri": f"{PAGE}/room", "response_type": "code", "state": "s",
             "response_mode": "fragment", "scope": "openid", "nonce": "n", "code_challenge": CHALLENGE,
             "code_challenge_method": "S256", **changes}  # fmt: skip
    return browser.get(f"{base}/realms/{REALM}/protocol/openid-connect/auth", params=query, allow_redirects=False)


def typed(browser: Browser, page: requests.Response, password: str = PASSWORD) -> requests.Response:
    """The form on the page, sent."""
    found = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert found is not None and page.status_code == 200
    form = {"username": USER, "password": password}
    return browser.post(html.unescape(found.group(1)), data=form, allow_redirects=False)


def code(answer: requests.Response, page: str = f"{PAGE}/room", state: str = "s") -> str:
    """The code in a redirect back to the page."""
    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == page
    said = parse_qs(where.fragment or where.query)
    assert said["state"] == [state] and "iss" in said
    return said["code"][0]


def swapped(base: str, given: str, **changes: Any) -> requests.Response:
    form = {"grant_type": "authorization_code", "client_id": "jitsi", "code": given, "code_verifier": VERIFIER,
            "redirect_uri": f"{PAGE}/room", **changes}  # fmt: skip
    headers = {"Origin": form.pop("origin", PAGE)}
    return requests.post(f"{base}/realms/{REALM}/protocol/openid-connect/token", form, headers=headers, timeout=10)


def claims(token: str) -> Dict[str, Any]:
    """What a token says, whoever signed it."""
    read: Dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return read
