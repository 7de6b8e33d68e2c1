"""A small tokeniser of JavaScript: do brackets, strings and comments close, and what is assigned to a name?

Whatever a real engine takes, it takes; what is wrong otherwise than by an open bracket, string or comment, it does
not see.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple


class Token(NamedTuple):
    kind: str  # name, number, string, template, regex, mark
    text: str
    line: int


class Assigned(NamedTuple):
    """One assignment: the string, or None where it is no plain string, and its line, counted from 1."""

    value: Optional[str]
    line: int


class Unclosed(ValueError):
    """The text ends, or a line does, where something is still open."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


_NEWLINE = "\n\r\u2028\u2029"
_SPACE = re.compile(rf"[\s\ufeff]+|//[^{_NEWLINE}]*|<!--[^{_NEWLINE}]*|/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<number>\.?[0-9](?:[eE][-+](?=[0-9])|[\w.$])*)"""
    r"""|(?P<name>(?:[\w$]|\\u[0-9a-fA-F{}]+)+)"""
    r"""|(?P<string>"(?:[^"\\\n\r]|\\(?:\r\n|.))*"|'(?:[^'\\\n\r]|\\(?:\r\n|.))*')"""
    r"""|(?P<mark>===?|!==?|[<>]=|=>|\+\+|--|\.\.\.|.)""",
    re.DOTALL,
)
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)", re.DOTALL)
_REGEX = re.compile(rf"/(?:[^/\\\[{_NEWLINE}]|\\[^{_NEWLINE}]|\[(?:[^\]\\{_NEWLINE}]|\\[^{_NEWLINE}])*\])+/[\w$]*")
_CLOSES = {")": "(", "]": "[", "}": "{"}
_HEADS = ("if", "while", "for", "with")  # behind the bracket that follows one of these a statement begins
# A slash behind one of these begins a regular expression, behind any other name it divides.
_OPERATORS = ("return", "typeof", "case", "in", "delete", "void", "throw", "new", "instanceof", "do", "else")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def unclosed(text: str) -> Optional[Unclosed]:
    """What is open at the end of the text, or of a line that must close it; None when nothing is."""
    try:
        tokens(text)
    except Unclosed as found:
        return found
    return None


def tokens(text: str) -> List[Token]:
    """The tokens of a script, without comments. Unclosed: there is no way to read it.

    Whether a slash behind } divides or begins a regular expression depends on what the bracket was, which is not
    known here; both are tried.
    """
    try:
        return _Reader(text, regex_behind_brace=True).read()
    except Unclosed as first:
        try:
            return _Reader(text, regex_behind_brace=False).read()
        except Unclosed:
            raise first from None


class _Reader:
    def __init__(self, text: str, *, regex_behind_brace: bool) -> None:
        self.text, self.place, self.line = text, 0, 1
        self.regex_behind_brace = regex_behind_brace
        self.found: List[Token] = []
        self.open: List[Tuple[str, int, bool]] = []  # bracket, its line, whether a statement follows when it closes
        self.statement = False  # the last bracket that closed was one of those

    def read(self) -> List[Token]:
        while self._next():
            pass
        if self.open:
            bracket, line, _ = self.open[-1]
            what = "a template that does not end" if bracket == "`" else f"a {bracket} that is not closed"
            raise Unclosed(what, line)
        return self.found

    def _next(self) -> bool:
        space = _SPACE.match(self.text, self.place) or self._arrow()
        if space:
            self._take("", space.end())
            return True
        if self.place == len(self.text):
            return False
        rest = self.text[self.place : self.place + 2]
        if rest == "/*":
            raise Unclosed("a comment that does not end", self.line)
        if rest[0] == "/" and self._begins_value():
            self._regex()
        elif rest[0] == "`":
            self._template(self.place + 1)
        elif rest[0] == "}" and self.open and self.open[-1][0] == "`":
            self.open.pop()
            self._template(self.place + 1)
        else:
            self._other()
        return True

    def _arrow(self) -> Optional[re.Match[str]]:
        """--> at the beginning of a line is a comment, too."""
        if not self.text.startswith("-->", self.place):
            return None
        begun = re.search(rf"[^{_NEWLINE}]*\Z", self.text[max(0, self.place - 200) : self.place])
        if begun and not re.sub(r"/\*.*?\*/", "", begun.group()).strip():
            return re.compile(rf"-->[^{_NEWLINE}]*").match(self.text, self.place)
        return None

    def _other(self) -> None:
        match = _TOKEN.match(self.text, self.place)
        assert match is not None  # noqa: S101 - its last alternative takes any character
        kind, text = str(match.lastgroup), match.group()
        if text in ("'", '"'):
            raise Unclosed("a string that does not end on its line", self.line)
        if text in "([{":
            head = text == "(" and bool(self.found) and self.found[-1].text in _HEADS
            self.open.append((text, self.line, head))
        elif text in _CLOSES:
            if not self.open or self.open[-1][0] != _CLOSES[text]:
                raise Unclosed(f"a {text} that closes nothing", self.line)
            self.statement = self.open.pop()[2]
        self._take(kind, match.end())

    def _regex(self) -> None:
        match = _REGEX.match(self.text, self.place)
        if match is None:
            raise Unclosed("a regular expression that does not end on its line", self.line)
        self._take("regex", match.end())

    def _template(self, start: int) -> None:
        match = _TEMPLATE.match(self.text, start)
        if match is None:
            raise Unclosed("a template that does not end", self.line)
        line = self.line
        self._take("template", match.end())
        if match.group(1) == "${":
            self.open.append(("`", line, False))
            self.found.append(Token("mark", "${", self.line))

    def _take(self, kind: str, end: int) -> None:
        text = self.text[self.place : end]
        if kind:
            self.found.append(Token(kind, text, self.line))
        self.line += text.count("\n")
        self.place = end

    def _begins_value(self) -> bool:
        """Whether a slash here begins a regular expression, from the token before it."""
        if not self.found:
            return True
        last = self.found[-1]
        if last.kind == "name":
            dotted = len(self.found) > 1 and self.found[-2].text == "."
            return last.text in _OPERATORS and not dotted
        if last.kind != "mark":
            return False
        if last.text == ")":
            return self.statement
        if last.text == "}":
            return self.regex_behind_brace
        return last.text not in ("]", "++", "--")


def assigned(text: str, owner: str, name: str) -> List[Assigned]:
    """What is assigned to OWNER.NAME, in order: also as a field of an object, and None where OWNER begins anew.

    Code that runs only at times counts as if it ran. Unclosed: as in `tokens`.
    """
    found: List[Assigned] = []
    read = tokens(text)
    words = [_word(token) for token in read]
    for place, token in enumerate(read):
        after = place + 1
        behind = words[place - 1] if place else ""
        if words[place] == name and behind in (".", "[") and place > 1 and words[place - 2] == owner:
            after += behind == "["
            if _mark(read, after) == "=":
                found.append(Assigned(_string(read, after + 1), token.line))
            elif place > 2 and words[place - 3] == "delete":
                found.append(Assigned(None, token.line))
        elif words[place] == name and behind in ("{", ",") and _mark(read, after) == ":":
            found.append(Assigned(_string(read, after + 1), token.line))
        elif token.text == owner and behind != "." and _mark(read, after) == "=" and found:
            found.append(Assigned(None, token.line))
    return found


def _mark(read: List[Token], place: int) -> str:
    return read[place].text if place < len(read) and read[place].kind == "mark" else ""


def _word(token: Token) -> str:
    return decoded(token.text) if token.kind == "string" else token.text


def _string(read: List[Token], place: int) -> Optional[str]:
    """The string at a place when it is the whole value."""
    if place >= len(read) or read[place].kind != "string":
        return None
    more = read[place + 1 : place + 2]
    ends = not more or more[0].text in (";", ",", "}", ")")
    if more and more[0].kind == "name":  # of the next statement, where no semicolon is
        ends = more[0].line > read[place].line
    return decoded(read[place].text) if ends else None


def decoded(literal: str) -> str:
    """What a string literal stands for."""
    units = _ESCAPE.sub(_escape, literal[1:-1])
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2) or match.group(3)
    return chr(min(int(code, 16), 0x10FFFF)) if code else _ESCAPES.get(match.group(4), match.group(4))
