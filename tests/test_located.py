"""Located YAML and diagnostics: exact messages, places, and agreement with a stock reader on what is let through."""

import json
import math
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runtime.core import located
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, failed, near, render
from runtime.core.located import load

ROOT = Path(__file__).parents[1]


def shown(text: str) -> str:
    """All that is said about a text, as text."""
    return render(load(text, "x.yaml")[1], {"x.yaml": text})


MESSAGES = {
    "syntax": (
        "a: 1\nb: c: d\n",
        """\
x.yaml:2:5  E101  not YAML: mapping values are not allowed here

   1 | a: 1
   2 | b: c: d
     |     ^

  Put quotes around a text that holds a colon and a space.
""",
    ),
    "indent": (
        "a:\n  b: 1\n c: 2\n",
        """\
x.yaml:3:2  E101  not YAML: expected <block end>, but found '<block mapping start>'

   2 |   b: 1
   3 |  c: 2
     |  ^ while parsing a block mapping, from line 1

  Lines of one mapping or list start in the same column.
""",
    ),
    "tab": (
        "a:\n\tb: 1\n",
        """\
x.yaml:2:1  E101  not YAML: found character '\\t' that cannot start any token

   1 | a:
   2 | \tb: 1
     | ^

  Indent with spaces: YAML does not take tabs there.
""",
    ),
    "character": (
        "a: b\x07\n",
        """\
x.yaml:1:5  E101  not YAML: a character that YAML does not allow, U+0007

   1 | a: b\ufffd
     |     ^
""",
    ),
    "documents": (
        "--- {a: 1}\n--- {b: 1}\n",
        """\
x.yaml:2:1  E101  a second document in one file

   1 | --- {a: 1}
   2 | --- {b: 1}
     | ^^^ one file is one document
""",
    ),
    "depth": (
        "[" * 101 + "1" + "]" * 101,
        "x.yaml:1:102  E101  nested deeper than 100 levels\n\n   1 | "
        + "[" * 101
        + "1"
        + "]" * 101
        + "\n     | "
        + " " * 101
        + "^\n",
    ),
    "twice": (
        "stop: 1\nmodel: {a: 1, b: 2, a: 3}\n",
        """\
x.yaml:2:21  E102  `a` is given twice

   1 | stop: 1
   2 | model: {a: 1, b: 2, a: 3}
     |                     ^ first given on line 2

  The first is at x.yaml:2:9. Keep one of them.
""",
    ),
    "anchor": (
        "a: &one {b: 1}\n",
        """\
x.yaml:1:4  E103  an anchor, `&one`, is not read here

   1 | a: &one {b: 1}
     |    ^^^^^^^^^^^ write each value out
""",
    ),
    "alias": (
        "a: *one\n",
        """\
x.yaml:1:4  E103  an alias, `*one`, is not read here

   1 | a: *one
     |    ^^^^ write the value out
""",
    ),
    "tag": (
        "a: !!str 1\n",
        """\
x.yaml:1:4  E103  a tag, `!!str`, is not read here

   1 | a: !!str 1
     |    ^^^^^^^ write the value without it
""",
    ),
    "merge": (
        "<<: {a: 1}\n",
        """\
x.yaml:1:1  E103  a merge key, `<<`, is not read here

   1 | <<: {a: 1}
     | ^^ write the keys out
""",
    ),
    "trap": (
        "tables:\n  effort:\n    both:  {off: disabled, minimal: minimal}\n",
        """\
x.yaml:3:13  E104  `off` is a boolean in YAML 1.1, and this file is read as YAML 1.2

   2 |   effort:
   3 |     both:  {off: disabled, minimal: minimal}
     |             ^^^ write "off" so that every reader sees the same thing
""",
    ),
    "number": (
        "size: 1_000\n",
        """\
x.yaml:1:7  E104  `1_000` is a number in YAML 1.1, and this file is read as YAML 1.2

   1 | size: 1_000
     |       ^^^^^ write 1000 for the number, "1_000" for the text so that every reader sees the same thing
""",
    ),
    "key": (
        "status:\n  400: invalid_request\n",
        """\
x.yaml:2:3  E105  a key must be text, and this is a number

   1 | status:
   2 |   400: invalid_request
     |   ^^^ write "400"
""",
    ),
    "list as key": (
        "? [a]\n: 1\n",
        """\
x.yaml:1:3  E105  a key must be text, and this is a list

   1 | ? [a]
     |   ^^^
""",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name):
    text, message = MESSAGES[name]
    assert shown(text) == message


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("yes", 'a boolean: "yes"'),
        ("No", 'a boolean: "No"'),
        ("n", 'a boolean: "n"'),
        ("Y", 'a boolean: "Y"'),
        ("1:30", 'a number in base sixty: "1:30"'),
        ("12:30:59.5", 'a number in base sixty: "12:30:59.5"'),
        ("010", 'an octal number: 10 for the number, "010" for the text'),
        ("08", 'text: 8 for the number, "08" for the text'),
        ("0o17", 'text: 15 for the number, "0o17" for the text'),
        ("0b11", 'a binary number: 3 for the number, "0b11" for the text'),
        ("0x1_F", 'a hexadecimal number: 31 for the number, "0x1_F" for the text'),
        ("-0x1F", 'a hexadecimal number: -31 for the number, "-0x1F" for the text'),
        ("1e3", 'text: 1000.0 for the number, "1e3" for the text'),
        ("1e30", 'text: 1.0e+30 for the number, "1e30" for the text'),
        ("1_0.5", 'a number: 10.5 for the number, "1_0.5" for the text'),
        ("2023-06-01", 'a date: "2023-06-01"'),
        ("2023-06-01T10:00:00Z", 'a date: "2023-06-01T10:00:00Z"'),
        ("=", 'a default-value mark: "="'),
    ],
)
def test_traps(text, advice):
    seen, write = advice.split(": ", 1)
    root, found = load(f"[{text}]", "x.yaml")
    assert [(d.code, d.message, d.caret) for d in found] == [
        (
            "E104",
            f"`{text}` is {seen} in YAML 1.1, and this file is read as YAML 1.2",
            f"write {write} so that every reader sees the same thing",
        )
    ]
    assert root.plain() == [text]
    for option in write.replace(" for the number", "").replace(" for the text", "").split(", "):
        assert load(f"[{option}]", "x.yaml")[1] == []  # what the message says to write is accepted


def test_scalars():
    text = "[~, null, true, False, 0, -17, 0x1F, 1.5, .5, -1.0e+3, .inf, -.INF, 24h, 1.2.3, a b, 'off', \"1\", x:y]"
    expected = [None, None, True, False, 0, -17, 31, 1.5, 0.5, -1000.0, math.inf, -math.inf]
    expected += ["24h", "1.2.3", "a b", "off", "1", "x:y"]
    root, found = load(text, "x.yaml")
    assert (root.plain(), found) == (expected, [])
    assert [type(value) for value in root.plain()] == [type(value) for value in expected]
    assert math.isnan(load(".nan", "x.yaml")[0].value)
    assert load("", "x.yaml")[0].value is None
    assert load("9" * 5000, "x.yaml")[0].value == "9" * 5000


NUMBERLIKE = st.text("0123456789+-._:eExXoObB", min_size=1, max_size=8)
WORDLIKE = st.sampled_from(
    ["true", "TRUE", "tRUE", "off", "Off", "oFF", "null", "Null", "nULL", "~", "yes", "NO", "No"]
)


@given(st.one_of(NUMBERLIKE, WORDLIKE, st.from_regex(r"\d{4}-\d\d?-\d\d?([Tt ]\d\d?:\d\d:\d\dZ?)?", fullmatch=True)))
def test_what_is_let_through_every_reader_sees_alike(text):
    try:
        stock = yaml.safe_load(f"[{text}]")
    except (yaml.YAMLError, ValueError):  # a date that no calendar has, or no YAML
        return
    root, found = load(f"[{text}]", "x.yaml")
    if not found:
        assert repr(root.plain()) == repr(stock)


@given(st.text("ab:{}[],-?!&*#|>'\"% \n\t1", max_size=40))
def test_any_text_is_read_or_refused(text):
    root, found = load(text, "x.yaml")
    assert (root is None) <= failed(found)
    for form in ("text", "json", "github"):
        render(found, {"x.yaml": text}, form)


@given(st.sampled_from(["", "\ufeff"]), st.text("ab:{}[],- \n'\"", max_size=30))
def test_both_parsers_give_the_same_nodes(mark, text):
    text = mark + text
    quick = load(text, "x.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(located, "_Loader", yaml.SafeLoader)
        slow = load(text, "x.yaml")
    if quick[0] is not None and slow[0] is not None:
        assert quick[0].plain() == slow[0].plain()
        assert quick[1] == slow[1]
        assert (quick[0].line, quick[0].col) == (slow[0].line, slow[0].col)


def test_a_byte_order_mark_is_no_column():
    assert shown("\ufeffa: off\n") == shown("a: off\n")


def test_places():
    text = "a: {b: [1, two], 'c': 3}\nlist:\n  - x: 1\n    long key: 2\n  - plain\n    over lines\n  - |\n    text\n"
    root, found = load(text, "x.yaml")
    assert found == []

    def place(node: located.Node) -> tuple[int, int, int]:
        return node.line, node.col, node.length

    assert place(root.at("a")) == (1, 4, 21)
    assert place(root.at("a", "b")) == (1, 8, 8)
    assert place(root.at("a", "b", 1)) == (1, 12, 3)
    assert place(root.at("a").keys["c"]) == (1, 18, 3)
    assert place(root.at("list", 0)) == (3, 5, 1)
    assert place(root.at("list", 0, "long key")) == (4, 15, 1)
    assert place(root.at("list", 0).keys["long key"]) == (4, 5, 8)
    assert place(root.at("list", 1)) == (5, 5, 5)
    assert place(root.at("list", 2)) == (7, 5, 1)
    assert root.at("list", 0, "absent", "deeper") is root.at("list", 0)
    assert root.at("list", 9) is root.at("list")
    assert root.get("absent") is None and root.at("list").get("x") is None
    assert root.at("list", 2).value == "text\n"


def test_carets_below_wide_signs_and_tabs():
    text = '"\u65e5\u672c": {a: 1, a: 2}\nb: [x,\t&y z]\n'
    assert shown(text) == (
        "x.yaml:1:14  E102  `a` is given twice\n\n"
        '   1 | "\u65e5\u672c": {a: 1, a: 2}\n     |                ^ first given on line 1\n\n'
        "  The first is at x.yaml:1:8. Keep one of them.\n\n"
        "x.yaml:2:8  E103  an anchor, `&y`, is not read here\n\n"
        '   1 | "\u65e5\u672c": {a: 1, a: 2}\n   2 | b: [x,\t&y z]\n     |       \t^^^^ write each value out\n'
    )


def diagnostic(line: int, col: int = 1, file: str = "a.yaml", **more) -> Diagnostic:
    return Diagnostic("E999", f"message {line}", file, line, col, **more)


def test_three_of_a_group_then_a_count():
    found = [diagnostic(line, group="ChatRequest <-> Request") for line in (5, 4, 3, 2, 1)]
    found.append(diagnostic(2, file="b.yaml", severity="warning"))
    assert render(found, {}) == (
        "a.yaml:1:1  E999  message 1\n\na.yaml:2:1  E999  message 2\n\na.yaml:3:1  E999  message 3\n\n"
        "a.yaml: 2 more of ChatRequest <-> Request\n\nb.yaml:2:1  E999  warning: message 2\n"
    )
    assert len(json.loads(render(found, {}, "json"))) == 6
    assert len(render(found, {}, "github").splitlines()) == 6
    assert render([], {}) == ""


def test_several_carets_and_fixes():
    text = "    both:  {stop: end_turn, done: end_turn}\n"
    root, _ = load(text, "m.yaml")
    keys = root.at("both").keys
    found = at(
        keys["stop"],
        "E314",
        "`both` must be one-to-one",
        also=[keys["done"]],
        known=["Keep in `both` the word to write, and move the other to:"],
        fixes=["lift: {done: end_turn}"],
    )
    assert render([found], {"m.yaml": text}) == (
        "m.yaml:1:13  E314  `both` must be one-to-one\n\n"
        "   1 |     both:  {stop: end_turn, done: end_turn}\n"
        "     |             ^^^^            ^^^^\n\n"
        "  Keep in `both` the word to write, and move the other to:\n      lift: {done: end_turn}\n"
    )
    two = at(root, "E301", "m", known=["Known."], fixes=["this", "that"])
    assert render([two], {}).endswith("\n\n  Known.\n  Write one of:\n      this\n      that\n")
    assert render([at(root, "E301", "m", fixes=["this"])], {}).endswith("\n\n  Write:  this\n")


def test_a_group_of_its_own():
    root, _ = load("a: 1\n", "m.yaml")
    text = render([at(root, f"E{number}", "m", group="Lens") for number in range(300, 305)], {"m.yaml": "a: 1\n"})
    assert text.count("m.yaml:1:1") == 3
    assert text.endswith("\n\nm.yaml: 2 more of Lens\n")


def test_line_numbers_of_three_digits():
    text = "\n" * 160 + "before: 1\na: off\n"
    assert shown(text).splitlines()[2:5] == [
        "  161 | before: 1",
        "  162 | a: off",
        '      |    ^^^ write "off" so that every reader sees the same thing',
    ]


def test_json_and_github():
    text = "a: 100%\nb: off\na: 2\n"
    found = load(text, "dir,1/x.yaml")[1]
    first, second = json.loads(render(found, {}, "json"))
    assert first["code"], second["code"] == ("E104", "E102")
    assert {key: second[key] for key in ("file", "line", "col", "length", "severity", "message", "caret", "known")} == {
        "file": "dir,1/x.yaml",
        "line": 3,
        "col": 1,
        "length": 1,
        "severity": "error",
        "message": "`a` is given twice",
        "caret": "first given on line 1",
        "known": ["The first is at dir,1/x.yaml:1:1. Keep one of them."],
    }
    assert render(found[1:], {}, "github") == (
        "::error file=dir%2C1/x.yaml,line=3,col=1,endColumn=2,title=E102::`a` is given twice: first given on line 1"
        "%0A  The first is at dir,1/x.yaml:1:1. Keep one of them.\n"
    )


def test_near_words():
    fields = ["temperature", "top_p", "top_k", "timeouts", "max_tokens", "stop"]
    assert did_you_mean("temprature", fields) == "did you mean `temperature`?"
    assert did_you_mean("verbosity", fields) == ""
    assert near("", fields) == []
    assert near("top-p", fields) == ["top_p", "top_k"]
    assert near("timeout", fields) == ["timeouts"]
    assert near("tokens", fields) == ["max_tokens"]
    assert near("otp_p", fields)[0] == "top_p"  # two neighbours swapped are one slip
    assert near("a", ["b", "c"]) == []
    assert near("x", ["xa", "xb", "xc", "xd"]) == ["xa", "xb", "xc"]


# ---- the subset of JSON Schema that types are written in

TYPES = jsonschema.Draft202012Validator(yaml.safe_load((ROOT / "specs/schemas/schema.yaml").read_text()))
HEAD = "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: t\n$defs:\n  "


@pytest.mark.parametrize(
    "file",
    sorted(ROOT.glob("specs/dialects/*/schema.yaml"))
    + [ROOT / "specs/canonical" / name for name in ("events.yaml", "model.yaml")],
    ids=lambda file: "/".join(file.parts[-2:]),
)
def test_types_are_written_in_the_subset(file):
    root, found = load(file.read_text(), file.name)
    places = [f"{root.at(*error.path).line}: {error.message}" for error in TYPES.iter_errors(root.plain())]
    assert (found, places) == ([], [])


@pytest.mark.parametrize(
    "definition",
    [
        "name: {type: object}",
        "A: {type: string}",
        "A: {oneOf: [{$ref: '#/$defs/B'}]}",
        "A: {oneOf: [{type: string}], x-tag: type}",
        "A: {type: object, properties: {a: {enum: [b]}}}",
        "A: {type: object, properties: {a: {type: text}}}",
        "A: {type: object, properties: {a: {type: string, x-wrods: [b]}}}",
        "A: {type: object, properties: {a: {type: integer, minimum: 1}}}",
        "A: {type: object, properties: {a: {$ref: '#/$defs/b'}}}",
        "A: {type: object, properties: {a: {type: string, const: b}}}",
        "A: {type: object, properties: {a: {x-words: [b]}}}",
    ],
)
def test_what_is_not_in_the_subset(definition):
    good = "A: {type: object, properties: {a: {type: string, x-words: [b], x-note: for the reader}}}"
    assert TYPES.is_valid(load(HEAD + good, "x.yaml")[0].plain())
    assert not TYPES.is_valid(load(HEAD + definition, "x.yaml")[0].plain())
