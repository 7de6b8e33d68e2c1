"""Apache httpd on a host in Slackware's layout: Debian's build, Slackware's paths, module list and rc script.

Not in the roots: one test file in thirty needs it.
"""
from __future__ import annotations

from pathlib import Path

from bed import added, tls
from bed.base import HERE, wait_until
from bed.host import Host

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


def start(host: Host) -> None:
    host.run("/etc/rc.d/rc.httpd start")
    wait_until(lambda: host.http("/", port=80).status, "httpd to answer")


def stop(host: Host) -> None:
    """Told more than once: httpd forgets a signal that comes while it reads its configuration."""
    kill = 'p=$(cat /var/run/httpd.pid 2>/dev/null) && kill "$p" 2>/dev/null; [ ! -e "/proc/${p:-none}" ]'
    wait_until(lambda: host.run(kill, check=False).returncode == 0, "httpd to end", every=0.2)


def restart(host: Host, conf: str) -> None:
    """Stopped, and started with this configuration: a graceful restart does not change ServerLimit."""
    stop(host)
    host.write(CONF, conf, 0o644)
    start(host)


def fetch(host: Host, name: str, url: str, *options: str) -> str:
    """Head and body through Apache by curl, which finds `name` on this host and trusts the bed's authority."""
    ports = [word for port in (80, 443) for word in ("--resolve", f"{name}:{port}:127.0.0.1")]
    return host.run(["curl", "-sSi", "-m", "10", *ports, *options, url]).stdout.replace("\r\n", "\n")


def certify(host: Host, name: str) -> None:
    """A certificate of the bed's own authority, where dehydrated would keep it."""
    made = tls.ensure(name=name)
    folder = f"/etc/dehydrated/certs/{name}"
    host.write(f"{folder}/fullchain.pem", made.certificate.read_text() + made.ca.read_text())
    host.write(f"{folder}/privkey.pem", made.key.read_text(), 0o600)


def ensure() -> Path:
    """The files of apache2-bin and its libraries that the root does not have."""
    return added.ensure("httpd", ["apache2-bin"])
