"""What becomes of config.js: settings of the page, and etherpad_base, which is found wrong and mended."""

from __future__ import annotations

import json

import pytest
from bed.site import CONF, CONFIG, Site

from jitsictl.plan.custom import BEGIN, END

pytestmark = pytest.mark.bed

CUSTOM = f"{CONFIG}/web/custom-config.js"
INTERFACE = f"{CONFIG}/web/custom-interface_config.js"
PADS = "https://meet.darkstar.lan/etherpad/p/"
OWN = "// of the admin\nconfig.etherpad_base = 'https://meet.darkstar.lan/pad/p/';"
LINE = f'config.etherpad_base = "{PADS}";\n'
NOTICE = 'config.noticeMessage = "Alien\'s \\"meeting\\" \\u003c\\u20ac 1";\n'


@pytest.fixture(scope="module")
def site(refused: Site) -> Site:
    """With Etherpad, settings of the page, and a line of the admin's that takes pads to the tutorial's address."""
    conf = "".join(line for line in refused.host.read(CONF).splitlines(True) if not line.startswith("ETHERPAD="))
    page = "ETHERPAD=1\nAPP_NAME=Meet & greet\nNOTICE_MESSAGE=\"Alien's \\\"meeting\\\" <€ 1\"\n"
    refused.host.write(CONF, conf + page)
    refused.host.write(CUSTOM, OWN)
    return refused


def served(site: Site, name: str = "config.js") -> str:
    return site.host.http(f"/{name}", port=8440).body


def test_settings_of_the_page_stand_behind_the_admins_lines(site: Site) -> None:
    """A pad's address that the admin's lines make wrong is said, and undoes nothing."""
    plan = json.loads(site.jitsictl("plan", "--json", check=False).stdout)
    assert {CUSTOM, INTERFACE} < {file["path"] for file in plan["files"]}
    assert [service["service"] for service in plan["services"]] == ["etherpad", "web"]
    done = site.rc("reload")
    assert f"found https://meet.darkstar.lan/pad/p/ ({CUSTOM}:2)" in done.stderr
    assert "repair it with: jitsictl etherpad fix" in done.stderr
    assert served(site).endswith(f"{OWN}\n{BEGIN}\n{NOTICE}{END}\n")
    assert served(site, "interface_config.js").endswith(f'{BEGIN}\ninterfaceConfig.APP_NAME = "Meet & greet";\n{END}\n')


def test_what_only_an_engine_sees_is_refused_with_its_line(site: Site) -> None:
    """By Node in Etherpad's container."""
    before = site.host.read(CUSTOM)
    site.host.write(CUSTOM, before.replace(OWN, f"{OWN}\nconfig.x = = 1;"))
    done = site.jitsictl("etherpad", "fix", check=False)
    assert done.returncode == 1 and f"{CUSTOM}:3: expected JavaScript, found Unexpected token '='" in done.stderr
    site.host.write(CUSTOM, before)


def test_a_wrong_address_is_mended_and_stays_so(site: Site) -> None:
    assert site.jitsictl("etherpad", "check", check=False).returncode == 3
    assert "jitsictl etherpad fix" in site.rc("start").stderr, "start says it, and changes nothing"
    before = site.containers()
    assert PADS in site.jitsictl("etherpad", "fix").stdout
    after = site.containers()
    assert {name for name in after if after[name] != before[name]} == {"web"}
    assert served(site).endswith(f"{OWN}\n{BEGIN}\n{NOTICE}{LINE}{END}\n")
    assert site.jitsictl("etherpad", "fix").stdout.startswith("nothing to do: ")
    site.host.run(["docker", "restart", after["web"]])
    site.jitsictl("status", "--wait", "30")
    data = json.loads(site.jitsictl("etherpad", "check", "--json").stdout)
    assert (data["right"], data["found"]) == (True, PADS)
    assert "etherpad" not in site.rc("start").stderr


def test_a_rollback_brings_the_old_file_back(site: Site) -> None:
    site.rc("rollback")
    assert site.host.read(CUSTOM) == f"{OWN}\n{BEGIN}\n{NOTICE}{END}\n"
    assert site.jitsictl("etherpad", "check", check=False).returncode == 3


def test_without_settings_only_the_admins_lines_are_left(site: Site) -> None:
    conf = site.host.read(CONF).splitlines(True)
    site.host.write(CONF, "".join(line for line in conf if not line.startswith(("APP_NAME", "NOTICE_MESSAGE"))))
    site.rc("reload")
    assert site.host.read(CUSTOM) == OWN and not site.host.exists(INTERFACE)
