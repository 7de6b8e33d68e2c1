"""What every answer of the fake Keycloak needs of HTTP, and the way to the realm that is asked."""
from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Dict, List
from urllib.parse import parse_qsl, unquote, urlsplit

from bed.fake_keycloak.realm import Realm, Refused

if TYPE_CHECKING:
    from bed.fake_keycloak import Server


class Answers(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    consent: Dict[str, str]  # to the origin that asks (CORS), once its client is known: refusals have it, too

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(dict(parse_qsl(self._body(), keep_blank_values=True)))

    def do_PUT(self) -> None:
        self._answer({})

    def do_DELETE(self) -> None:
        self._answer({})

    def do_OPTIONS(self) -> None:
        """Any origin may ask beforehand; the answer itself is then held to the client's web origins."""
        self._say(200, b"", Access_Control_Allow_Methods="HEAD, DELETE, POST, GET, OPTIONS, PUT",
                  Access_Control_Allow_Headers="Origin, Accept, X-Requested-With, Content-Type, Authorization",
                  Access_Control_Max_Age="3600", **self._origin([self.headers.get("Origin", "")]))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: an address may hold a code."""

    def _body(self) -> str:
        if not hasattr(self, "_text"):
            self._text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        return self._text

    def _answer(self, form: Dict[str, str]) -> None:
        self._body()
        address = urlsplit(self.path)
        self.query = dict(parse_qsl(address.query, keep_blank_values=True))
        path = address.path
        self.server.asked.append(f"{self.command} {path}")
        self.consent = {}
        try:
            if not path.startswith(f"{self.server.base}/"):
                raise Refused(404, "Resource not found")
            parts = [unquote(part) for part in path[len(self.server.base) + 1:].split("/")]
            if parts[0] == "admin" and len(parts) > 2 and parts[1] == "realms":
                self._admin(self._realm(parts[2], "Realm not found."), parts[3:])
            elif parts[0] == "realms" and len(parts) > 1:
                self._public(self._realm(parts[1], "Realm does not exist"), "/".join(parts[2:]), form)
            else:
                raise Refused(404, "Resource not found")
        except Refused as refused:
            self._json(refused.body, refused.status, **self.consent)
        finally:
            del self._text

    def _realm(self, name: str, otherwise: str) -> Realm:
        if name not in self.server.realms:
            raise Refused(404, otherwise)
        return self.server.realms[name]

    def _public(self, realm: Realm, path: str, form: Dict[str, str]) -> None:
        raise NotImplementedError

    def _admin(self, realm: Realm, parts: List[str]) -> None:
        raise NotImplementedError

    # -- answers ---------------------------------------------------------------------------------------------

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _json(self, value: Any, status: int = 200, **headers: str) -> None:
        self._say(status, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def _page(self, text: str, status: int = 200) -> None:
        self._say(status, text.encode(), Content_Type="text/html;charset=utf-8", Cache_Control="no-store")

    def _origin(self, allowed: List[str]) -> Dict[str, str]:
        """Headers for a page of another origin that may read the answer."""
        origin = self.headers.get("Origin", "")
        if not origin or not ({origin, "*"} & set(allowed)):
            return {}
        return {"Access_Control_Allow_Origin": origin, "Access_Control_Allow_Credentials": "true"}

    def _issuer(self, realm: Realm) -> str:
        host = self.headers.get("X-Forwarded-Host") or self.headers.get("Host", "")
        scheme = self.headers.get("X-Forwarded-Proto") or self.server.scheme
        return f"{self.server.public or f'{scheme}://{host}{self.server.base}'}/realms/{realm.name}"

    def _bearer(self) -> str:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""
