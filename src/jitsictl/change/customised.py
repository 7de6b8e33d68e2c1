"""The admin's custom-*.js files on this host: read, with our lines as a change leaves them, and do they parse?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from jitsictl.doors import files, trees
from jitsictl.doors.docker import Docker
from jitsictl.plan import custom
from jitsictl.settings import javascript
from jitsictl.types.change import Block, Change, File, Step
from jitsictl.types.failure import Failure
from jitsictl.types.preview import FileChange
from jitsictl.types.site import Container

NODE = "etherpad"  # the one service whose image has Node
NODE_SECONDS = 20.0
# Compiles what comes on standard input as a page's <script>, and runs none of it.
_COMPILE = """
let found = null;
try {
  new (require('vm').Script)(require('fs').readFileSync(0, 'utf8'), { filename: 'script' });
} catch (error) {
  const place = /^script:(\\d+)/.exec(error.stack);
  found = { what: error.message, line: place ? Number(place[1]) : 1 };
}
process.stdout.write(JSON.stringify({ found }));
"""


@dataclass(frozen=True)
class Customised:
    """`lines` are ours by file, below CONFIG. `hashes` are those of the files that change, None for one that goes."""

    lines: Mapping[str, str]
    steps: Tuple[Step, ...]
    hashes: Mapping[str, Optional[str]]
    edited: Tuple[FileChange, ...]


def customised(config: Path, lines: Mapping[str, str]) -> Customised:
    """What brings the files on this host to have `lines`. Failure: one has our first mark without the last."""
    before = {path: files.read_bytes(config / path) or b"" for path in lines}
    after: Dict[str, bytes] = {}
    for path, text in lines.items():
        try:
            after[path] = custom.whole(before[path], text)
        except custom.NoEnd as error:
            raise Failure(
                f"{config / path}:{error.line}: expected the line {custom.END!r} below this one, found none; put it "
                "behind the lines that are not yours, or delete these and this one"
            ) from None
    changed = [path for path in lines if before[path] != after[path]]
    return Customised(
        lines,
        custom.steps(str(config), before, lines),
        {path: trees.hash_bytes(after[path]) if after[path] else None for path in changed},
        tuple(FileChange(str(config / path), _what(lines[path])) for path in changed),
    )


def _what(lines: str) -> str:
    count = lines.count("\n")
    if not count:
        return "our lines are taken out; yours stay"
    return f"{count} {'line' if count == 1 else 'lines'} of ours at its end; yours stay"


def refused(change: Change, containers: Mapping[str, Container], docker: Docker) -> List[str]:
    """What is wrong with the scripts that a change writes, a sentence a file. Of ours only the admin's part is read."""
    texts: Dict[str, str] = {}
    for step in change.steps:
        if isinstance(step, Block) and step.text:
            texts[step.path] = custom.own_in_place(files.read_bytes(Path(step.path)) or b"")
        elif isinstance(step, File) and step.path.endswith(f"/{custom.RENDERED}"):
            texts[step.path] = step.text
    wrong = []
    for path, text in texts.items():
        found = _by_node(text, containers.get(NODE), docker) if text.strip() else None
        if found is not None:
            wrong.append(
                f"{path}:{found[1]}: expected JavaScript, found {found[0]}; with it the page stays blank; mend it first"
            )
    return wrong


def _by_node(text: str, etherpad: Optional[Container], docker: Docker) -> Optional[Tuple[str, int]]:
    """What is wrong and its line: by Node in Etherpad's container where that runs, else by our own tokeniser."""
    if etherpad is not None and etherpad.state == "running":
        try:
            done = docker.execute(etherpad.id, ("node", "-e", _COMPILE), stdin=text, deadline=NODE_SECONDS)
            found = json.loads(done.out)["found"]
            return None if found is None else (str(found["what"]), int(found["line"]))
        except (Failure, ValueError, KeyError, TypeError):
            pass  # it is about to stop, or has no Node
    unclosed = javascript.unclosed(text)
    return None if unclosed is None else (unclosed.what, unclosed.line)
