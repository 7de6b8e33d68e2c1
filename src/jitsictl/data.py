"""The package's own data files: written as YAML for people, read as JSON once the SlackBuild compiled them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def load(room: str, name: str) -> Any:
    """The data of `room`/`name`. The compiled form wins: inside the package there is nothing else."""
    path = _HERE / room / f"{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return _yaml(room, name)


def compiled(room: str, name: str) -> str:
    """The same data as JSON text, byte for byte the same for the same data."""
    return json.dumps(_yaml(room, name), ensure_ascii=False, indent=0) + "\n"


def _yaml(room: str, name: str) -> Any:
    import yaml  # slow, and not needed in the installed package

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where PyYAML was built with it
    return yaml.load((_HERE / room / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
