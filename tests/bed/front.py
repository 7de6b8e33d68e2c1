"""Apache httpd on a host in Slackware's layout: Debian's build, Slackware's paths, module list and rc script.

Not in the roots: one test file in thirty needs it.
"""
from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from bed import apt, roots, tls, userland
from bed.base import CACHE, HERE, locked
from bed.host import Host

ROOT = "slackware15"
CONF = "/etc/httpd/httpd.conf"
OFF = ("proxy", "proxy_http", "rewrite", "ssl", "http2")  # in Slackware's httpd.conf, and needed


def install(host: Host) -> None:
    """Put httpd on a booted host of the root slackware15; nothing of it runs."""
    host.put(ensure(), "/")
    host.run("mkdir -p /usr/lib64/httpd /var/log/httpd /etc/httpd/extra /srv/httpd/htdocs"
             " && ln -s /usr/lib/apache2/modules /usr/lib64/httpd/modules"
             " && rm -f /var/www && ln -s /srv/httpd /var/www && ldconfig")
    for name, target in (("httpd", "/usr/sbin/httpd"), ("apachectl", "/usr/sbin/apachectl"),
                         ("rc.httpd", "/etc/rc.d/rc.httpd")):
        host.put(HERE / "apache" / name, target)
        host.run(["chmod", "755", target])
    host.write("/etc/httpd/mime.types", "text/html html htm\n")
    host.write(CONF, (HERE / "apache/httpd.conf").read_text())


def loaded() -> str:
    """Slackware's httpd.conf with the modules loaded that it has behind a # and the site needs."""
    text = (HERE / "apache/httpd.conf").read_text()
    for name in OFF:
        text = text.replace(f"#LoadModule {name}_module", f"LoadModule {name}_module")
    return text


def certify(host: Host, name: str) -> None:
    """A certificate of the bed's own authority, where dehydrated would keep it."""
    made = tls.ensure(name=name)
    folder = f"/etc/dehydrated/certs/{name}"
    host.write(f"{folder}/fullchain.pem", made.certificate.read_text() + made.ca.read_text())
    host.write(f"{folder}/privkey.pem", made.key.read_text(), 0o600)


def ensure(cache: Path = CACHE) -> Path:
    """The files of apache2-bin and its libraries that the root does not have; fetched and unpacked once."""
    suite = userland.RECIPES[ROOT].suite
    root = roots.ensure(ROOT)
    key = hashlib.sha256("\0".join([suite, root.name, Path(__file__).read_text()]).encode()).hexdigest()[:12]
    layer = cache / f"httpd-{key}"
    with locked(cache / "httpd.lock"):
        if layer.is_dir():
            return layer
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-httpd-") as scratch:
            fresh = Path(scratch) / "layer"
            fresh.mkdir(mode=0o755)
            apt.unpack(apt.download(suite, ["apache2-bin"], Path(scratch) / "work"), fresh)
            _only_new(fresh, root)
            fresh.rename(layer)
        for other in cache.glob("httpd-*"):
            if other != layer:
                shutil.rmtree(other)
    return layer


def _only_new(fresh: Path, root: Path) -> None:
    """Drop what the root has; and what lies in /bin, /lib and the like is moved below /usr, as there."""
    for name in ("bin", "sbin", "lib", "lib64"):
        if (fresh / name).is_dir():
            shutil.copytree(fresh / name, fresh / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(fresh / name)
    for path in sorted(fresh.rglob("*"), reverse=True):
        there = root / path.relative_to(fresh)
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif there.exists() or there.is_symlink():
            path.unlink()
