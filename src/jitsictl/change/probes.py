"""Is a service ready? One probe a service; services.yaml names them.

A probe returns None when the service does its work, else what it found instead.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterable, List, Optional

from jitsictl import releases
from jitsictl.change.tools import Tools
from jitsictl.doors import http
from jitsictl.doors.clock import wait_until
from jitsictl.plan import signon
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings
from jitsictl.types.site import Container

PROBE_SECONDS = 3.0
CRASH_LOOP = 3  # restarts within one wait after which waiting on makes no sense
HEALTHCHECK = ("healthcheck.sh",)  # upstream's own, in its images since stable-9584

Probe = Callable[[Tools, Settings, Container], Optional[str]]


def base_url(settings: Settings, listen: str = "HTTP_PORT") -> str:
    """Where web is published, or what the setting `listen` is for, seen from this host. It is PORT or ADDRESS:PORT."""
    address, _, port = settings[listen].rpartition(":")
    if address in ("", "0.0.0.0", "[::]"):  # noqa: S104 - published everywhere, asked on loopback
        address = "127.0.0.1"
    return f"http://{address}:{port}"


def state(tools: Tools, settings: Settings, service: str) -> Optional[str]:
    """None when the service is ready, else why not, in a few words."""
    return _state(tools, settings, service, tools.docker.container(service))


def states(tools: Tools, settings: Settings, services: Iterable[str]) -> Dict[str, Optional[str]]:
    """The state of each of these services, after one look at the containers."""
    containers = tools.docker.containers()
    return {service: _state(tools, settings, service, containers.get(service)) for service in services}


def _state(tools: Tools, settings: Settings, service: str, container: Optional[Container]) -> Optional[str]:
    if container is None:
        return "no container"
    if container.state != "running":
        return container.state
    return PROBES[releases.services()[service].probe](tools, settings, container)


def wait_ready(tools: Tools, settings: Settings, service: str, seconds: Optional[float] = None) -> None:
    """Wait until the service's probe succeeds.

    Failure: it did not within its grace, or it crashes over and over; with the last lines of its log.
    """
    grace = releases.services()[service].grace_seconds if seconds is None else seconds
    found = ["not looked at yet"]
    restarts: List[int] = []

    def ready() -> bool:
        container = tools.docker.container(service)
        restarts.append(container.restarts if container else 0)
        if container is not None and container.restarts - restarts[0] >= CRASH_LOOP:
            raise Failure(
                f"{service} crashes over and over (restarted {container.restarts} times)" + _log(tools, container)
            )
        reason = _state(tools, settings, service, container)
        found[0] = reason or ""
        return reason is None

    try:
        wait_until(ready, deadline=grace)
    except TimeoutError:
        container = tools.docker.container(service)
        log = _log(tools, container) if container else ""
        raise Failure(f"expected {service} to be ready within {grace:g} s, found: {found[0]}{log}") from None


def _log(tools: Tools, container: Container) -> str:
    lines = tools.docker.logs(container.id, 5).strip()
    return f"; its last lines:\n{lines}" if lines else "; its log is empty"


def _web(_tools: Tools, settings: Settings, _container: Container) -> Optional[str]:
    return _answers(f"{base_url(settings)}/config.js")


def _prosody(tools: Tools, _settings: Settings, container: Container) -> Optional[str]:
    done = tools.docker.execute(container.id, HEALTHCHECK, deadline=PROBE_SECONDS)
    return None if done.code == 0 else f"its health check ended with {done.code}"


def _jicofo(_tools: Tools, settings: Settings, _container: Container) -> Optional[str]:
    if not settings.on("JICOFO_ENABLE_REST"):
        return None
    reason = _answers(f"http://127.0.0.1:{settings['JICOFO_REST_PORT']}/about/health")
    checks_off = not settings.on("JICOFO_ENABLE_HEALTH_CHECKS")
    return None if checks_off and reason == "HTTP 404" else reason


def _jvb(_tools: Tools, settings: Settings, _container: Container) -> Optional[str]:
    return _answers(f"http://127.0.0.1:{settings['JVB_COLIBRI_PORT']}/about/health")


def _etherpad(_tools: Tools, _settings: Settings, container: Container) -> Optional[str]:
    return _answers(f"http://{container.address}:9001/") if container.address else "no address yet"


def _whiteboard(_tools: Tools, _settings: Settings, container: Container) -> Optional[str]:
    return _answers(f"http://{container.address}:80/") if container.address else "no address yet"


def _jitsi_keycloak(_tools: Tools, settings: Settings, _container: Container) -> Optional[str]:
    return _answers(f"{base_url(settings, signon.PORT)}/api/keycloak.json")


def _oidc(_tools: Tools, settings: Settings, _container: Container) -> Optional[str]:
    return _answers(f"{base_url(settings, signon.PORT)}/oidc/health")


def _answers(url: str) -> Optional[str]:
    try:
        reply = http.get(url, deadline=PROBE_SECONDS)
    except Failure as failure:
        return failure.what
    return None if reply.status == 200 else f"HTTP {reply.status}"


PROBES: Dict[str, Probe] = {
    "web": _web,
    "prosody": _prosody,
    "jicofo": _jicofo,
    "jvb": _jvb,
    "etherpad": _etherpad,
    "whiteboard": _whiteboard,
    "jitsi_keycloak": _jitsi_keycloak,
    "oidc": _oidc,
}
