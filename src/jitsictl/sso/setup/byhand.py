"""The client for those who have no access to Keycloak's API: JSON, the commands of kcadm.sh, and the clicks. Pure."""

from __future__ import annotations

import json
from typing import List

from jitsictl.settings.quote import shell
from jitsictl.sso.setup import client
from jitsictl.sso.setup.client import Fields

FILE = "client.json"


def text(ours: Fields, base: str, realm: str) -> str:
    """All of it, for whoever looks after Keycloak at `base`."""
    parts = (
        ("As a file, for kcadm.sh and for the console (Clients, Import client):", _as_file(ours)),
        ("With kcadm.sh, in Keycloak's bin/; it asks for the password:", _kcadm(ours["clientId"], base, realm)),
        ("By clicks, Keycloak 20 and later:", _clicks(ours, realm)),
        ("By clicks, before Keycloak 20:", _old_clicks(ours, realm)),
    )
    return "\n\n".join("\n".join([f"# {title}", *lines]) for title, lines in parts) + "\n"


def _as_file(ours: Fields) -> List[str]:
    return [f"cat > {FILE} <<'EOF'", *json.dumps(client.new(ours), indent=2).splitlines(), "EOF"]


def _kcadm(name: str, base: str, realm: str) -> List[str]:
    """-m keeps what the file does not name, but a list in it replaces the one that is there."""
    where = f"-r {shell(realm)}"
    return [
        f"kcadm.sh config credentials --server {shell(base)} --realm master --user admin",
        f"kcadm.sh create clients {where} -f {FILE}",
        "# instead of the last one, where the client is there already; its redirectUris and webOrigins are replaced:",
        f"id=$(kcadm.sh get clients {where} -q {shell(f'clientId={name}')} --fields id --format csv --noquotes)",
        f'kcadm.sh update "clients/$id" {where} -m -f {FILE}',
    ]


def _clicks(ours: Fields, realm: str) -> List[str]:
    return [
        f"Realm {realm}, Clients, Create client",
        f"  General settings: Client type OpenID Connect, Client ID {ours['clientId']}; Next",
        "  Capability config: Client authentication Off, Authorization Off, of the flows Standard flow alone; Next",
        f"  Login settings: Valid redirect URIs {ours['redirectUris'][0]}",
        f"                  Web origins {ours['webOrigins'][0]}",
        "                  Valid post logout redirect URIs +; Save",
        *(f"  Advanced, Advanced settings: {what}; Save" for what in _advanced(ours, "4 Hours")),
    ]


def _old_clicks(ours: Fields, realm: str) -> List[str]:
    return [
        f"Realm {realm}, Clients, Create",
        f"  Client ID {ours['clientId']}, Client Protocol openid-connect; Save",
        "  Settings: Access Type public, Standard Flow Enabled ON, Implicit Flow and Direct Access Grants OFF",
        f"            Valid Redirect URIs {ours['redirectUris'][0]}",
        f"            Web Origins {ours['webOrigins'][0]}; Save",
        *(f"  Settings, Advanced Settings: {what}; Save" for what in _advanced(ours, "240 Minutes")),
    ]


def _advanced(ours: Fields, lifespan: str) -> List[str]:
    """The attributes as both consoles call them; what is to be empty is so in a new client."""
    named = []
    if ours["attributes"].get("access.token.lifespan"):
        named.append(f"Access Token Lifespan {lifespan}")
    if ours["attributes"].get("pkce.code.challenge.method"):
        named.append("Proof Key for Code Exchange S256")
    return [", ".join(named)] if named else []
