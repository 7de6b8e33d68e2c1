"""What a realm of the fake Keycloak holds: users, clients, sessions, codes, and the tokens that it signed."""
from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

Json = Dict[str, Any]
# What Keycloak 26.7 answers for a client of which nothing was said.
_CLIENT: Json = {
    "surrogateAuthRequired": False, "enabled": True, "alwaysDisplayInConsole": False,
    "clientAuthenticatorType": "client-secret", "redirectUris": [], "webOrigins": [], "notBefore": 0,
    "bearerOnly": False, "consentRequired": False, "standardFlowEnabled": True, "implicitFlowEnabled": False,
    "directAccessGrantsEnabled": False, "serviceAccountsEnabled": False, "publicClient": False,
    "frontchannelLogout": False, "protocol": "openid-connect", "attributes": {"realm_client": "false"},
    "authenticationFlowBindingOverrides": {}, "fullScopeAllowed": True, "nodeReRegistrationTimeout": -1,
    "defaultClientScopes": ["web-origins", "acr", "profile", "roles", "basic", "email"],
    "optionalClientScopes": ["address", "phone", "organization", "offline_access", "microprofile-jwt"],
    "access": {"view": True, "configure": True, "manage": True}}
_MORE_FIELDS = {"id", "clientId", "secret", "name", "description", "rootUrl", "adminUrl", "baseUrl", "protocolMappers",
                "registeredNodes", "authorizationServicesEnabled"}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key in `folder`, and RS256 by openssl: Python's own library has none."""

    def __init__(self, folder: Path) -> None:
        self.file, self.id = folder / "realm.key", secrets.token_urlsafe(16)
        self._openssl("genrsa", "-out", str(self.file), "2048")
        text = self._openssl("rsa", "-in", str(self.file), "-noout", "-modulus").decode()
        modulus = bytes.fromhex(text.strip().partition("=")[2])
        self.jwk = {"kid": self.id, "kty": "RSA", "alg": "RS256", "use": "sig", "n": encode(modulus), "e": "AQAB"}

    @staticmethod
    def _openssl(*words: str, data: bytes = b"") -> bytes:
        return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True, timeout=60).stdout

    def signed(self, claims: Json) -> str:
        head = {"alg": "RS256", "typ": "JWT", "kid": self.id}
        text = ".".join(encode(json.dumps(part).encode()) for part in (head, claims))
        return f"{text}.{encode(self._openssl('dgst', '-sha256', '-sign', str(self.file), data=text.encode()))}"


class Refused(Exception):
    """An answer that is not a success: status and body as Keycloak gives them."""

    def __init__(self, status: int, error: str, description: str = "", **more: str) -> None:
        self.status = status
        self.body = {"error": error, **({"error_description": description} if description else {}), **more}
        super().__init__(self.body)


class Code(NamedTuple):
    """What a code stands for: it is good once."""

    client: str
    user: str
    redirect: str
    challenge: str
    scope: str
    nonce: str


class Realm:
    """One realm. `users` by name: firstName, lastName, email, password, and `roles` for a realm's administrators.

    `has_auth_time` = False is a client without the scope `basic`; `old` answers as Keycloak before 26 did.
    """

    def __init__(self, name: str, key: Key) -> None:
        self.name, self.key = name, key
        self.clients: Dict[str, Json] = {}
        self.users: Dict[str, Json] = {}
        self.roles: Dict[str, List[str]] = {}  # of service accounts, by clientId
        self.codes: Dict[str, Code] = {}
        self.sessions: Dict[str, str] = {}  # cookie -> user
        self.tokens: Dict[str, Json] = {}
        self.has_auth_time, self.old = True, False

    def client(self, client_id: str) -> Optional[Json]:
        return next((each for each in self.clients.values() if each["clientId"] == client_id), None)

    def create(self, given: Json) -> str:
        """The new client's id."""
        self._check(given)
        if self.client(given.get("clientId", "")) is not None:
            raise Refused(409, f"Client {given['clientId']} already exists")
        made = json.loads(json.dumps(_CLIENT))
        made["id"] = str(uuid.uuid4())
        made["clientId"] = made["id"]
        self.clients[made["id"]] = made
        self._set(made, given)
        return str(made["id"])

    def update(self, ident: str, given: Json) -> None:
        """Fields that are given replace, lists whole; attributes are merged, and an empty one goes."""
        self._check(given)
        self._set(self.clients[ident], given)

    def _check(self, given: Json) -> None:
        for name in given:
            if name not in _CLIENT and name not in _MORE_FIELDS:
                told = f'Invalid json representation for ClientRepresentation. Unrecognized field "{name}".'
                raise Refused(400, told)
        if any(" " in uri for uri in given.get("redirectUris") or ()):
            raise Refused(400, "invalid_input", "A redirect URI is not a valid URI")

    def _set(self, client: Json, given: Json) -> None:
        client.update({name: value for name, value in given.items()
                       if value is not None and name not in ("id", "attributes", "access")})
        client["attributes"].update(given.get("attributes") or {})
        client["attributes"] = {name: value for name, value in client["attributes"].items() if value not in ("", None)}
        if not client["publicClient"] and not client["bearerOnly"]:
            client.setdefault("secret", secrets.token_urlsafe(24))

    # -- tokens ----------------------------------------------------------------------------------------------

    def authenticated(self, client_id: str, secret: str) -> Json:
        """The client that asks; a public one has no secret."""
        client = self.client(client_id)
        told = "Invalid client or Invalid client credentials"
        if client is None or not client["enabled"]:
            raise Refused(401, "invalid_client", told)
        if not client["publicClient"] and client.get("secret") != secret:
            raise Refused(401, "unauthorized_client", told)
        return client

    def password_of(self, name: str, password: str) -> Json:
        user = self.users.get(name)
        if user is None or user["password"] != password or user.get("otp"):
            raise Refused(401 if self.old else 400, "invalid_grant", "Invalid user credentials")
        if user.get("requiredActions"):
            raise Refused(400, "invalid_grant", "Account is not fully set up")
        return user

    def exchanged(self, client: Json, code: str, redirect: str, verifier: str) -> Code:
        found = self.codes.pop(code, None)
        if found is None:
            raise Refused(400, "invalid_grant", "Code not valid")
        if found.client != client["clientId"] or found.redirect != redirect:
            raise Refused(400, "invalid_grant", "Incorrect redirect_uri")
        if found.challenge and not verifier:
            raise Refused(400, "invalid_grant", "PKCE code verifier not specified")
        if found.challenge and encode(hashlib.sha256(verifier.encode()).digest()) != found.challenge:
            raise Refused(400, "invalid_grant", "PKCE verification failed: Code mismatch")
        return found

    def grant(self, issuer: str, client: Json, user: str, *, scope: str = "email profile", nonce: str = "",
              signed_in: bool = False) -> Json:
        """The token endpoint's answer; `signed_in`: by a browser, not by a password in the request."""
        now = int(time.time())
        life = int(client["attributes"].get("access.token.lifespan") or 300)
        claims: Json = {"exp": now + life, "iat": now, "jti": str(uuid.uuid4()), "iss": issuer, "typ": "Bearer",
                        "azp": client["clientId"], "acr": "1", "scope": scope, "allowed-origins": client["webOrigins"]}
        if user:
            claims.update(self.profile(user), aud="account",
                          resource_access={"account": {"roles": ["manage-account", "view-profile"]}})
        else:
            claims.update(sub=str(uuid.uuid4()), preferred_username=f"service-account-{client['clientId']}")
        if signed_in and self.has_auth_time:
            claims["auth_time"] = now
        token = self.key.signed(claims)
        roles = self.users[user].get("roles", []) if user else self.roles.get(client["clientId"], [])
        self.tokens[token] = {**claims, "user": user, "management": roles}
        answer = {"access_token": token, "expires_in": life, "refresh_expires_in": 0, "token_type": "Bearer",
                  "not-before-policy": 0, "scope": scope}
        if "openid" in scope.split():
            about = {key: claims[key] for key in claims.keys() - {"allowed-origins", "resource_access"}}
            answer["id_token"] = self.key.signed({**about, "aud": client["clientId"], "typ": "ID", "nonce": nonce})
        return answer

    def profile(self, name: str) -> Json:
        user = self.users[name]
        first, last = user.get("firstName"), user.get("lastName")
        said = {"sub": str(uuid.uuid5(uuid.NAMESPACE_URL, name)), "email_verified": True, "preferred_username": name,
                "name": " ".join(filter(None, (first, last))), "given_name": first, "family_name": last,
                "email": user.get("email")}
        return {key: value for key, value in said.items() if value not in (None, "")}
