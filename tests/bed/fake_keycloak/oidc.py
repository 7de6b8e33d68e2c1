"""The fake Keycloak's OpenID Connect: discovery, the login form, tokens, /account and userinfo."""
from __future__ import annotations

import base64
import html
import secrets
from typing import Dict, List
from urllib.parse import quote, unquote, urlencode

from bed.fake_keycloak.answers import Answers
from bed.fake_keycloak.realm import Code, Json, Realm, Refused

_LOGIN = """<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1 id="kc-page-title">Sign in</h1>
<p id="input-error">{error}</p><form id="kc-form-login" action="{action}" method="post">
<input id="username" name="username" value=""><input id="password" name="password" type="password">
<button id="kc-login" name="login" type="submit">Sign In</button></form></body></html>"""
_ERROR = """<!DOCTYPE html><html><body><h1 id="kc-page-title">We are sorry...</h1>
<p class="instruction">{error}</p></body></html>"""
_SAFE = "%/:=&?~#+!$,;'@()*[]"


def _allowed(uri: str, patterns: List[str]) -> bool:
    """A pattern that ends in * stands for all that begins so, its query aside."""
    plain = uri.partition("?")[0]
    return bool(uri) and any(plain.startswith(each[:-1]) if each.endswith("*") else uri == each for each in patterns)


class OpenIdConnect(Answers):
    """Below /realms/NAME."""

    def _public(self, realm: Realm, path: str, form: Dict[str, str]) -> None:
        issuer = self._issuer(realm)
        inner = "protocol/openid-connect"
        if path == "":
            self._json({"realm": realm.name, "public_key": "", "token-service": f"{issuer}/{inner}",
                        "account-service": f"{issuer}/account", "tokens-not-before": 0})
        elif path == ".well-known/openid-configuration":
            ends = {"authorization": "auth", "token": "token", "userinfo": "userinfo", "end_session": "logout"}
            places = {f"{name}_endpoint": f"{issuer}/{inner}/{end}" for name, end in ends.items()}
            self._json({"issuer": issuer, **places,
                        "jwks_uri": f"{issuer}/{inner}/certs", "code_challenge_methods_supported": ["plain", "S256"]})
        elif path == f"{inner}/certs":
            self._json({"keys": [realm.key.jwk]})
        elif path == f"{inner}/auth":
            self._asks_for_login(realm, self.query)
        elif path == "login-actions/authenticate":
            self._logs_in(realm, form)
        elif path == f"{inner}/token" and self.command == "POST":
            self._token(realm, issuer, form)
        elif path == f"{inner}/userinfo":
            about = self._signed_in(realm)
            if "openid" not in about["scope"].split():
                raise Refused(403, "insufficient_scope", "Missing openid scope")
            self._json(realm.profile(about["user"]), **self._origin(about["allowed-origins"]))
        elif path == "account":
            about = self._signed_in(realm)
            user = realm.users[about["user"]]
            shown = {name: user[name] for name in ("firstName", "lastName", "email", "attributes") if name in user}
            self._json({"id": about["sub"], "username": about["user"], "emailVerified": True, **shown},
                       **self._origin(about["allowed-origins"]))
        else:
            raise Refused(404, "Resource not found")

    def _signed_in(self, realm: Realm) -> Json:
        about = realm.tokens.get(self._bearer())
        if about is None or not about["user"]:
            raise Refused(401, "HTTP 401 Unauthorized")
        return about

    def _asks_for_login(self, realm: Realm, asked: Dict[str, str]) -> None:
        client = realm.client(asked.get("client_id", ""))
        if client is None:
            return self._page(_ERROR.format(error="Client not found."), 400)
        if not _allowed(asked.get("redirect_uri", ""), client["redirectUris"]):
            return self._page(_ERROR.format(error="Invalid parameter: redirect_uri"), 400)
        if not client["standardFlowEnabled"]:
            return self._back(realm, asked, error="unauthorized_client")
        if asked.get("response_type") != "code":
            return self._back(realm, asked, error="unsupported_response_type")
        method = client["attributes"].get("pkce.code.challenge.method")
        if method and asked.get("code_challenge_method") != method:
            return self._back(realm, asked, error="invalid_request",
                              error_description="Missing parameter: code_challenge_method")
        user = realm.sessions.get(self._cookie())
        if user is not None:
            return self._with_code(realm, asked, user)
        if asked.get("prompt") == "none":
            return self._back(realm, asked, error="login_required")
        return self._form(realm, asked, "")

    def _form(self, realm: Realm, asked: Dict[str, str], error: str) -> None:
        session = secrets.token_urlsafe(16)
        self.server.waiting[session] = asked
        action = f"{self._issuer(realm)}/login-actions/authenticate?session_code={session}"
        self._page(_LOGIN.format(error=error, action=html.escape(action)))

    def _logs_in(self, realm: Realm, form: Dict[str, str]) -> None:
        asked = self.server.waiting.pop(self.query.get("session_code", ""), None)
        if asked is None:
            return self._page(_ERROR.format(error="Cookie not found."), 400)
        try:
            realm.password_of(form.get("username", ""), form.get("password", ""))
        except Refused:
            return self._form(realm, asked, "Invalid username or password.")
        cookie = secrets.token_urlsafe(16)
        realm.sessions[cookie] = form["username"]
        path = f"{self.server.base}/realms/{realm.name}/"
        return self._with_code(realm, asked, form["username"], f"FAKE_IDENTITY={cookie}; Path={path}; HttpOnly")

    def _cookie(self) -> str:
        pairs = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
        return pairs.get("FAKE_IDENTITY", "")

    def _with_code(self, realm: Realm, asked: Dict[str, str], user: str, cookie: str = "") -> None:
        code = secrets.token_urlsafe(24)
        realm.codes[code] = Code(asked["client_id"], user, asked["redirect_uri"], asked.get("code_challenge", ""),
                                 asked.get("scope", ""), asked.get("nonce", ""))
        self._back(realm, asked, cookie, session_state=secrets.token_urlsafe(16), code=code)

    def _back(self, realm: Realm, asked: Dict[str, str], cookie: str = "", **said: str) -> None:
        """To the client, with the state first and the issuer, as Keycloak does."""
        state = {"state": asked["state"]} if "state" in asked else {}
        answer = urlencode({**state, **said, "iss": self._issuer(realm)})
        uri = asked["redirect_uri"]
        mark = "#" if asked.get("response_mode") == "fragment" else "&" if "?" in uri else "?"
        headers = {"Set_Cookie": cookie} if cookie else {}
        self._say(302, b"", Location=f"{quote(uri, safe=_SAFE)}{mark}{answer}", Cache_Control="no-store", **headers)

    def _token(self, realm: Realm, issuer: str, form: Dict[str, str]) -> None:
        kind = form.get("grant_type")
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        head = self.headers.get("Authorization", "")
        if head.startswith("Basic "):
            name, _, secret = base64.b64decode(head[6:]).decode().partition(":")
        client = realm.authenticated(unquote(name), unquote(secret))
        if self.headers.get("Origin") and not self._origin(client["webOrigins"]):
            raise Refused(403, "Invalid origin")
        self.consent = self._origin(client["webOrigins"])
        if kind == "authorization_code":
            code = realm.exchanged(client, form.get("code", ""), form.get("redirect_uri", ""),
                                   form.get("code_verifier", ""))
            scope = " ".join(dict.fromkeys([*code.scope.split(), "email", "profile"]))
            answer = realm.grant(issuer, client, code.user, scope=scope, nonce=code.nonce, signed_in=True)
        elif kind == "client_credentials":
            if not client["serviceAccountsEnabled"]:
                told = "Public client not allowed to retrieve service account"
                raise Refused(401, "unauthorized_client", told if client["publicClient"] else
                              "Client not enabled to retrieve service account")
            answer = realm.grant(issuer, client, "")
        elif kind == "password":
            if not client["directAccessGrantsEnabled"]:
                raise Refused(400, "unauthorized_client", "Client not allowed for direct access grants")
            realm.password_of(form.get("username", ""), form.get("password", ""))
            answer = realm.grant(issuer, client, form["username"])
        else:
            raise Refused(400, "unsupported_grant_type" if kind else "invalid_request",
                          "Unsupported grant_type" if kind else "Missing form parameter: grant_type")
        self._json(answer, Cache_Control="no-store", **self.consent)
