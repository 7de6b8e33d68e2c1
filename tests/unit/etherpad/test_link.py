"""etherpad check and fix from end to end: a page that is really served, and a web that renders it when it starts."""

from __future__ import annotations

import http.server
import json
import threading

import pytest
from click.testing import CliRunner

from jitsictl.change import apply, served
from jitsictl.change.steps import HANDLERS
from jitsictl.cli import etherpad as verbs
from jitsictl.doors.process import Done
from jitsictl.etherpad import link
from jitsictl.plan import custom
from jitsictl.types import change as kinds
from jitsictl.types.failure import Exit, Failure
from unit.change.machine import Machine

PADS = "https://meet.example.org/etherpad/p/"
TEMPLATE = f"var config = {{}};\nconfig.hosts = {{}};\nconfig.etherpad_base = '{PADS}';\n"


class Site(Machine):
    """Its web serves what it rendered when it was brought up."""

    def __init__(self, root, patch):
        super().__init__(root, patch)
        self.template, self.page, self.node = TEMPLATE, "", None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        patch.setattr(verbs, "Paths", lambda: self.paths)
        self.conf()

    def conf(self, more=""):
        self.write_conf(f"HTTP_PORT=127.0.0.1:{self.server.server_address[1]}\n{more}")

    def tools(self, *_):
        tools = super().tools()
        tools.compose = _Compose(tools.compose, self)
        tools.docker = _Docker(tools.docker, self)
        return tools

    def render(self):
        own = self.config / "web/custom-config.js"
        self.page = self.template + (own.read_text() if own.exists() else "")

    def own(self, text):
        """As the admin writes it, who restarts web afterwards."""
        (self.config / "web/custom-config.js").write_text(text)
        apply.reseed(self.paths)

    def read(self):
        path = self.config / "web/custom-config.js"
        return path.read_text() if path.exists() else None

    def _handler(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class _Around:
    """The machine's, but for what is its own."""

    def __init__(self, inner, site):
        self._inner, self._site = inner, site

    def __getattr__(self, name):
        return getattr(self._inner, name)


class _Compose(_Around):
    """web renders when it is brought up."""

    def up(self, directory, names, **more):
        self._inner.up(directory, names, **more)
        if "web" in names:
            self._site.render()


class _Docker(_Around):
    """Etherpad has Node, or none."""

    def execute(self, id, argv, **more):
        if argv[0] != "node":
            return self._inner.execute(id, argv, **more)
        if self._site.node is None:
            return Done(tuple(argv), 127, "", "node: not found", 0.0)
        return Done(tuple(argv), 0, json.dumps({"found": self._site.node}), "", 0.0)


@pytest.fixture
def site(tmp_path, monkeypatch):
    made = Site(tmp_path / "root", monkeypatch)
    apply.reseed(made.paths)
    yield made
    made.server.shutdown()
    made.server.server_close()


def jitsictl(*words):
    done = CliRunner().invoke(verbs.etherpad, words, standalone_mode=False)
    return (done.return_value if done.exception is None else done.exception), done.output


def test_right_is_right_and_fix_has_nothing_to_do(site):
    before = site.picture()
    assert jitsictl("check") == (0, f"etherpad_base is {PADS} in http://127.0.0.1:{site.server.server_port}/config.js\n")
    code, said = jitsictl("fix")
    assert code == 0 and said.startswith("nothing to do: ")
    assert site.picture() == before


OWN = "// of the admin\nconfig.etherpad_base = 'https://meet.darkstar.lan/pad/p/';"


def test_a_wrong_one_is_found_with_its_place_and_mended_for_good(site):
    site.own(OWN)
    path = site.config / "web/custom-config.js"
    path.chmod(0o640)
    code, said = jitsictl("check")
    assert code == Exit.CHANGES and f"({path}:2)" in said and said.endswith("repair it with: jitsictl etherpad fix\n")
    (data,) = [json.loads(jitsictl("check", "--json")[1])]
    assert (data["right"], data["expected"], data["found"]) == (False, PADS, "https://meet.darkstar.lan/pad/p/")
    assert jitsictl("fix")[0] == 0 and jitsictl("check")[0] == 0
    line = f'config.etherpad_base = "{PADS}";\n'
    assert site.read() == f"{OWN}\n{custom.BEGIN}\n{line}{custom.END}\n" and path.stat().st_mode & 0o777 == 0o640
    once = site.picture()
    assert jitsictl("fix")[1].startswith("nothing to do") and site.picture() == once
    apply.reseed(site.paths)
    assert site.picture() == once, "reseed keeps the line and has nothing to do"
    site.conf("ETHERPAD_PUBLIC_URL=https://pad.example.org/p/\nTZ=Europe/Amsterdam\n")
    apply.reseed(site.paths)
    assert site.page.endswith(f'config.etherpad_base = "https://pad.example.org/p/";\n{custom.END}\n'), "and up to date"


def test_rollback_takes_the_line_away_and_keeps_what_was_written_since(site):
    site.own(OWN)
    link.fix(site.paths)
    path = site.config / "web/custom-config.js"
    path.write_text(f"// later\n{path.read_text()}")
    apply.rollback(site.paths)
    assert site.read() == f"// later\n{OWN}"


def test_a_missing_one_is_mended(site):
    site.own("delete config.etherpad_base;\n")
    found, prepared = link.fix(site.paths)
    assert found.right and prepared.change.restarts == ("web",)


def test_off_and_not_there_is_said(site):
    site.template = "var config = {};\n"
    site.paths.conf.write_text(site.paths.conf.read_text().replace("ETHERPAD=1", "ETHERPAD=0"))
    apply.reseed(site.paths)
    assert jitsictl("check")[1].startswith("ETHERPAD is 0, and ")
    site.own("config.etherpad_base = 'https://x/p/';\n")
    for verb in ("check", "fix"):
        failure, _ = jitsictl(verb)
        assert isinstance(failure, Failure) and failure.exit == Exit.FAILED
        assert "since ETHERPAD is 0, found https://x/p/" in failure.what and "custom-config.js:1" in failure.what


@pytest.mark.parametrize("node", [None, {"what": "Unexpected token ';'", "line": 2}])
def test_a_script_that_does_not_parse_is_refused_with_its_line(site, node):
    """By Node where Etherpad has it, else by what we can see ourselves."""
    site.node = node
    site.own(OWN)
    path = site.config / "web/custom-config.js"
    path.write_text("config.a = 1;\nconfig.b = (;\n")  # changed since web started: its page still is the old one
    before = site.picture()
    with pytest.raises(Failure, match=f"{path}:2: expected JavaScript, found ") as wrong:
        link.fix(site.paths)
    assert ("Unexpected token ';'" in wrong.value.what) is (node is not None)
    assert site.picture() == before


def test_a_page_that_stays_wrong_is_undone(site):
    """An override mounts another config.js: ours is not read."""
    site.own(OWN)
    site.render = lambda: None
    before = site.picture()
    with pytest.raises(Failure, match=r"expected etherpad_base .* compose.override.yaml mounts another config.js"):
        link.fix(site.paths)
    assert site.picture() == before


def test_the_tutorials_line_is_mended_where_an_old_config_is_served(site):
    old = "var config = {\n    // etherpad_base: 'https://meet.darkstar.lan/pad/p/',\n};\n"
    file = site.config / "web/config.js"
    file.write_text(old)
    site.page = old
    site.render = lambda: setattr(site, "page", file.read_text())
    assert link.fix(site.paths)[0].right
    assert file.read_text() == f'var config = {{\n    etherpad_base: "{PADS}",\n}};\n'


def test_edits_of_jitsi_conf_are_not_applied_along_with_it(site):
    site.own(OWN)
    site.conf("TZ=Europe/Amsterdam\n")
    before = site.picture()
    with pytest.raises(Failure, match="found edits"):
        link.fix(site.paths)
    assert site.picture() == before


def test_nothing_applied_is_said(tmp_path, monkeypatch):
    with pytest.raises(Failure, match="expected an applied configuration"):
        link.check(Machine(tmp_path / "root", monkeypatch).paths)


def test_a_page_that_does_not_parse_is_said(site):
    site.page = "var config = {\n"
    with pytest.raises(Failure, match="a { that is not closed"):
        link.fix(site.paths)
    assert not served.pads(apply.generations.applied_settings(site.paths)).right


# -- settings of the page ----------------------------------------------------------------------------------------


def test_a_setting_of_the_page_is_written_and_goes_with_it(site):
    """Beside the admin's own lines, which stay; only web restarts."""
    site.own("config.mine = 1;\n")
    plain = site.picture()["cfg/web/custom-config.js"]
    site.conf("NOTICE_MESSAGE=it's Friday\nAPP_NAME=Meet\n")
    prepared = apply.reseed(site.paths)
    assert prepared.change.restarts == ("web",)
    assert [change.what for change in prepared.edited] == ["1 line of ours at its end; yours stay"] * 2
    assert site.page.startswith(f"{TEMPLATE}config.mine = 1;\n") and 'noticeMessage = "it\'s Friday";' in site.page
    interface = site.config / "web/custom-interface_config.js"
    assert f'{custom.BEGIN}\ninterfaceConfig.APP_NAME = "Meet";\n{custom.END}\n' == interface.read_text()
    assert interface.stat().st_mode & 0o777 == 0o644
    assert not apply.reseed(site.paths).change
    site.conf()
    assert apply.reseed(site.paths).change.restarts == ("web",)
    assert site.picture()["cfg/web/custom-config.js"] == plain and not interface.exists()


def test_a_failed_change_brings_the_files_back(site, monkeypatch):
    site.own("config.mine = 1;\n")
    before = site.picture()
    site.conf("NOTICE_MESSAGE=x\nAPP_NAME=Meet\n")
    monkeypatch.setitem(HANDLERS, kinds.Verify, HANDLERS[kinds.Verify]._replace(do=_fail))
    with pytest.raises(Failure, match="no page"):
        apply.reseed(site.paths)
    site.conf()
    assert site.picture() == before


def _fail(*_):
    raise Failure("no page")


def test_lines_that_somebody_took_out_come_back(site):
    site.conf("APP_NAME=Meet\n")
    apply.reseed(site.paths)
    (site.config / "web/custom-interface_config.js").write_text("")
    prepared = apply.reseed(site.paths)
    assert prepared.change and "APP_NAME" in (site.config / "web/custom-interface_config.js").read_text()
