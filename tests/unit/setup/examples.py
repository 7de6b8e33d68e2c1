"""Upstream's sample files as facts: the lines that each release's env.example sets or shows, names and values alone.

env-examples.json is a small copy of the facts about upstream's releases, which lie outside this repository. Where
they are at hand, `python tests/unit/setup/examples.py` writes it anew, and a test holds the two equal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List

from jitsictl.releases import order

COPY = Path(__file__).with_name("env-examples.json")
SOURCE = Path(__file__).resolve().parents[4] / "shared" / "facts" / "releases"
TUTORIAL = Path(__file__).with_name("tutorial.env")  # what is set when all of the tutorial's edits are made


def load() -> Dict[str, List[str]]:
    """The lines of each sample by its releases ("stable-9258 stable-9457-2"); `#` in front of what is only shown."""
    found: Dict[str, List[str]] = json.loads(COPY.read_text(encoding="utf-8"))
    return found


def extract(source: Path) -> Dict[str, List[str]]:
    releases: Dict[str, List[str]] = {}
    for path in sorted(source.glob("stable-*.json"), key=lambda path: order(path.stem)):
        example = json.loads(path.read_text(encoding="utf-8"))["env_example"]
        lines = [f"{'#' * line['commented']}{line['name']}={line['value']}" for line in example]
        releases.setdefault("\n".join(lines), []).append(path.stem)
    return {" ".join(names): lines.split("\n") for lines, names in releases.items()}


if __name__ == "__main__":
    COPY.write_text(json.dumps(extract(SOURCE), indent=0) + "\n", encoding="utf-8")
