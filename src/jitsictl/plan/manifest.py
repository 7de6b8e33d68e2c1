"""manifest.json of a generation: what it is, and its files as they were made, which an edit by hand is held against."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Dict, Mapping, Optional

from jitsictl.types.site import Desired, SetAside

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """`before` is the generation that it took over from. `made` has no texts in one of the first packages."""

    release: str
    before: Optional[int]
    hashes: Mapping[str, str]
    made: Mapping[str, str]
    inputs: Mapping[str, Mapping[str, str]]
    aside: Optional[SetAside] = None


class TooNew(ValueError):
    """Another package wrote it, in a format that this one does not know."""


def dump(desired: Desired, before: Optional[int], aside: Optional[SetAside] = None) -> str:
    """The text of manifest.json. It holds secrets, as the files do."""
    whole: Dict[str, object] = {
        "format": FORMAT,
        "release": desired.release.tag,
        "before": before,
        "files": {name: digest(text) for name, text in sorted(desired.files.items())},
        "made": dict(sorted(desired.files.items())),
        "inputs": desired.inputs,
    }
    if aside is not None:
        whole["aside"] = dataclasses.asdict(aside)
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def load(text: str) -> Manifest:
    """Read it back. TooNew: its format. ValueError: it is damaged."""
    try:
        data = json.loads(text)
        if data["format"] > FORMAT:
            raise TooNew(f"format {data['format']}, this one knows {FORMAT}")
        made: Dict[str, str] = data.get("made", {})
        kept = data.get("aside")
        aside = SetAside(tuple(kept["placed"]), kept["moved"], kept["files"]) if kept else None
        return Manifest(data["release"], data["before"], data["files"], made, data.get("inputs", {}), aside)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks {error}") from None


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
