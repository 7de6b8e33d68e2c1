"""A certificate: whether a server starts with it and its key, until when and for whom it is, which one is served."""

from __future__ import annotations

import re
import socket
import ssl
from pathlib import Path
from typing import NamedTuple, Optional

from jitsictl.doors import process

SECONDS = 2.0


class Read(NamedTuple):
    """`ends` in seconds since 1970, as time.time()."""

    ends: float
    fits: bool


def read(path: Path, host: str) -> Optional[Read]:
    """What the first certificate of a file says, and whether it is for this host name or address; None: nothing.

    By openssl, since Python's ssl reads the date of a certificate only once its authority is trusted.
    """
    inside = host.strip("[]")
    check = "-checkip" if host != inside or re.fullmatch(r"[0-9.]+", host) else "-checkhost"
    argv = ["openssl", "x509", "-noout", "-in", str(path), "-enddate", check, inside]
    try:
        said = process.run(argv, deadline=SECONDS, check=False).out
    except (process.NotFound, process.DeadlineExceeded):
        return None
    found = re.search(r"^notAfter=(.+)$", said, re.MULTILINE)
    return Read(ssl.cert_time_to_seconds(found.group(1)), "does match" in said) if found else None


def served(port: int, host: str) -> Optional[bytes]:
    """The certificate, in DER form, that this host's server gives for a name; None: it gives none in time."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # which one it is, not whether it is trusted
    try:
        with (
            socket.create_connection(("127.0.0.1", port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host.strip("[]")) as wrapped,
        ):
            return wrapped.getpeercert(binary_form=True)
    except OSError:
        return None


def in_file(path: Path) -> Optional[bytes]:
    """The first certificate of a file in DER form; None: there is none."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
        found = re.search(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.DOTALL)
        return ssl.PEM_cert_to_DER_cert(found.group(0)) if found else None
    except (OSError, ValueError):
        return None


def wrong_pair(certificate: Path, key: Path) -> Optional[str]:
    """Why no server starts with them, in a few words; None: it does.

    httpd's configtest opens neither: with a wrong pair it would end at its next start or graceful restart, with
    every other site of the host.
    """

    def passphrase() -> str:
        raise ValueError

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, passphrase)
    except ValueError:
        return "the key has a passphrase"
    except ssl.SSLError as error:
        return "the key is another certificate's" if error.reason == "KEY_VALUES_MISMATCH" else "they are no PEM files"
    except OSError as error:
        return error.strerror or str(error)
    return None
