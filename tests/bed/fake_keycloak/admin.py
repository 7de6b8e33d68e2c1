"""The calls of Keycloak's Admin API that look after a client."""
from __future__ import annotations

import json
from typing import List

from bed.fake_keycloak.answers import Answers
from bed.fake_keycloak.realm import Realm, Refused


class Admin(Answers):
    """Below /admin/realms/NAME."""

    def _admin(self, realm: Realm, parts: List[str]) -> None:
        roles = self._management(realm)
        if not parts:
            if not roles:
                raise Refused(403, "HTTP 403 Forbidden")
            return self._json({"realm": realm.name, "enabled": True})
        if parts[0] != "clients":
            raise Refused(404, "Resource not found")
        needed = "view-clients" if self.command == "GET" else "manage-clients"
        if needed not in roles and "manage-clients" not in roles:
            raise Refused(403, "HTTP 403 Forbidden")
        if len(parts) == 1:
            return self._clients(realm)
        if parts[1] not in realm.clients:
            raise Refused(404, "Could not find client")
        client = realm.clients[parts[1]]
        if self.command == "PUT":
            realm.update(parts[1], json.loads(self._body()))
            return self._say(204, b"")
        if self.command == "DELETE":
            del realm.clients[parts[1]]
            return self._say(204, b"")
        if parts[2:] == ["installation", "providers", "keycloak-oidc-keycloak-json"]:
            address = self._issuer(realm).rpartition("/realms/")[0]
            kind = {"public-client": True} if client["publicClient"] else {"credentials": {"secret": client["secret"]}}
            return self._json({"realm": realm.name, "auth-server-url": f"{address}/", "ssl-required": "external",
                               "resource": client["clientId"], "confidential-port": 0, **kind})
        if parts[2:]:
            raise Refused(404, "Resource not found")
        return self._json(client)

    def _clients(self, realm: Realm) -> None:
        if self.command == "GET":
            wanted = self.query.get("clientId")
            return self._json([each for each in realm.clients.values() if wanted in (None, each["clientId"])])
        try:
            made = realm.create(json.loads(self._body()))
        except Refused as refused:
            if refused.status == 409:
                return self._json({"errorMessage": refused.body["error"]}, 409)
            raise
        place = f"{self._issuer(realm).replace('/realms/', '/admin/realms/')}/clients/{made}"
        return self._say(201, b"", Location=place)

    def _management(self, realm: Realm) -> List[str]:
        """Roles for `realm` of the token that came: its own realm's, or an administrator's of master."""
        for owner in (realm, self.server.realms["master"]):
            about = owner.tokens.get(self._bearer())
            if about is not None:
                return list(about["management"])
        if any(self._bearer() in other.tokens for other in self.server.realms.values()):
            raise Refused(403, "HTTP 403 Forbidden")
        raise Refused(401, "HTTP 401 Unauthorized")
