"""The files of a site in a directory, as the verbs left them."""

from __future__ import annotations

from jitsictl.settings.read import parse

PAGE, SIGN_ON = "https://meet.example.org", "https://sso.meet.example.org"


def conf(machine):
    return {line.name: line.value for line in parse(machine.paths.conf.read_text(), "jitsi.conf")[0]}


def secrets(machine):
    return {line.name: line.value for line in parse(machine.paths.secrets.read_text(), "secrets.conf")[0]}
