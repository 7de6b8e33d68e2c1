"""What somebody meant who wrote a name that is no setting. Only a wrong file pays for this."""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from jitsictl.settings import kinds
from jitsictl.types.settings import Catalogue, Line

Advice = Tuple[str, str]  # what to say behind `is not a setting;`, and what would be right: NAME or NAME=value
_SWITCH = {"ENABLE": "DISABLE", "DISABLE": "ENABLE"}
_MOST = 3  # more candidates than this are no advice
_NOTHING: Advice = ("jitsi.conf(5) lists all names", "")


class Suggestions:
    """Looks names up in one catalogue. 500 wrong names take a fraction of a second, not the 6 s of difflib."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._letters = [(name, _letters(name)) for name in catalogue]
        self._squashed = {_squash(name): name for name in catalogue}
        self._shuffled: Dict[Tuple[str, ...], List[str]] = {}
        self._shorter: Dict[Tuple[str, ...], List[str]] = {}
        for name in catalogue:
            words = tuple(name.split("_"))
            self._shuffled.setdefault(_stems(words), []).append(name)
            for less in _one_less(words):
                self._shorter.setdefault(less, []).append(name)

    def advice(self, line: Line) -> Advice:
        """What to say of a line whose name is not in the catalogue. Of the value only a switch's is repeated."""
        name = line.name.upper()
        swapped = line.value.strip().upper()
        if swapped in self._catalogue:
            return f"{swapped} is one, and belongs in front of the =", swapped
        return self._opposite(name, line.value) or self._meant(name) or self._value(name) or _NOTHING

    def _opposite(self, name: str, value: str) -> Optional[Advice]:
        head, _, rest = name.partition("_")
        other = f"{_SWITCH.get(head, '')}_{rest}"
        entry = self._catalogue.get(other)
        if entry is None or entry.type != "bool" or entry.replaced_by:
            return None
        try:
            written = "0" if kinds.normalise("bool", value) == "1" else "1"
        except ValueError:
            return f"{other} says the opposite", other
        return f"write {other}={written}, which says the same", f"{other}={written}"

    def _meant(self, name: str) -> Optional[Advice]:
        searches: Sequence[Callable[[str], List[str]]] = (
            self._same_letters,
            lambda text: self._within(text, 1),
            self._same_words,
            lambda text: self._within(text, min(3, len(text) // 5)),
            self._switch_left_out,
        )
        for search in searches:
            found = self._preferred(search(name))
            if 0 < len(found) <= _MOST:
                return self._told(found)
        return None

    def _told(self, found: List[str]) -> Advice:
        entry = self._catalogue[found[0]]
        if entry.replaced_by:
            new = successor(entry.replaced_by, self._catalogue)
            return f"{entry.name} was one: {entry.replaced_by}", new
        return f"did you mean {_or(found)}?", found[0] if len(found) == 1 else ""

    def _preferred(self, found: Iterable[str]) -> List[str]:
        """Those that are still in use, where there are any."""
        names = list(found)
        return [name for name in names if not self._catalogue[name].replaced_by] or names

    def _same_letters(self, name: str) -> List[str]:
        squashed = _squash(name)
        return [self._squashed[squashed]] if squashed in self._squashed else []

    def _within(self, name: str, edits: int) -> List[str]:
        """The names that are fewest edits away, at most `edits`."""
        letters = _letters(name)
        best: List[str] = []
        for other, there in self._letters:
            if abs(len(other) - len(name)) > edits or bin(letters ^ there).count("1") > 2 * edits:
                continue
            found = distance(name, other, edits)
            if found < edits:
                edits, best = found, [other]
            elif found == edits:
                best.append(other)
        return best

    def _same_words(self, name: str) -> List[str]:
        """One word too few or too many, or the same words in another order."""
        words = tuple(name.split("_"))
        if f"ENABLE_{name}" in self._catalogue:
            return [f"ENABLE_{name}"]
        without = [text for text in map("_".join, _one_less(words)) if text in self._catalogue]
        return self._shuffled.get(_stems(words)) or self._shorter.get(words) or without

    def _switch_left_out(self, name: str) -> List[str]:
        """LOBY for ENABLE_LOBBY."""
        return [] if len(name) < 4 else self._within(f"ENABLE_{name}", 1)

    def _value(self, name: str) -> Optional[Advice]:
        """A choice where its setting's name is meant: jwt=1 for AUTH_TYPE=jwt."""
        for entry in self._catalogue.values():
            word, _, argument = entry.type.partition(" ")
            if word != "enum" or entry.replaced_by:
                continue
            for choice in argument.split("|"):
                if choice.lstrip("!").upper().replace("-", "_") == name:
                    return f"did you mean {entry.name}={choice}?", f"{entry.name}={choice}"
        return None


def successor(sentence: str, catalogue: Catalogue) -> str:
    """The name that a catalogue's `replaced_by` says to write; "" when it names none."""
    return next((word for word in re.findall(r"[A-Z][A-Z0-9_]+", sentence) if word in catalogue), "")


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, leave out or swap with their neighbour; more than `most` is told as most + 1."""
    before: List[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, before, row = before, row, [i] + [most + 1] * len(other)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            b = other[j - 1]
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _squash(name: str) -> str:
    return name.replace("_", "")


def _letters(name: str) -> int:
    """A set of letters as bits: names whose sets differ much cannot be near each other."""
    bits = 0
    for letter in name:
        bits |= 1 << (ord(letter) & 63)
    return bits


def _one_less(words: Tuple[str, ...]) -> List[Tuple[str, ...]]:
    """The words without each of them in turn; none of a single word."""
    return [words[:place] + words[place + 1 :] for place in range(len(words))] if len(words) > 1 else []


def _stems(words: Tuple[str, ...]) -> Tuple[str, ...]:
    """The words in one order, without the ends that people mix up: ENABLED, IPS."""
    return tuple(sorted(word[:-1] if word.endswith(("D", "S")) else word for word in words))


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
