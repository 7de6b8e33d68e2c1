"""A site on a bed host as the tutorial makes it by hand: stable-6826 below /usr/local, .env, Etherpad pasted in."""

from __future__ import annotations

import json
import shlex
from typing import Dict, List

from bed.base import wait_until
from bed.host import Host
from bed.images.catalog import TUTORIAL, variables
from bed.site import CONFIG, Done

FOLDER = f"/usr/local/docker-jitsi-meet-{TUTORIAL}"
PROJECT = f"docker-jitsi-meet-{TUTORIAL}"
SERVICES = ("web", "prosody", "jicofo", "jvb", "etherpad")

# env.example of stable-6826 with the tutorial's edits, and accounts of its own instead of Keycloak. gen-passwords.sh
# has been run. The lines after XMPP_DOMAIN are the example's.
ENV = f"""\
JICOFO_AUTH_PASSWORD=0f1c3a5e7d9b2f4a6c8e0d1f3b5a7c9e
JVB_AUTH_PASSWORD=9e7c5a3b1f0d8e6c4a2f9b7d5e3a1c0f
JIGASI_XMPP_PASSWORD=1b2d3f4a5c6e7f8091a2b3c4d5e6f708
JIBRI_RECORDER_PASSWORD=2c3e4f5b6d7f8091a2b3c4d5e6f70819
JIBRI_XMPP_PASSWORD=3d4f5a6c7e8091a2b3c4d5e6f708192a
CONFIG={CONFIG}
HTTP_PORT=8440
HTTPS_PORT=8443
TZ=Europe/Amsterdam
PUBLIC_URL=https://meet.darkstar.lan/
DOCKER_HOST_ADDRESS=10.10.10.10
ENABLE_LOBBY=1
ENABLE_PREJOIN_PAGE=1
ENABLE_WELCOME_PAGE=1
ENABLE_BREAKOUT_ROOMS=1
ENABLE_NOISY_MIC_DETECTION=1
ENABLE_IPV6=0
DISABLE_HTTPS=1
ENABLE_LETSENCRYPT=0
# Set etherpad-lite URL in docker local network (uncomment to enable)
ETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001
ETHERPAD_PUBLIC_URL=https://meet.darkstar.lan/pad/p/
ETHERPAD_TITLE=Slackware EtherPad Chat
ETHERPAD_DEFAULT_PAD_TEXT="Welcome to Slackware Web Chat!\\n\\n"
ETHERPAD_SKIN_NAME=colibris
ETHERPAD_SKIN_VARIANTS="super-light-toolbar super-light-editor light-background full-width-editor"
ENABLE_AUTH=1
ENABLE_GUESTS=1
AUTH_TYPE=internal
XMPP_DOMAIN=meet.jitsi
XMPP_SERVER=xmpp.meet.jitsi
XMPP_BOSH_URL_BASE=http://xmpp.meet.jitsi:5280
XMPP_AUTH_DOMAIN=auth.meet.jitsi
XMPP_MUC_DOMAIN=muc.meet.jitsi
XMPP_INTERNAL_MUC_DOMAIN=internal-muc.meet.jitsi
XMPP_GUEST_DOMAIN=guest.meet.jitsi
XMPP_MODULES=
XMPP_MUC_MODULES=
XMPP_INTERNAL_MUC_MODULES=
JVB_BREWERY_MUC=jvbbrewery
JVB_AUTH_USER=jvb
JVB_STUN_SERVERS=meet-jit-si-turnrelay.jitsi.net:443
JVB_PORT=10000
JVB_TCP_HARVESTER_DISABLED=true
JVB_TCP_PORT=4443
JVB_TCP_MAPPED_PORT=4443
JICOFO_AUTH_USER=focus
JIGASI_XMPP_USER=jigasi
JIGASI_BREWERY_MUC=jigasibrewery
JIGASI_PORT_MIN=20000
JIGASI_PORT_MAX=20050
XMPP_RECORDER_DOMAIN=recorder.meet.jitsi
JIBRI_RECORDER_USER=recorder
JIBRI_RECORDING_DIR=/config/recordings
JIBRI_XMPP_USER=jibri
JIBRI_BREWERY_MUC=jibribrewery
JIBRI_PENDING_TIMEOUT=90
JIBRI_STRIP_DOMAIN_JID=muc
JIBRI_LOGS_DIR=/config/logs
RESTART_POLICY=unless-stopped
"""

_VOLUMES = {
    "web": ("web:/config", "web/crontabs:/var/spool/cron/crontabs", "transcripts:/usr/share/jitsi-meet/transcripts"),
    "prosody": ("prosody/config:/config", "prosody/prosody-plugins-custom:/prosody-plugins-custom"),
    "jicofo": ("jicofo:/config",),
    "jvb": ("jvb:/config",),
}
_PORTS = {
    "web": ("${HTTP_PORT}:80", "${HTTPS_PORT}:443"),
    "jvb": ("${JVB_PORT}:${JVB_PORT}/udp", "${JVB_TCP_PORT}:${JVB_TCP_PORT}"),
}
_ALIASES = {"prosody": ("${XMPP_SERVER}",)}
# What the tutorial pastes in from etherpad.yml, with a port.
_ETHERPAD = """\
    # Etherpad: real-time collaborative document editing
    etherpad:
        image: etherpad/etherpad:1.8.6
        restart: ${RESTART_POLICY}
        ports:
            - '127.0.0.1:9001:9001'
        environment:
            - TITLE=${ETHERPAD_TITLE}
            - DEFAULT_PAD_TEXT=${ETHERPAD_DEFAULT_PAD_TEXT}
            - SKIN_NAME=${ETHERPAD_SKIN_NAME}
            - SKIN_VARIANTS=${ETHERPAD_SKIN_VARIANTS}
        networks:
            meet.jitsi:
                aliases:
                    - etherpad.meet.jitsi
"""


def compose_file() -> str:
    """docker-compose.yml of stable-6826, as far as it says something to its images, with Etherpad pasted in."""
    parts = [_service(name, names) for name, names in variables()[TUTORIAL].items()]
    return f"version: '3'\n\nservices:\n{''.join(parts)}{_ETHERPAD}\nnetworks:\n    meet.jitsi:\n"


def _service(name: str, names: List[str]) -> str:
    lines = [f"    {name}:", f"        image: jitsi/{name}:{TUTORIAL}", "        restart: ${RESTART_POLICY}"]
    if name in _PORTS:
        lines += ["        ports:", *(f"            - '{port}'" for port in _PORTS[name])]
    lines += ["        volumes:", *(f"            - ${{CONFIG}}/{volume}:Z" for volume in _VOLUMES[name])]
    lines += ["        environment:", *(f"            - {variable}" for variable in names)]
    if name in ("jicofo", "jvb"):
        lines += ["        depends_on:", "            - prosody"]
    lines += ["        networks:", "            meet.jitsi:"]
    if name in _ALIASES:
        lines += ["                aliases:", *(f"                    - {alias}" for alias in _ALIASES[name])]
    return "\n".join(lines) + "\n"


class Tutorial:
    """What the tutorial's reader does, command by command."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def make(self, env: str = ENV) -> None:
        """Unpack and configure."""
        self.host.write(f"{FOLDER}/docker-compose.yml", compose_file())
        self.host.write(f"{FOLDER}/.env", env)
        self.host.run(
            f"bash -c 'mkdir -p {CONFIG}/{{web/letsencrypt,transcripts,prosody/config,"
            "prosody/prosody-plugins-custom,jicofo,jvb,jigasi,jibri}'"
        )

    def compose(self, *words: str, timeout: float = 200) -> Done[str]:
        return self.host.run(["docker-compose", *words], cwd=FOLDER, timeout=timeout)

    def up(self) -> None:
        self.compose("up", "-d")
        wait_until(lambda: self.host.http("/config.js").status == 200, "the old page", 30)
        wait_until(lambda: self.host.http("/", port=9001).status == 200, "the old Etherpad", 60)

    def register(self, name: str, password: str) -> None:
        words = ("prosodyctl", "--config", "/config/prosody.cfg.lua", "register", name, "meet.jitsi", password)
        self.compose("exec", "-T", "prosody", *words)

    def pad(self, name: str, text: str = "") -> str:
        """The text of a pad in the old Etherpad, after setting it when there is a text."""
        if text:
            self._etherpad("createPad", padID=name)
            self._etherpad("setText", padID=name, text=text)
        return str(self._etherpad("getText", padID=name)["text"])

    def ids(self, *, running: bool = False) -> Dict[str, str]:
        """Ids of its containers by service."""
        form = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        words = ["docker", "ps", *([] if running else ["-a"]), "--no-trunc", "--format", form]
        done = self.host.run([*words, "--filter", f"label=com.docker.compose.project={PROJECT}"])
        return dict(line.split() for line in done.stdout.splitlines())

    def policies(self) -> Dict[str, str]:
        """Restart policies by service."""
        ids = self.ids()
        form = "{{.HostConfig.RestartPolicy.Name}}"
        done = self.host.run(["docker", "inspect", "--format", form, *ids.values()])
        return dict(zip(ids, done.stdout.split()))

    def _etherpad(self, call: str, **arguments: str) -> Dict[str, object]:
        key = self.compose("exec", "-T", "etherpad", "cat", "/opt/etherpad-lite/APIKEY.txt").stdout.strip()
        data = [f"--data-urlencode {shlex.quote(f'{k}={v}')}" for k, v in {"apikey": key, **arguments}.items()]
        answer = json.loads(self.host.run(f"curl -fsS {' '.join(data)} http://127.0.0.1:9001/api/1/{call}").stdout)
        if answer["code"] not in (0, 1):  # 1: the pad is there already
            raise AssertionError(f"etherpad {call}: {answer}")
        return answer["data"] or {}
