"""A certificate authority of the bed's own and what it certifies, made once and kept in the cache."""
from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bed.base import CACHE, command, locked


class Certificates(NamedTuple):
    """Files in PEM form."""

    ca: Path
    certificate: Path
    key: Path


def ensure(cache: Path = CACHE, name: str = "ghcr.io") -> Certificates:
    """The certificate of `name`, valid ten years, and the authority to trust."""
    folder = cache / "tls"
    found = Certificates(folder / "ca.crt", folder / f"{name}.crt", folder / f"{name}.key")
    with locked(cache / "tls.lock"):
        folder.mkdir(mode=0o700, exist_ok=True)
        if all(path.is_file() for path in found):
            return found
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        if not found.ca.is_file():
            command(["openssl", "req", "-x509", *curve, "-days", "3650", "-subj", "/CN=bed authority",
                     "-addext", "keyUsage=critical,keyCertSign", "-keyout", folder / "ca.key", "-out", found.ca])
        request = command(["openssl", "req", "-new", *curve, "-subj", f"/CN={name}",
                           "-keyout", found.key]).stdout
        (folder / "ext").write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")
        command(["openssl", "x509", "-req", "-days", "3650", "-CA", found.ca, "-CAkey", folder / "ca.key",
                 "-CAcreateserial", "-extfile", folder / "ext", "-out", found.certificate], stdin=request)
    return found
