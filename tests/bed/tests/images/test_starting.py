"""What the stand-ins do when they start and stop: folders and their owners, the environment, files, peers."""
from __future__ import annotations

import json
import time

import bed
import pytest
from bed.base import wait_until
from bed.images.bare import PASSWORDS, BareStack
from bed.images.catalog import variables

pytestmark = pytest.mark.bed

OLD, NEW = "stable-11031", "stable-11146-2"
WEB = {"DISABLE_HTTPS": "1", "ENABLE_IPV6": "0"}
ACCOUNTS = "meet%2ejitsi/accounts"


old = pytest.mark.parametrize("site", [OLD], indirect=True)
new = pytest.mark.parametrize("site", [NEW], indirect=True)
both = pytest.mark.parametrize("site", [OLD, NEW], indirect=True)


def wait_page(site: BareStack, path: str = "/", status: int = 200) -> None:
    wait_until(lambda: site.page(path).status == status, f"{path} of web to answer {status}")


# -- folders, owners, read-only root -----------------------------------------------------------------------------


@old
def test_old_layout_takes_over_config_and_keeps_data_closed(site: BareStack) -> None:
    site.start("prosody", PASSWORDS)
    site.wait_healthy("prosody")
    owner = site.execute("prosody", "stat -c '%U %G %a' /config/data")
    assert owner == "prosody root 750\n"


@pytest.mark.parametrize(("site", "owner", "copied"), [(NEW, 101, False), (NEW, 1000, True)], indirect=["site"])
def test_old_store_is_copied_once_and_only_if_its_owner_allows(site: BareStack, owner: int, copied: bool) -> None:
    store = f"{site.config}/prosody/config/data"
    site.host.write(f"{store}/{ACCOUNTS}/alien.dat", "return {};\n")
    site.host.run(f"chown -R {owner}:0 {store} && chmod 750 {store}")
    site.start("prosody", PASSWORDS)
    site.wait_healthy("prosody")
    new_store = f"{site.config}/storage/prosody/data"
    wait_until(lambda: site.host.exists(f"{new_store}/auth%2emeet%2ejitsi/accounts/focus.dat"), "service accounts")
    assert site.host.exists(f"{new_store}/{ACCOUNTS}/alien.dat") is copied
    site.host.run(["chown", "-R", "1000", store])
    site.host.run(["docker", "restart", site.container("prosody")])
    site.wait_healthy("prosody")
    assert site.host.exists(f"{new_store}/{ACCOUNTS}/alien.dat") is copied, "a filled store is never filled again"


@pytest.mark.parametrize(("site", "service", "folder"), [(NEW, "prosody", "storage/prosody"),
                                                         (NEW, "web", "storage/web")], indirect=["site"])
def test_unwritable_storage_ends_the_container_with_a_hint(site: BareStack, service: str, folder: str) -> None:
    site.host.run(["chown", "0:0", f"{site.config}/{folder}"])
    ended = site.run(service, PASSWORDS)
    assert ended.code == 1
    assert "is not writable by the container user (uid 1000)" in ended.said
    assert f"chmod 777 '${{CONFIG}}/{folder}'" in ended.said


@new
def test_web_needs_no_storage_without_https(site: BareStack) -> None:
    site.host.run(["chown", "0:0", f"{site.config}/storage/web"])
    site.start("web", WEB)
    wait_page(site)


@new
def test_config_is_copied_to_run_and_the_root_is_read_only(site: BareStack) -> None:
    site.host.write(f"{site.config}/jvb/dump.txt", "left here\n")
    site.start("jvb", {**PASSWORDS, "XMPP_SERVER": "127.0.0.1"})
    wait_until(lambda: site.curl("jvb", "http://127.0.0.1:8080/metrics").status == 200, "the bridge")
    assert site.execute("jvb", "cat /run/jvb/config/dump.txt") == "left here\n"
    assert "Read-only" in site.execute("jvb", "touch /etc/x 2>&1", check=False)


@new
def test_run_of_16_mb_overflows_from_a_large_config(site: BareStack) -> None:
    site.host.run(f"head -c 17000000 /dev/zero > {site.config}/web/dump")
    site.start("web", WEB)
    wait_until(lambda: "No space left on device" in site.logs("web"), "web to run out of space")
    wait_until(lambda: "[emerg]" in site.logs("web"), "nginx to miss its configuration")


@new
def test_start_dies_without_new_privileges(site: BareStack) -> None:
    ended = site.run("jvb", PASSWORDS, options=["--security-opt", "no-new-privileges"])
    assert ended.code != 0
    assert "cannot create /run/test of writability" in ended.said


@both
def test_stop_takes_three_seconds_only_with_the_old_s6(site: BareStack) -> None:
    site.start("web", WEB)
    wait_page(site)
    begun = time.monotonic()
    site.host.run(["docker", "stop", site.container("web")])
    took = time.monotonic() - begun
    assert 3 <= took < 6 if site.rootful else took < 2
    assert site.inspect("web")["State"]["ExitCode"] == 0


@both
def test_a_service_that_dies_is_started_again_in_its_container(site: BareStack) -> None:
    site.start("web", WEB)
    wait_page(site)
    first = site.execute("web", "cat /run/nginx.pid")
    site.execute("web", "kill $(cat /run/nginx.pid)")
    wait_until(lambda: site.execute("web", "cat /run/nginx.pid", check=False) not in ("", first), "a new nginx")
    assert site.inspect("web")["RestartCount"] == 0


# -- the environment ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("site", "name", "service"), [
    (NEW, "ENABLE_COLIBRI_WEBSOCKET", "jvb"), (OLD, "JICOFO_AUTH_PASSWORD", "jvb"), (OLD, "ETHERPAD_URL_BASE", "jvb"),
    (NEW, "ANYTHING_ELSE", "jvb")], indirect=["site"])
def test_a_variable_that_the_release_does_not_read_is_not_there(site: BareStack, name: str, service: str) -> None:
    assert name not in variables()[site.release][service]
    site.start(service, {**PASSWORDS, name: "1", "JVB_PORT": "10001", "XMPP_SERVER": "127.0.0.1"})
    wait_until(lambda: site.curl("jvb", "http://127.0.0.1:8080/metrics").status == 200, "the bridge")
    process = next(line.split()[0] for line in site.execute("jvb", "ps").splitlines() if "agent.jvb" in line)
    environment = site.execute("jvb", f"tr '\\0' '\\n' < /proc/{process}/environ",
                               user="jvb" if site.rootful else "s6").splitlines()
    assert "JVB_PORT=10001" in environment
    assert not [line for line in environment if line.startswith(f"{name}=")]


@both
def test_true_is_0_in_shell_and_1_in_templates(site: BareStack) -> None:
    site.start("web", {**WEB, "DISABLE_HTTPS": "true"})
    wait_page(site)
    keys = "/config/keys" if site.rootful else "/storage/keys"
    site.execute("web", f"test -f {keys}/cert.key")  # made, as the shell takes HTTPS for on
    assert site.curl("web", f"https://127.0.0.1:{443 if site.rootful else 8443}/", "-k").status == 0


@both
def test_true_asks_for_no_certificate_but_names_one(site: BareStack) -> None:
    site.start("web", {"ENABLE_LETSENCRYPT": "true", "LETSENCRYPT_DOMAIN": "meet.example.org"})
    wait_until(lambda: 'cannot load certificate "' in site.logs("web"), "nginx to miss the certificate")
    assert "acme-certs/meet.example.org" in site.logs("web")
    assert "Failed to obtain a certificate" not in site.logs("web")


@both
def test_lets_encrypt_ends_the_container_when_there_is_no_certificate(site: BareStack) -> None:
    ended = site.run("web", {"ENABLE_LETSENCRYPT": "1", "LETSENCRYPT_DOMAIN": "meet.example.org"})
    assert ended.code == 1
    assert "Failed to obtain a certificate" in ended.said


@both
def test_https_is_served_with_a_self_signed_certificate(site: BareStack) -> None:
    site.start("web")
    wait_page(site)
    assert site.curl("web", f"https://127.0.0.1:{443 if site.rootful else 8443}/", "-k").status == 200


@both
def test_configuration_is_rendered_at_every_start(site: BareStack) -> None:
    site.start("web", {**WEB, "PUBLIC_URL": "https://one.example.org"})
    wait_page(site)
    assert "https://one.example.org/" in site.page("/config.js").body
    site.remove("web")
    site.start("web", {**WEB, "PUBLIC_URL": "https://two.example.org"})
    wait_page(site)
    assert "one.example.org" not in site.page("/config.js").body


@both
def test_custom_config_is_appended_as_text(site: BareStack) -> None:
    site.host.write(f"{site.config}/web/custom-config.js", "config.oops = {  // no end\n")
    site.host.write(f"{site.config}/web/nginx/custom-meet.conf", "location = /own { return 204; }\n")
    site.start("web", WEB)
    wait_page(site)
    assert site.page("/config.js").body.endswith("config.oops = {  // no end\n")
    assert site.page("/own").status == 204


# -- peers -------------------------------------------------------------------------------------------------------


@both
def test_nginx_does_not_start_until_etherpad_has_a_name(site: BareStack) -> None:
    site.start("web", {**WEB, "ETHERPAD_URL_BASE": "http://etherpad.meet.jitsi:9001"})
    wait_until(lambda: 'host not found in upstream "etherpad.meet.jitsi"' in site.logs("web"), "nginx to refuse")
    assert site.page("/").status == 0
    assert site.inspect("web")["State"]["Running"], "s6 tries again inside the container"
    site.start("jvb", {**PASSWORDS, "XMPP_SERVER": "127.0.0.1"}, name="etherpad.meet.jitsi")
    wait_page(site)


@pytest.mark.parametrize(("resolver", "recovers"), [("", False), ("127.0.0.11 valid=1s", True)])
@pytest.mark.parametrize("site", [NEW], indirect=True)
def test_prosody_on_another_address_is_found_only_with_a_short_valid(site: BareStack, resolver: str,
                                                                    recovers: bool) -> None:
    site.start("prosody", PASSWORDS)
    # Each worker of nginx keeps answers of its own: one worker, so that it is the one that is asked again.
    site.start("web", {**WEB, "NGINX_RESOLVER": resolver, "NGINX_WORKER_PROCESSES": "1"})
    wait_page(site, "/http-bind")
    site.remove("prosody")
    site.start("jvb", PASSWORDS, name="squatter")  # takes the address that is free now
    site.start("prosody", PASSWORDS)
    site.wait_healthy("prosody")
    # Well past valid=1s; Docker's own answers live for 600 s.
    if recovers:
        wait_page(site, "/http-bind")
        return
    with pytest.raises(bed.BedError):
        wait_until(lambda: site.page("/http-bind").status == 200, "BOSH to come back", timeout=3)
    site.execute("web", "nginx -c /run/web/config/nginx/nginx.conf -s reload")
    wait_page(site, "/http-bind")


# -- etherpad ----------------------------------------------------------------------------------------------------


def test_etherpad_keeps_its_pads_in_var(machine: bed.Host) -> None:
    """The real thing: an API key, a pad with the text that the environment gave, kept over a new container."""
    machine.run("install -d -o 5001 -g 0 /srv/pads")
    run = ("docker run -d --name pads -e TITLE=Papers -e DEFAULT_PAD_TEXT=hello -e SUPPRESS_ERRORS_IN_PAD_TEXT=true "
           "-v /srv/pads:/opt/etherpad-lite/var -p 127.0.0.1:9001:9001 etherpad/etherpad:2.0.3")
    machine.run(run, timeout=120)
    wait_until(lambda: machine.http("/health", 9001).status == 200, "etherpad to be healthy")
    key = machine.run("docker exec pads cat /opt/etherpad-lite/APIKEY.txt").stdout
    created = machine.http(f"/api/1.2.15/createPad?apikey={key}&padID=minutes", 9001).body
    assert json.loads(created)["code"] == 0
    machine.run("docker rm -f pads")
    machine.run(run)
    wait_until(lambda: machine.http("/health", 9001).status == 200, "etherpad to be healthy")
    assert machine.http("/p/minutes/export/txt", 9001).body == "hello\n"
    assert "<title>Papers</title>" in machine.http("/p/minutes", 9001).body
    assert machine.run("stat -c '%u %g' /srv/pads/dirty.db").stdout == "5001 0\n"
    machine.run("docker rm -f pads")
