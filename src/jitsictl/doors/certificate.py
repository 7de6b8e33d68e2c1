"""Whether a certificate and its key are a pair that a server starts with."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Optional


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
