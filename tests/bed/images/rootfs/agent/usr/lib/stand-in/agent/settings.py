"""What both agents read from the environment, by upstream's names and defaults."""
from __future__ import annotations

import os
import socket

from agent.xmpp import Account


def text(name: str, default: str = "") -> str:
    """A variable; an empty one counts as not set, as in upstream's templates."""
    return os.environ.get(name) or default


def on(name: str, default: str) -> bool:
    """tpl's toBool: any text that is no spelling of false is true."""
    return text(name, default) not in ("0", "f", "F", "false", "False", "FALSE")


def accounts(user: str, password: str, nick: str) -> list[Account]:
    """One login for each server of XMPP_SERVER, a comma-separated list of HOST or HOST:PORT."""
    rooms = text("XMPP_INTERNAL_MUC_DOMAIN", "internal-muc.meet.jitsi")
    room = f"{text('JVB_BREWERY_MUC', 'jvbbrewery')}@{rooms}".lower()
    domain = text("XMPP_AUTH_DOMAIN", "auth.meet.jitsi")
    found = []
    for server in text("XMPP_SERVER", "xmpp.meet.jitsi").split(","):
        host, _, port = server.strip().partition(":")
        found.append(Account(host, int(port or text("XMPP_PORT", "5222")), domain, user, password, room,
                             nick or socket.gethostname()))
    return found
