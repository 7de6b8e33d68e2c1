"""What each kind of step that touches files does, undoes and remembers. Services are in change/services.py.

A kind is three functions: `save(step, journal, index)` looks at what is there and returns it as JSON
data, before anything is touched; `do(step)` does it, and does it again after a crash without harm;
`undo(step, saved, journal)` puts back what `save` saw, also when `do` only came half way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Iterator, NamedTuple, Tuple, Type, Union

from jitsictl.change import foreign, passwords, pruning, services
from jitsictl.change.journal import Journal, Saved
from jitsictl.change.tools import Tools
from jitsictl.doors import files, trees
from jitsictl.plan import custom
from jitsictl.types import change as kinds
from jitsictl.types.failure import Failure


class Handler(NamedTuple):
    save: Callable[[Any, Tools, Journal, int], Saved]
    do: Callable[[Any, Tools], None]
    undo: Callable[[Any, Saved, Tools, Journal], None]


def _nothing_saved(_step: Any, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    return {}


def _not_undone(_step: Any, _saved: Saved, _tools: Tools, _journal: Journal) -> None:
    """Harmless as it is, or another step's undo covers it."""


def _save_file(
    step: Union[kinds.File, kinds.Block, kinds.Link, kinds.Delete], _tools: Tools, journal: Journal, index: int
) -> Saved:
    copy = journal.keep_file(index, Path(step.path))
    return {"absent": True} if copy is None else {"copy": copy}


def _do_file(step: kinds.File, _tools: Tools) -> None:
    files.write(Path(step.path), step.text, step.mode)


def _do_block(step: kinds.Block, _tools: Tools) -> None:
    path = Path(step.path)
    kept, data = files.kept(path), files.read_bytes(path) or b""
    try:
        text = custom.whole(data, step.text)
    except custom.NoEnd as error:  # somebody wrote it since it was looked at
        raise Failure(f"{path}:{error.line}: expected the line {custom.END!r} below this one, found none") from None
    if text == data:
        return
    if not text:
        files.remove(path)
    else:
        files.write(path, text, 0o644 if kept is None else kept.mode, None if kept is None else (kept.uid, kept.gid))


def _undo_file(
    step: Union[kinds.File, kinds.Block, kinds.Link, kinds.Delete], saved: Saved, _tools: Tools, journal: Journal
) -> None:
    if saved.get("absent"):
        files.remove(Path(step.path))
    else:
        files.copy_file(journal.directory / saved["copy"], Path(step.path))  # with its mode and owner


def _save_dir(step: kinds.Dir, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    kept = files.kept(Path(step.path))
    return {"absent": True} if kept is None else {"mode": kept.mode, "owner": [kept.uid, kept.gid]}


def _do_dir(step: kinds.Dir, _tools: Tools) -> None:
    files.directory(Path(step.path), step.mode, step.owner)


def _undo_dir(step: kinds.Dir, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    if saved.get("absent"):
        files.remove_empty(Path(step.path))  # a service may have written into it: then it stays
    else:
        files.directory(Path(step.path), saved["mode"], (saved["owner"][0], saved["owner"][1]))


def _save_link(step: Union[kinds.Link, kinds.Delete], tools: Tools, journal: Journal, index: int) -> Saved:
    target = files.link_target(Path(step.path))
    if target is not None:
        return {"target": target}
    return {"target": None, "file": _save_file(step, tools, journal, index)}  # an editor may have replaced the link


def _do_link(step: kinds.Link, _tools: Tools) -> None:
    files.link(Path(step.path), step.target)


def _undo_link(step: Union[kinds.Link, kinds.Delete], saved: Saved, tools: Tools, journal: Journal) -> None:
    if saved["target"] is not None:
        files.link(Path(step.path), saved["target"])
    else:
        _undo_file(step, saved.get("file", {"absent": True}), tools, journal)


def _do_delete(step: kinds.Delete, _tools: Tools) -> None:
    files.remove(Path(step.path))


def _save_move(step: kinds.Move, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    return {"there": files.exists(Path(step.source))}


def _do_move(step: kinds.Move, _tools: Tools) -> None:
    if files.exists(Path(step.source)):
        files.rename(Path(step.source), Path(step.target))


def _undo_move(step: kinds.Move, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    source, target = Path(step.source), Path(step.target)
    if saved["there"] and files.exists(target) and not files.exists(source):
        files.rename(target, source)


def _entries(step: kinds.MoveInto) -> Iterator[Tuple[Path, Path]]:
    source, target = Path(step.source), Path(step.target)
    for name in files.names(source):
        if source / name != target:
            yield source / name, target / name


def _save_move_into(step: kinds.MoveInto, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    kept = {here.name: files.kept(here) for here, there in _entries(step) if not files.exists(there)}
    owners = {name: [found.uid, found.gid] for name, found in kept.items() if found is not None}
    return {"owners": owners, "before": files.names(Path(step.target))}


def _do_move_into(step: kinds.MoveInto, _tools: Tools) -> None:
    for here, there in _entries(step):
        if files.exists(there):
            continue
        if step.owner is not None:
            trees.give(here, step.owner)
        files.rename(here, there)


def _undo_move_into(step: kinds.MoveInto, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    source, target = Path(step.source), Path(step.target)
    for name in files.names(target):
        here, there = target / name, source / name
        if name not in saved["before"] and not files.exists(there):
            files.rename(here, there)
    for name, owner in saved["owners"].items():
        if step.owner is not None and files.exists(source / name):
            trees.give(source / name, (owner[0], owner[1]))


def _do_copy(step: kinds.Copy, _tools: Tools) -> None:
    source, target = Path(step.source), Path(step.target)
    if files.exists(target):
        return  # copied under another name and renamed: what is there is whole
    kept = files.kept(source)
    if kept is not None and kept.directory:
        trees.copy_tree(source, target, links=step.links, owner=step.owner)
    else:
        files.copy_file(source, target)


def _save_copy(step: kinds.Copy, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    return {"there": files.exists(Path(step.target))}


def _undo_copy(step: kinds.Copy, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    if not saved["there"]:
        trees.remove_tree(Path(step.target))


def _save_rendered(step: kinds.Rendered, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    return {"there": [path for path in step.paths if files.exists(Path(path))]}


def _do_nothing(_step: kinds.Rendered, _tools: Tools) -> None:
    """This kind is there for its undo."""


def _undo_rendered(step: kinds.Rendered, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    for path in step.paths:
        if path not in saved["there"]:
            trees.remove_tree(Path(path))


def _do_unpack(step: kinds.Unpack, _tools: Tools) -> None:
    from jitsictl.doors import untar  # two verbs need it, with all that tarfile brings along

    untar.unpack(Path(step.archive), Path(step.target), step.digest)


def _undo_unpack(step: kinds.Unpack, _saved: Saved, _tools: Tools, _journal: Journal) -> None:
    trees.remove_tree(Path(step.target))


HANDLERS: Dict[Type[Any], Handler] = {
    kinds.File: Handler(_save_file, _do_file, _undo_file),
    kinds.Block: Handler(_save_file, _do_block, _undo_file),
    kinds.Dir: Handler(_save_dir, _do_dir, _undo_dir),
    kinds.Link: Handler(_save_link, _do_link, _undo_link),
    kinds.Move: Handler(_save_move, _do_move, _undo_move),
    kinds.MoveInto: Handler(_save_move_into, _do_move_into, _undo_move_into),
    kinds.Copy: Handler(_save_copy, _do_copy, _undo_copy),
    kinds.Pull: Handler(_nothing_saved, services.pull, _not_undone),
    kinds.Return: Handler(services.save_return, services.do_return, services.undo_return),
    kinds.Rendered: Handler(_save_rendered, _do_nothing, _undo_rendered),
    kinds.Stop: Handler(_nothing_saved, services.stop, _not_undone),
    kinds.Recreate: Handler(_nothing_saved, services.recreate, services.undo_recreate),
    kinds.Remove: Handler(_nothing_saved, services.remove, _not_undone),
    kinds.Command: Handler(_nothing_saved, services.command, _not_undone),
    kinds.Account: Handler(_nothing_saved, services.account, services.undo_account),
    kinds.ServicePassword: Handler(passwords.save, passwords.do, passwords.undo),
    kinds.Verify: Handler(_nothing_saved, services.verify_site, _not_undone),
    kinds.PadsServed: Handler(_nothing_saved, services.pads_served, _not_undone),
    kinds.Unpack: Handler(_nothing_saved, _do_unpack, _undo_unpack),
    kinds.Prune: Handler(_nothing_saved, pruning.do, _not_undone),
    kinds.Foreign: Handler(foreign.save, foreign.do, foreign.undo),
    kinds.Transfer: Handler(foreign.save_transfer, foreign.transfer, foreign.undo_transfer),
    kinds.Discard: Handler(_nothing_saved, foreign.discard, _not_undone),
    kinds.Delete: Handler(_save_link, _do_delete, _undo_link),
}


def title(step: kinds.Step) -> str:
    """The step in a few words, for the terminal and the log. It never holds a secret."""
    if isinstance(step, kinds.Block):
        return f"{'our lines in' if step.text else 'no lines of ours in'} {step.path}"
    if isinstance(step, (kinds.File, kinds.Dir, kinds.Link)):
        return f"{type(step).__name__.lower()} {step.path}"
    if isinstance(step, kinds.MoveInto):
        return f"move what is in {step.source} to {step.target}"
    if isinstance(step, (kinds.Move, kinds.Copy)):
        return f"{type(step).__name__.lower()} {step.source} to {step.target}"
    if isinstance(step, kinds.Pull):
        return f"fetch {step.image}"
    if isinstance(step, kinds.Return):
        return f"to undo, bring back {', '.join(step.services) or 'nothing'}"
    if isinstance(step, kinds.Rendered):
        return "to undo, delete what images of the next layout render"
    if isinstance(step, kinds.Stop):
        return f"stop {', '.join(step.services)}"
    if isinstance(step, kinds.Recreate):
        return f"recreate {', '.join(step.services)}"
    if isinstance(step, kinds.Remove):
        return f"remove {step.service}"
    if isinstance(step, kinds.Command):
        return f"in {step.service}: {' '.join(step.argv)}"
    if isinstance(step, (kinds.Foreign, kinds.Transfer, kinds.Discard)):
        return foreign.title(step)
    if isinstance(step, kinds.Delete):
        return f"delete {step.path}"
    if isinstance(step, kinds.Account):
        return f"{'make' if step.present else 'delete'} the throw-away account {step.name}"
    if isinstance(step, kinds.ServicePassword):
        return f"give Prosody {step.setting}"
    if isinstance(step, kinds.Unpack):
        return f"unpack {step.archive}"
    if isinstance(step, kinds.PadsServed):
        return "verify that config.js leads to the pads"
    if isinstance(step, kinds.Prune):
        return "delete old states"
    return "verify"
