"""compose.yaml is the same text on every host, whatever its PyYAML was built with.

Beyond U+FFFF it is not: libyaml escapes. Our pieces have no such character, and no value of a setting comes in.
"""

from __future__ import annotations

import pytest
import yaml

from jitsictl.plan import compose
from unit.site import PIECES

TEXTS = {path.name: path.read_text() for path in PIECES.glob("*.yaml")}
SERVICES = sorted(name[:-5] for name in TEXTS if name != compose.EVERY_SERVICE and not name.startswith("layout-"))
ODD = ["yes", "1e3", "0755", "~", "", " ", "a: b", "a #b", "'", '"', "\\", "${A:-b c}", "é€", "two\nlines", "1:30",
       " ".join(["word"] * 60), "x" * 200, "!tag", "*", "&a", "%", "@", "`", "-", "- a", "?", "tab\there"]  # fmt: skip


def test_no_piece_has_a_character_that_libyaml_escapes():
    assert all(max(text) <= "\uffff" for text in TEXTS.values())


@pytest.mark.skipif(not hasattr(yaml, "CSafeDumper"), reason="this PyYAML has no libyaml: its own text is what it is")
@pytest.mark.parametrize("layout", sorted(name for name in TEXTS if name.startswith("layout-")))
def test_libyaml_writes_what_pyyaml_writes(monkeypatch, layout):
    options = sorted({key for text in TEXTS.values() for key in yaml.safe_load(text) if key.startswith("x-")})
    document = compose.merge(TEXTS, layout, SERVICES, options)
    document["x-odd"] = {"list": ODD, "numbers": [0, 1.5, True, None], "none": {}}
    digests = dict.fromkeys(SERVICES, "0123456789abcdef")
    written = []
    for dumper in (yaml.CSafeDumper, yaml.SafeDumper):
        monkeypatch.setattr(compose, "_DUMPER", dumper)
        written.append(compose.dump(document, digests))
    assert written[0] == written[1]
    assert yaml.safe_load(written[0])["x-odd"] == document["x-odd"]
