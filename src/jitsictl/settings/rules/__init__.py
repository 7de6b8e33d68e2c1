"""Rules that hold between settings: one function a rule, one file a subject, each rule with its test.

A rule looks at settings that are each valid by themselves, and yields what is wrong with them together.
An error is what would keep the site from working; a warning is what works, though hardly as meant. Where the
right value is known a rule offers it. Facts about releases and services come from the catalogue and releases/.
"""

from __future__ import annotations

from typing import Callable, List, Tuple

from jitsictl.settings.case import Case, Found
from jitsictl.settings.rules import (
    access,
    address,
    bridge,
    etherpad,
    images,
    network,
    services,
    signon,
    tls,
    tokens,
    xmpp,
)
from jitsictl.types.settings import Problem

RULES: Tuple[Callable[[Case], Found], ...] = (
    *address.RULES,
    *network.RULES,
    *tls.RULES,
    *access.RULES,
    *tokens.RULES,
    *signon.RULES,
    *etherpad.RULES,
    *xmpp.RULES,
    *bridge.RULES,
    *images.RULES,
    *services.RULES,
)


def broken(case: Case) -> List[Problem]:
    """The problems of all rules."""
    return [problem for rule in RULES for problem in rule(case)]
