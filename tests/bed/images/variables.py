"""Makes variables.json anew: `python3 -m bed.images.variables FACTS`, a folder of facts on releases as JSON.

Of each release's file it takes, for each service, the names that the compose files pass (`env`) and those
that the image reads although nothing passes them (`consumed_not_passed`). Names only.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Dict, List

from bed.images.catalog import HERE, RELEASES, SERVICES


def names(facts: Path) -> Dict[str, Dict[str, List[str]]]:
    """Release -> service -> sorted names."""
    found: Dict[str, Dict[str, List[str]]] = {}
    for release in RELEASES:
        services = json.loads((facts / f"{release}.json").read_text())["services"]
        found[release] = {service: sorted({entry["name"] for key in ("env", "consumed_not_passed")
                                           for entry in services[service][key]}) for service in SERVICES}
    return found


if __name__ == "__main__":
    (HERE / "variables.json").write_text(json.dumps(names(Path(sys.argv[1])), indent=1) + "\n")
