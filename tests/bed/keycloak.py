"""A real Keycloak on the LAN, which a host's own Apache leads to as https://sso.darkstar.lan/auth.

Fetched from Maven Central, built and filled with the realm once, into the cache; from there it is up after some 9 s of
processor time and 330 MB. Who is in it is who is in the fake one: see fake_keycloak.
"""
from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from bed import front, runs, tls
from bed.base import CACHE, BedError, command, locked, wait_until
from bed.fake_keycloak import ADMIN, ADMIN_PASSWORD, PASSWORD, REALM, SECRET, SERVICE, USER
from bed.host import Host
from bed.lan import GATEWAY, Lan

VERSION, SHA256 = "26.7.3", "77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47"
_SOURCE = "https://repo.maven.apache.org/maven2/org/keycloak/keycloak-quarkus-dist"
NAME, PORT = "sso.darkstar.lan", 8180
ADDRESS = f"https://{NAME}/auth"
INSIDE = f"http://{GATEWAY}:{PORT}/auth"  # the same, as hosts of the LAN reach it without Apache
AUTHORITY = "/etc/ssl/certs/bed.pem"  # on the host: who signed the certificate of NAME
MEMORY = 900_000_000  # bytes, of all of it
# The compiler that starts fast, and a collector without threads of its own: nothing here runs for long.
_JAVA = "-Xms64m -Xmx384m -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8"
# The build fixes these two; the rest is said at the start.
_BUILT = ("--db=dev-file", "--http-relative-path=/auth")
_VHOST = f"""Listen 443
<VirtualHost *:443>
    ServerName {NAME}
    SSLEngine on
    SSLCertificateFile "/etc/dehydrated/certs/{NAME}/fullchain.pem"
    SSLCertificateKeyFile "/etc/dehydrated/certs/{NAME}/privkey.pem"
    RequestHeader set X-Forwarded-Proto "https"
    RequestHeader set X-Forwarded-Port "443"
    ProxyPreserveHost On
    ProxyPass "/auth/" "{INSIDE}/"
    ProxyPassReverse "/auth/" "{INSIDE}/"
</VirtualHost>
"""


def realm() -> Dict[str, Any]:
    """What is imported: a person who can log in, and an account for setup that may look after clients."""
    service = {"clientId": SERVICE, "enabled": True, "publicClient": False, "secret": SECRET,
               "serviceAccountsEnabled": True, "standardFlowEnabled": False}
    person = {"username": USER, "enabled": True, "firstName": "Al", "lastName": "Ien", "email": "alien@darkstar.lan",
              "emailVerified": True, "realmRoles": [f"default-roles-{REALM}"],
              "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}]}
    roles = {"realm-management": ["manage-clients", "view-clients"]}
    account = {"username": f"service-account-{SERVICE}", "enabled": True, "serviceAccountClientId": SERVICE,
               "clientRoles": roles}
    return {"realm": REALM, "enabled": True, "sslRequired": "none", "clients": [service], "users": [person, account]}


def missing() -> Optional[str]:
    """Why there is none here; None where there is one. Fetches and builds it where that was not done."""
    if shutil.which("java") is None:
        return "no java: make needs, as root"
    try:
        ensure()
    except BedError as error:
        return str(error)
    return None


def ensure(cache: Path = CACHE) -> Path:
    """Its folder, built and with the realm; made once (some 180 MB to fetch, and 40 s of processor time)."""
    made_of = (SHA256, _JAVA, _BUILT, _environment(), realm())
    home = cache / f"keycloak-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:12]}"
    with locked(cache / "keycloak.lock"):
        if not home.is_dir():
            with tempfile.TemporaryDirectory(dir=cache, prefix="making-keycloak-") as scratch:
                fresh = _unpacked(Path(scratch))
                _command(fresh, "build", *_BUILT)
                (fresh / "realm.json").write_text(json.dumps(realm()))
                _command(fresh, "import", "--optimized", "--file", str(fresh / "realm.json"))
                fresh.rename(home)
            for other in cache.glob("keycloak-*"):
                if other.is_dir() and other != home:
                    shutil.rmtree(other)
    return home


def _unpacked(work: Path) -> Path:
    """The distribution, as Maven Central has it."""
    archive = work / f"keycloak-quarkus-dist-{VERSION}.tar.gz"
    address = f"{_SOURCE}/{VERSION}/{archive.name}"
    try:
        with urllib.request.urlopen(address, timeout=30) as answer, archive.open("wb") as file:
            shutil.copyfileobj(answer, file, 1 << 20)
    except (OSError, urllib.error.URLError) as error:
        raise BedError(f"no Keycloak from {address}: {error}") from error
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise BedError(f"{address}: expected SHA-256 {SHA256}, found {found}")
    command(["tar", "-C", work, "-xzf", archive], timeout=120)
    return work / f"keycloak-{VERSION}"


def _environment() -> Dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "JAVA_OPTS": _JAVA,
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN_PASSWORD}


def _command(home: Path, *words: str) -> None:
    done = subprocess.run([str(home / "bin/kc.sh"), *words], env=_environment(), timeout=300,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise BedError(f"kc.sh {words[0]} ended with {done.returncode}: {done.stdout[-2000:]}")


class Keycloak:
    """One that has been started; `ready` waits for it."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def ready(self, timeout: float = 120) -> None:
        """Wait until it answers."""
        wait_until(self._answers, "Keycloak to answer", timeout, every=0.2)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise BedError(f"Keycloak ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        return "Listening on:" in self.log.read_text()


_numbers = itertools.count(1)


@contextlib.contextmanager
def on(lan: Lan) -> Iterator[Keycloak]:
    """One at 10.77.0.1:8180, without a client jitsi; it starts in the background, and ends with the block."""
    cgroup = f"bed-{lan.run.id}-keycloak{next(_numbers)}"
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keycloak-", dir=lan.run.folder)))
        _copy(ensure(), home)
        stack.callback(runs.remove_cgroups, cgroup)
        join = f"echo $$ >{file} && " if (file := runs.capped(cgroup, MEMORY)) else ""
        words = [f"{home}/bin/kc.sh", "start", "--optimized", "--cache=local", "--http-enabled=true",
                 f"--http-host={GATEWAY}", f"--http-port={PORT}", f"--hostname={ADDRESS}", "--proxy-headers=xforwarded",
                 "--http-management-host=127.0.0.1", "--http-management-port=9180"]
        log = home / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                runs.inside(lan.netns, "/bin/sh", "-c", f'{join}exec "$@"', "sh", *words), env=_environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        stack.callback(_end, process)
        yield Keycloak(process, log)


def _copy(made: Path, home: Path) -> None:
    """A home with data of its own, all else by links; kc.sh takes the folder where it really lies."""
    for name in ("bin", "data"):
        shutil.copytree(made / name, home / name, ignore=shutil.ignore_patterns("client"))
    for name in ("conf", "lib", "providers", "themes"):
        (home / name).symlink_to(made / name)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def publish(host: Host, *names: str) -> None:
    """The host's Apache leads to it by TLS, and the host knows its name, and `names`, by its own address.

    Call it after front.install; httpd is left to be started.
    """
    front.certify(host, NAME)
    host.write("/etc/httpd/extra/httpd-sso.conf", _VHOST)
    host.write(front.CONF, f"{front.loaded()}Include /etc/httpd/extra/httpd-sso.conf\n")
    host.write(AUTHORITY, tls.ensure().ca.read_text(), 0o644)
    host.write("/etc/hosts", f"{host.read('/etc/hosts')}{host.ip} {' '.join([NAME, *names])}\n")
