"""The adapters between Keycloak and Jitsi as images: what they start as, with as little as they need, and end by."""

from __future__ import annotations

import json
import time
from typing import Iterator, List

import bed
import pytest
from bed import fake_keycloak
from bed.base import wait_until

pytestmark = pytest.mark.bed

KEYCLOAK = "ghcr.io/d3473r/jitsi-keycloak:main"
OIDC = "ghcr.io/jitsi-contrib/jitsi-oidc-adapter:v20260328"
LEAST = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")


@pytest.fixture(scope="module")
def machine_with_keycloak(machine: bed.Host) -> Iterator[bed.Host]:
    with fake_keycloak.on(machine, 8180):
        yield machine


def run(host: bed.Host, name: str, *words: str) -> None:
    host.run(["docker", "run", "-d", "--name", name, *LEAST, *words], timeout=120)


def commands(host: bed.Host, name: str, *asked: str) -> List[str]:
    """Those of these commands that a container has as files: busybox's shell knows more than there are."""
    line = f"cd /usr/bin && for c in {' '.join(asked)}; do [ ! -e $c ] || echo $c; done"
    return host.run(["docker", "exec", name, "sh", "-c", line]).stdout.split()


def test_jitsi_keycloak_from_its_own_command(machine_with_keycloak: bed.Host) -> None:
    host = machine_with_keycloak
    config = json.dumps({"realm": "foundation", "auth-server-url": f"http://{host.ip}:8180/", "resource": "jitsi"})
    host.write("/srv/sso/keycloak.json", config, 0o644)
    run(host, "sso", "-v", "/srv/sso:/config:ro", "-p", "127.0.0.1:3000:3000", KEYCLOAK)
    wait_until(lambda: host.http("/room", port=3000).status == 200, "the page")
    assert host.http("/api/keycloak.json", port=3000).body == config
    shown = json.loads(host.run(["docker", "inspect", "sso"]).stdout)[0]["Config"]
    assert (shown["WorkingDir"], shown["Cmd"], shown["Entrypoint"], shown["User"]) == (
        "/app", ["node", "src/app.js"], None, "")  # fmt: skip
    assert commands(host, "sso", "node", "wget", "bash", "curl") == ["node", "wget"]
    host.run(["docker", "kill", "-s", "TERM", "sso"])  # for which the first process of a container needs a handler
    time.sleep(0.5)
    assert host.http("/room", port=3000).status == 200
    host.run(["docker", "kill", "-s", "INT", "sso"])
    assert host.run(["docker", "wait", "sso"]).stdout == "0\n"


def test_its_older_tags_have_tokens_without_end(machine: bed.Host) -> None:
    for tag in ("v1.3.1", "latest"):
        words = ["docker", "run", "--rm", f"d3473r/jitsi-keycloak:{tag}", "cat", "src/times.json"]
        assert machine.run(words, timeout=120).stdout == "false\n"


def test_the_oidc_adapter_from_its_own_command(machine_with_keycloak: bed.Host) -> None:
    host = machine_with_keycloak
    issuer = f"OIDC_ISSUER_URL=http://{host.ip}:8180/realms/foundation"
    run(host, "oidc", "-e", issuer, "-p", "127.0.0.1:3001:9000", OIDC)
    wait_until(lambda: host.http("/oidc/health", port=3001).status == 200, "health")
    assert host.http("/oidc/auth?state=%7B%7D", port=3001).status == 302
    assert commands(host, "oidc", "deno", "bash", "curl", "wget", "node") == ["deno", "bash"]
    assert host.run(["docker", "exec", "oidc", "id", "-u"]).stdout == "1993\n"
    host.run(["docker", "stop", "oidc"])
    assert host.run(["docker", "wait", "oidc"]).stdout == "0\n"


def test_an_authority_that_is_not_there_ends_the_oidc_adapter(machine: bed.Host) -> None:
    done = machine.run(["docker", "run", "--rm", "-e", "DENO_CERT=/ca/keycloak.pem", OIDC], check=False, timeout=120)
    assert done.returncode == 1 and "cannot be read" in done.stderr
