"""An installation is found by its folder and by Compose's labels."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl.adopt import look
from jitsictl.types.failure import Exit, Failure
from unit.adopt.site import SERVICES, TAG, Foreign, container


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "docker-jitsi-meet-stable-6826"
    made.mkdir()
    (made / ".env").write_text("TZ=UTC\n")
    (made / "docker-compose.yml").write_text("services: {}\n")
    return made


def find(folder, *containers, pinned=""):
    return look.find(folder, Foreign(*containers), ("docker", "compose"), pinned)


def test_its_containers_are_found_in_the_order_in_which_they_start(folder):
    others = [container(s, str(folder)) for s in reversed(SERVICES)]
    found = find(folder, *others, container("web", "/elsewhere", id="id-other"))
    assert [each.service for each in found.containers] == list(SERVICES)
    assert found.release == TAG and found.layout.name == "root"
    assert found.networks == ("docker-jitsi-meet-stable-6826_meet.jitsi",)


def test_a_label_that_goes_through_a_link_is_the_same_folder(folder, tmp_path):
    (tmp_path / "meet").symlink_to(folder)
    assert find(folder, container("web", str(tmp_path / "meet"))).containers
    assert look.folder(str(tmp_path / "meet")) == folder


def test_a_compose_that_left_no_folder_named_the_project_after_it(folder):
    assert find(folder, container("web", "", files=())).containers
    assert not find(folder, container("web", "", files=(), project="another")).containers


def test_what_is_none_of_jitsis_is_left_alone(folder):
    proxy = container("proxy", str(folder), image="nginx:1.25")
    recorder = container("jibri", str(folder), image="jitsi/jibri:stable-6826")
    built = container("web", str(folder), image="registry.example.org/our-own-page:7")
    found = find(folder, proxy, recorder, built)
    assert [each.service for each in found.containers] == ["web", "jibri"]
    assert [each.service for each in found.others] == ["proxy"]


def test_the_adapter_of_another_project_is_seen(folder):
    adapter = container("jitsi-keycloak", "/k", image="d3473r/jitsi-keycloak", project="jitsi-keycloak")
    assert find(folder, container("web", str(folder)), adapter).sso == adapter


@pytest.mark.parametrize(
    ("image", "pinned", "name", "expected"),
    [
        ("jitsi/web:stable-9823", "", "x", "stable-9823"),
        ("ghcr.io/jitsi/web:stable-11146-2", "", "x", "stable-11146-2"),
        ("jitsi/web:latest", "stable-8960-1", "x", "stable-8960-1"),
        ("jitsi/web:latest", "", "docker-jitsi-meet-stable-7439", "stable-7439"),
        ("jitsi/web:latest", "latest", "meet", ""),
    ],
)
def test_the_release_is_what_runs_else_what_is_pinned_else_the_folders(tmp_path, image, pinned, name, expected):
    made = tmp_path / name
    made.mkdir()
    assert find(made, container("web", str(made), image=image), pinned=pinned).release == expected


def test_a_release_before_the_tutorials_is_refused(folder):
    with pytest.raises(Failure, match="expected stable-6826 or later, found stable-5963"):
        find(folder, container("web", str(folder), image="jitsi/web:stable-5963"))


def test_the_layout_is_the_releases_if_accounts_are_there_else_where_they_are(folder, tmp_path):
    found = find(folder, container("web", str(folder), image="jitsi/web:stable-11146-2"))
    assert look.layout(found, str(tmp_path)).store == "storage/prosody/data"
    (tmp_path / "prosody/config/data").mkdir(parents=True)
    assert look.layout(found, str(tmp_path)).store == "prosody/config/data"  # its image falls back to it
    (tmp_path / "storage/prosody/data").mkdir(parents=True)
    assert look.layout(found, str(tmp_path)).store == "storage/prosody/data"
    unknown = dataclasses.replace(found, release="")
    assert look.layout(unknown, str(tmp_path)).store == "storage/prosody/data"


def test_what_compose_makes_of_the_files_is_read_back_with_single_dollars(folder):
    foreign = Foreign(container("web", str(folder)))
    foreign.compose = {"web": {"environment": {"A": "x$$y", "B": None}}, "jvb": {}}
    found = look.find(folder, foreign, ("docker", "compose"), "")
    assert found.described == {"web": {"A": "x$y", "B": None}, "jvb": {}}


def test_files_that_compose_cannot_read_are_no_obstacle(folder):
    foreign = Foreign(container("web", str(folder)))
    foreign.compose = None
    found = look.find(folder, foreign, ("docker", "compose"), "")
    assert found.described == {} and "could not read" in found.unreadable


def test_a_forgotten_second_file_is_in_a_label(folder):
    (folder / "etherpad.yml").write_text("services: {etherpad: {}}\n")
    web = container("web", str(folder))
    pads = container("etherpad", str(folder), files=("docker-compose.yml", "etherpad.yml", "gone.yml"))
    assert look.compose_texts(find(folder, web, pads)) == ["services: {}\n", "services: {etherpad: {}}\n"]


@pytest.mark.parametrize(("names", "said"), [([], "neither .env nor"), (["docker-compose.yml"], "but no .env")])
def test_a_folder_of_none_is_refused(tmp_path, names, said):
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(Failure, match=said) as refused:
        look.folder(str(tmp_path))
    assert refused.value.exit == Exit.USAGE
