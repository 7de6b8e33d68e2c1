"""What the images of the release can do: where they come from, where they may write, which passwords they take."""

from __future__ import annotations

from jitsictl import releases
from jitsictl.settings.case import Case, Found

_HUB = ("jitsi", "docker.io/jitsi")
_PLACEHOLDER = "passw0rd"  # in the example files of all old releases; their images refuse to start with it


def images_come_from_where_they_are(case: Case) -> Found:
    """Docker Hub has had no new Jitsi images since they moved (upstream #2294)."""
    here = next((r.repository for r in releases.known() if r.tag == case.settings.release), None)
    if case.settings.get("JITSI_IMAGE_REPO") in _HUB and here is not None and here not in _HUB:
        yield case.error(
            "JITSI_IMAGE_REPO",
            f"is Docker Hub, which does not have {case.settings.release}; delete the line, or write {here}",
            right=here,
        )


# Paths inside the containers that are written to.
_WRITTEN = ("JIBRI_RECORDING_DIR", "JVB_LOG_FILE", "JICOFO_LOG_FILE", "JIGASI_LOG_FILE")


def containers_may_write_there(case: Case) -> Found:
    """Since the images are rootless they may write below a few directories only, and /config is none of them."""
    release = next((r for r in releases.known() if r.tag == case.settings.release), releases.newest())
    writable = release.layout.writable
    for name in _WRITTEN:
        value = case.settings.get(name)
        if case.said(name) and writable and not any(value.startswith(f"{place}/") for place in writable):
            entry = case.catalogue[name]
            right = entry.image_default if entry.image_default and entry.image_default != value else None
            advice = f"delete the line, or write {right}" if right else "delete the line: Docker keeps the log"
            what = f"is {value}, where the container of {case.settings.release} may not write; {advice}"
            runs = any(map(case.runs, entry.services))
            yield (case.error if runs else case.warning)(name, what, right)


def passwords_are_no_examples(case: Case) -> Found:
    for name in case.lines:
        entry = case.catalogue.get(name)
        if entry is not None and entry.secret and case.settings.get(name).lower() == _PLACEHOLDER:
            made = "delete the line, and one is made" if entry.generated else "make one with: openssl rand -hex 16"
            yield case.error(name, f"is upstream's example, which everybody knows; {made}")


RULES = (images_come_from_where_they_are, containers_may_write_there, passwords_are_no_examples)
