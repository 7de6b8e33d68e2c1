"""Lines that a file of settings may hold, for tests and figures that need many of them."""

from __future__ import annotations

from random import Random

# Lines as people write them and as they slip: every piece of the grammar, in any order.
PIECES = [
    "NAME", "name_2", "A", "export ", "export", "=", " = ", "==", "#", " #", " # why", "'", '"', "\\", '\\"', "\\'",
    "\\n", "\\\\", "\\$", "$", "$$", "$A", "${A}", "${", "${A:-b}", "$1", " ", "\t", "value", "two words", "a b", "1",
    ":", "%", "`", "{}", "\r", "\u00a0", "\u0085", "\u2028", "\x0b", "\x0c", "\x1c", "\x1f", "\x00", "ü", "🎈",
    "\ufeff",
]  # fmt: skip
SHAPES = ["{}={}", "{}='{}'", '{}="{}"', "export {}={}", "{} = {} # why", "#{}{}", "{}{}"]


def grammar_near(random: Random) -> str:
    def some(most: int) -> str:
        return "".join(random.choice(PIECES) for _ in range(random.randint(0, most)))

    name = random.choice(["A", "NAME", f"N{random.randint(0, 10**6)}", some(2)])
    return random.choice(SHAPES).format(name, some(5))


def any_text(random: Random) -> str:
    """Characters from all planes but the surrogates, which no UTF-8 holds."""
    planes = [(0, 127), (0, 0xFF), (0, 0xD7FF), (0xE000, 0x10FFFF)]
    return "".join(chr(random.randint(*random.choice(planes))) for _ in range(random.randint(0, 12)))
