"""What jitsi.conf accepts arrives in the containers byte for byte, and no container has a secret of another.

Read back from Docker itself: `docker compose config` escapes again and proves nothing. Compose and the engine are the
ones of both roots; the values are of every type, quoted and interpolated as the package does it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import bed
import pytest
from bed import roots
from bed.inside import Inside
from bed.site import CONF, CONFIG, PROJECT, STATE, Site
from unit.many import SERVICES, added, catalogue_with, conf_of, differing, due, every_secret, planned, seen

from jitsictl.settings import catalogue, kinds
from jitsictl.settings.quote import conf_line

pytestmark = pytest.mark.bed

VALUES = 10_000
INTERPOLATED = [f"N{number}" for number in range(0, VALUES, 19)]
PLACE = "/root/round-trip"
# One image under the names of all services: only what Docker hands to them matters here, and pulls take seconds.
IMAGE = """set -e
for file in /usr/bin/env $(ldd /usr/bin/env | grep -o '/lib[^ ]*'); do
  mkdir -p "/tmp/env$(dirname "$file")"
  cp -L "$file" "/tmp/env$file"
done
tar -C /tmp/env -c . | docker import -c 'ENTRYPOINT ["/usr/bin/env", "-0"]' - env:1
for image in $IMAGES; do docker tag env:1 "$image"; done
"""


def inspected(machine: Inside, project: str) -> Dict[str, Dict[str, Any]]:
    """What Docker says of the containers of a project's directory, by service."""
    ids = machine.run(["docker", "compose", "ps", "-aq"], cwd=project).stdout.split()
    found: List[Dict[str, Any]] = json.loads(machine.run(["docker", "inspect", *ids]).stdout)
    return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}


def environment(lines: List[str]) -> Dict[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.mark.parametrize("root", roots.NAMES)
def test_ten_thousand_values_arrive(host: Callable[..., bed.Host], tmp_path: Path, root: str) -> None:
    known = catalogue_with(VALUES, SERVICES)
    longest = conf_line("ETHERPAD_DEFAULT_PAD_TEXT", "x" * kinds.LONGEST)
    made = planned(f"{conf_of(known, root)}{longest}\n", known, interpolated=INTERPOLATED)
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    machine = host(root)
    machine.dockerd_start()
    machine.put(tmp_path, PLACE)
    machine.run(IMAGE, env={"IMAGES": " ".join(made.images.values())})
    machine.run(["docker", "compose", "create", "--pull", "never"], cwd=PLACE)

    containers = inspected(machine, PLACE)
    arrived = 0
    for service in SERVICES:
        found = environment(containers[service]["Config"]["Env"])
        assert differing(found, seen(made.files[f"env/{service}.env"])) == []
        assert added(found) == due(made.settings, known, service)
        arrived += len(added(found))
    assert arrived == VALUES
    labels = containers["web"]["Config"]["Labels"]
    assert differing(labels, {f"from-env.{name}": made.settings[name] for name in INTERPOLATED}) == []

    inside = machine.run(["docker", "compose", "run", "--rm", "--no-deps", "-T", "etherpad"], cwd=PLACE).stdout
    found = environment(inside.split("\0"))
    assert added(found) == due(made.settings, known, "etherpad") and len(added(found)) >= VALUES // len(SERVICES)
    assert len(found["DEFAULT_PAD_TEXT"]) == kinds.LONGEST


def takes(char: str) -> bool:
    try:
        return kinds.normalise("path", f"/srv/{char}") == f"/srv/{char}"
    except ValueError:
        return False


# Every character of ASCII that a path may have, and some of more bytes.
ODD = f"/srv/meet{''.join(filter(takes, map(chr, range(33, 127))))}ü€🎈/cfg".replace("//", "/")
ODD_CONF = f"""PUBLIC_URL=https://meet.darkstar.lan
JVB_ADVERTISE_IPS=10.77.0.99#10007
CONFIG='{ODD}'
HTTP_PORT=127.0.0.2:8441
JVB_PORT=10007
JVB_COLIBRI_PORT=8081
JICOFO_REST_PORT=8889
XMPP_SERVER=xmpp-1.meet.jitsi
RESTART_POLICY=always
"""


def test_a_running_site_has_what_is_written_and_no_secret_of_another(stopped: Site) -> None:
    """Odd paths and ports through .env; all secrets of the catalogue are set."""
    secrets = every_secret()
    site = as_new(stopped)
    site.host.write(CONF, ODD_CONF, 0o600)
    site.host.write(CONF.replace("jitsi.conf", "secrets.conf"), secret_lines(secrets), 0o600)
    site.rc("start")
    found = inspected(site.host, PROJECT)

    env = {service: environment(each["Config"]["Env"]) for service, each in found.items()}
    for service in found:
        written = seen(site.host.read(f"{STATE}/current/env/{service}.env"))
        assert differing(env[service], written) == []
    assert env["jvb"]["JVB_ADVERTISE_IPS"] == "10.77.0.99#10007"

    mounts = {mount["Source"] for each in found.values() for mount in each["Mounts"] if mount["Type"] == "bind"}
    assert mounts and all(source.startswith(f"{ODD}/") for source in mounts), mounts
    assert {each["HostConfig"]["RestartPolicy"]["Name"] for each in found.values()} == {"always"}
    assert ports(found["web"]) == [("127.0.0.2", "8441")]
    assert ports(found["jicofo"]) == [("127.0.0.1", "8889")]
    assert ("127.0.0.1", "8081") in ports(found["jvb"]) and "10007/udp" in found["jvb"]["HostConfig"]["PortBindings"]
    assert "xmpp-1.meet.jitsi" in aliases(found["prosody"])

    for name, value in secrets.items():
        holders = {service for service in found if any(value in text for text in env[service].values())}
        assert holders <= set(catalogue.load()[name].services), name
        anywhere = {service for service, each in found.items() if value in json.dumps(each, ensure_ascii=False)}
        assert anywhere <= holders, f"{name} is outside the environment"
    assert env["prosody"]["JVB_AUTH_PASSWORD"] == env["jvb"]["JVB_AUTH_PASSWORD"] == secrets["JVB_AUTH_PASSWORD"]
    assert "JVB_AUTH_PASSWORD" not in {**env["web"], **env["jicofo"]}


def as_new(site: Site) -> Site:
    """Nothing applied any more, the images still here: to fetch them is most of a first start."""
    site.compose("down")
    site.host.run(["rm", "-rf", STATE, CONFIG, *(f"{PROJECT}/{name}" for name in ("compose.yaml", ".env", "env"))])
    return site


def secret_lines(secrets: Dict[str, str]) -> str:
    return "".join(f"{conf_line(name, value)}\n" for name, value in secrets.items())


def ports(container: Dict[str, Any]) -> List[Tuple[str, str]]:
    bindings = container["HostConfig"]["PortBindings"].values()
    return [(each["HostIp"], each["HostPort"]) for binding in bindings for each in binding]


def aliases(container: Dict[str, Any]) -> List[str]:
    return [alias for network in container["NetworkSettings"]["Networks"].values() for alias in network["Aliases"]]
