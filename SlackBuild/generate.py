"""python3 generate.py DIRECTORY: write the parts of the package that the helper's own code makes.

The helper stays the only one that knows its settings, releases and verbs; the compiled data, the manual
pages, the full sample of jitsi.conf and the completion all come from there. It needs PyYAML and click, as
the helper does.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Tuple, Union

SOURCES = Path(__file__).resolve().parent.parent / "src"

# Where it goes below DIRECTORY, and the function that returns its text. A function that returns several texts
# by file name has a directory here, written with a slash at the end.
OUTPUTS = (
    ("python/jitsictl/settings/catalogue.json", "jitsictl.settings.generate", "catalogue_json"),
    ("python/jitsictl/releases/releases.json", "jitsictl.releases.generate", "releases_json"),
    ("python/jitsictl/releases/services.json", "jitsictl.releases.generate", "services_json"),
    ("jitsi.conf.sample", "jitsictl.settings.generate", "sample"),
    ("man/jitsi.conf.5", "jitsictl.settings.generate", "jitsi_conf_5"),
    ("man/", "jitsictl.cli.generate", "man_pages"),
    ("completion.bash", "jitsictl.cli.generate", "completion"),
)


def texts(output: str, made: Union[str, Dict[str, str]]) -> Iterator[Tuple[str, str]]:
    """(path, text) of each file that one entry of OUTPUTS stands for."""
    if isinstance(made, str):
        yield output, made
        return
    for name in sorted(made):
        yield output + name, made[name]


def maker(module: str, function: str) -> Callable[[], Union[str, Dict[str, str]]]:
    """The function of that name; ImportError when the module or the function is missing."""
    try:
        return getattr(importlib.import_module(module), function)
    except AttributeError:
        raise ImportError(f"{module} has no function {function}") from None


def generate(directory: Path) -> None:
    """Write every output below `directory`; ImportError when something is missing that makes one."""
    for output, module, function in OUTPUTS:
        for path, text in texts(output, maker(module, function)()):
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def main(arguments: List[str]) -> int:
    if len(arguments) != 1:
        print("usage: generate.py DIRECTORY", file=sys.stderr)
        return 2
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(SOURCES))
    try:
        generate(Path(arguments[0]))
    except ImportError as error:
        print(f"generate.py: {error}; a complete checkout, PyYAML and click are needed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
