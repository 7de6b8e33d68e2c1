"""JavaScript as our tokeniser and a real engine see it: the tokeniser refuses nothing that the engine takes."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess

import pytest

from jitsictl.settings import javascript
from jitsictl.settings.javascript import Assigned, Unclosed, assigned, unclosed
from jitsictl.settings.quote import javascript as quoted

# Compiles each text of a list, as a browser does a <script>, and runs none: whether each is taken.
_COMPILE = """
const { Script } = require('vm');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map((text) => {
  try { new Script(text); return true; } catch (error) { return false; }
})));
"""
_SAY = "process.stdout.write(JSON.stringify(eval(require('fs').readFileSync(0, 'utf8'))))"
# Pieces that fit together often enough, and those that open and do not close.
PIECES = [
    "config.a = 1;", "config.b = 'x'", "\n", "\n\n", ";", "// it's /* here\n", "/* it's */", "/*", "*/", "'", '"', "`",
    "'\\''", '"\\"/*"', "'a\\\nb'", "`a ${1 + `${'}'}`} b`", "`${", "${", "}", "{", "(", ")", "[", "]", "{}",
    "()", "[]",
    "a / b / c", "/[/'\"`]/g", "x = /a\\/'b/", "return", "if (a) /'/.test(b)", "(a) / b", "a++ / 2", "[1] / 2",
    "function f() { return /}/ }", "() => {}", "var o = { a: /'/, 'b': 1 }", "<!-- it's\n", "\n--> it's\n", "a --> b",
    "1.5e+3 / 2", "0x1f", "$", "_", "\\u0061", "é", "typeof /'/", "a.return / 2 / '1'", ",", "=", "==", "...", "?", ":",
    "/", "//", "\\", "#", "\r\n", "\u2028", "async () => { await x }", "class A { b() {} }", "label: for (;;) {}",
]  # fmt: skip


def node(script, text):
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not here")
    done = subprocess.run([program, "-e", script], input=text.encode(), capture_output=True, timeout=120, check=True)
    return json.loads(done.stdout)


def taken(texts):
    return node(_COMPILE, json.dumps(texts))


def attempts(count, seed):
    source = random.Random(seed)
    return ["".join(source.choices(PIECES, k=source.randrange(1, 9))) for _ in range(count)]


def test_what_an_engine_takes_is_taken():
    texts = attempts(20000, 6)
    good = [text for text, takes in zip(texts, taken(texts)) if takes]
    assert len(good) > 2000
    assert [text for text in good if unclosed(text)] == []


@pytest.mark.parametrize("end", ["{", "(", "[", "'", '"', "`", "/*", "}", ")", "]", "`${"])
def test_what_is_left_open_is_seen(end):
    """At the end of any text that is whole, but for a slash behind }, of which both readings are allowed."""
    whole = [text for text in attempts(400, 7) if not re.search(r"\}\s*/", text)]
    whole = [text for text, takes in zip(whole, taken(whole)) if takes]
    broken = [f"{text}\n;{end}" for text in whole]
    assert len(broken) > 20 and not any(taken(broken))
    assert [text for text in broken if not unclosed(text)] == []


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("config.a = {\nb: 1\n\n", "a { that is not closed", 1),
        ("config.a = 1;\nconfig.b = 'x;\nconfig.c = 2;\n", "a string that does not end on its line", 2),
        ("\n\n/* never\n", "a comment that does not end", 3),
        ("a = (1;\n}", "a } that closes nothing", 2),
        ("x = `a\n${1}\n", "a template that does not end", 2),
        ("x = /a\n/;", "a regular expression that does not end on its line", 1),
    ],
)
def test_what_is_open_has_its_line(text, what, line):
    found = unclosed(text)
    assert (found.what, found.line) == (what, line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("config.etherpad_base = 'https://a/p/';", [Assigned("https://a/p/", 1)]),
        ("// config.etherpad_base = 'x';\n/* config.etherpad_base = 'y' */", []),
        ("var config = {\n  // etherpad_base: 'x',\n};", []),
        ("var config = {\n  etherpad_base: 'x',\n};", [Assigned("x", 2)]),
        ('config["etherpad_base"]="a\\/\\u0062\\x63"\nconfig.b = 1', [Assigned("a/bc", 1)]),
        ("config.etherpad_base = 'a' + b;", [Assigned(None, 1)]),
        ("if (config.etherpad_base == 'x') {}", []),
        ("a = \"config.etherpad_base = 'x';\";", []),
        ("config.a = 1; delete config.etherpad_base;", [Assigned(None, 1)]),
        ("config.etherpad_base = 'x';\nconfig = { a: 1 };", [Assigned("x", 1), Assigned(None, 2)]),
        ("config.other.etherpad_base = 'x';", []),
        ("window.config.etherpad_base = 'x'", [Assigned("x", 1)]),
        ("Object.assign(config, { etherpad_base: 'x' })", [Assigned("x", 1)]),
    ],
)
def test_what_is_assigned_is_found(text, found):
    assert assigned(text, "config", "etherpad_base") == found


def test_the_last_assignment_is_what_an_engine_has():
    """Straight-line scripts, in which each statement runs."""
    source = random.Random(8)
    statements = [
        "config.etherpad_base = 'a';", "config.etherpad_base = \"b\"", "config['etherpad_base'] = '\\x63';",
        "// config.etherpad_base = 'd';", "/* config.etherpad_base = 'e';\n*/", "config.x = 'etherpad_base';",
        "config = { etherpad_base: 'f' };", "config = { y: 1 };", "delete config.etherpad_base;", "config.z = /'/;",
        "Object.assign(config, { 'etherpad_base': 'g' });", "var s = `config.etherpad_base = 'h'`;",
    ]  # fmt: skip
    texts = ["\n".join(source.choices(statements, k=source.randrange(9))) for _ in range(500)]
    run = "(function () {{ var config = {{}};\n{}\nreturn config.etherpad_base; }})()"
    for text, value in zip(texts, node(_SAY, f"[{','.join(map(run.format, texts))}]")):
        found = assigned(text, "config", "etherpad_base")
        assert (found[-1].value if found else None) == value, text


def test_a_text_that_cannot_be_read_says_so():
    with pytest.raises(Unclosed):
        assigned("config.etherpad_base = 'x';\n/*", "config", "etherpad_base")


def test_any_text_survives_its_quotes():
    source = random.Random(9)
    special = "\"'`\\$<>&/{}#%- \n\r\t\0\x7f\u2028\u2029\ufeffé😀aZ"
    texts = ["".join(source.choices(special, k=source.randrange(12))) for _ in range(2000)]
    texts += ["</script>", "<!--#echo var=\"x\" -->", "-->", "${x}", "\ud800", "'; alert(1); '"]
    literals = [quoted(text) for text in texts]
    assert node(_SAY, "[" + ",".join(literals) + "]") == texts
    for text, literal in zip(texts, literals):
        assert literal.isascii() and literal.isprintable() and not set(literal) & set("<>")
        assert javascript.decoded(literal) == text or "\ud800" in text
