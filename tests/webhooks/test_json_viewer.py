"""A body on a page: it says what came, wherever it was cut, and nothing in it is ever markup."""

import json
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webhooks import json_viewer
from webhooks.payloads import parsing

HOSTILE = [
    "<script>alert(1)</script>",
    '" x-data x-on:click="alert(1)',
    "{{ 7*7 }}{% now %}",
    "javascript:alert(1)",
    "</div></bdi>",
    "\u202edesrever\u202c",
    "\x00\ud800",
    "--> <!--",
    "&lt;b&gt;",
]
TEXT = (
    st.text(max_size=20) | st.sampled_from(HOSTILE) | st.text(st.characters(categories=["Cc", "Cf", "Cs"]), max_size=5)
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    TEXT | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)
# Documents, documents with bytes removed or inserted, and arbitrary bytes.
DOCUMENTS = st.builds(
    lambda value, ascii, indent: json.dumps(value, ensure_ascii=ascii, indent=indent).encode(errors="surrogatepass"),
    JSON,
    st.booleans(),
    st.sampled_from([None, 1]),
)
BODIES = (
    st.binary(max_size=300)
    | DOCUMENTS
    | st.builds(lambda body, at, junk: body[: at % (len(body) + 1)] + junk + body[at % (len(body) + 1) :],
                DOCUMENTS, st.integers(0), st.binary(max_size=4))
)  # fmt: skip
ELEMENTS = {"div", "span", "bdi", "p", "pre", "input", "button", "code"}
ATTRIBUTES = {
    *("class", "role", "style", "tabindex", "type", "placeholder", "autocomplete", "spellcheck", "hidden", "disabled"),
    *("aria-level", "aria-expanded", "aria-hidden", "aria-label", "data-step", "data-at"),
    *("data-root", "data-found", "data-position", "data-nothing-found", "data-copied", "data-copy-by-hand"),
}


class Markup(HTMLParser):
    """What a browser would make of it; fails on whatever is not ours."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.lines = [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in ELEMENTS, tag
        for name, value in attributes:
            assert name in ATTRIBUTES or name.startswith("data-json") or name == "data-raw", name
            assert name != "style" or value.removeprefix("--depth:").isdecimal()
        if tag != "input":
            self.open.append(tag)
        if dict(attributes).get("role") == "treeitem":
            self.lines.append(dict(attributes))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text += text

    def handle_comment(self, text):
        raise AssertionError(text)

    handle_decl = handle_pi = unknown_decl = handle_comment


def page(body, **options):
    rendered = json_viewer.render_body(body, **options)
    return rendered, Markup(render_to_string("admin/webhooks/json_viewer.html", {"body": rendered, "raw_url": "/raw"}))


@given(body=BODIES)
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":1,"a":{"a":2},"":[[]]}')
@example(b"[" * 2000)
@settings(max_examples=300, deadline=None)
def test_nothing_in_a_body_breaks_the_page_or_runs(body):
    shown, markup = page(body)
    for sign in markup.text:
        assert sign.isprintable() or sign in "\n\t", hex(ord(sign))
    assert shown.length == len(body)
    assert bool(shown.text) == bool(parsing.Parsed.of(body).problem)


@given(body=DOCUMENTS)
@settings(max_examples=200, deadline=None)
def test_each_line_knows_its_place_in_the_bytes(body):
    if parsing.Parsed.of(body).problem:  # as a lone surrogate in the bytes is
        return
    shown, markup = page(body)
    steps = []
    values = [line for line in shown.lines if line.kind != "end"]
    assert len(markup.lines) == len(values)
    for line, item in zip(values, markup.lines, strict=True):
        del steps[line.depth :]
        steps.append(line.step)
        there = parsing.parse_json(body[line.start : line.end])
        assert item["data-at"] == f"{line.start}-{line.end}"
        if line.kind == "number":
            assert isinstance(there, Decimal)
            assert "".join(part for part, _ in line.value.parts) in body.decode()
        assert {dict: "object", list: "array", str: "string", Decimal: "number"}.get(type(there), "word") == line.kind
    assert values[0].start == len(body) - len(body.lstrip())
    assert body[values[0].start : values[0].end] == body.strip()


def test_a_key_that_comes_twice_is_shown_twice_and_only_the_last_counts():
    shown, markup = page(b'{"a": 1, "b": {"a": 0}, "a": 2, "a": 3}')
    assert markup.text.count("this value is ignored") == 2
    assert [bool(line.marks) for line in shown.lines if line.kind == "number"] == [True, False, True, False]


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (b"7" * 10_000, "7… 9,900 more characters"),
        (b'"' + b"x" * 5_000 + b'"', "x… 4,000 more characters"),
        (json.dumps([1] * 4000).encode(), "Only the beginning is shown."),
        (json.dumps(["y" * 900] * 1000).encode(), "Only the beginning is shown."),
        (b"{" + b"\xff" * 1_000_000, "Only the beginning is shown."),
    ],
    ids=["number", "text", "lines", "characters", "bytes"],
)
def test_what_is_long_is_cut_and_says_so(body, notice):
    shown, markup = page(body)
    assert notice in markup.text
    assert len(shown.lines) <= json_viewer.MAX_LINES + 1
    assert len(markup.text) < 2 * json_viewer.MAX_CHARACTERS + 20_000


def test_what_is_no_longer_shown_is_still_counted_and_can_be_copied():
    value = {"a": [{"b": number, "c": [number]} for number in range(2000)], "d": {"e": 1}, "f": 2}
    body = json.dumps(value).encode()
    root, inner, *_ = json_viewer.render_body(body).lines
    assert (root.count, inner.count) == (3, 2000)
    assert body[root.start : root.end] == body
    assert json.loads(body[inner.start : inner.end]) == value["a"]


def test_of_a_beginning_it_does_not_complain_that_it_ends():
    shown, markup = page(b'{"a": "b', is_whole=False)
    assert '{"a": "b' in markup.text
    assert not shown.problem


def test_marks_are_found_by_path_and_by_the_end_of_one():
    body = b'{"id": 1, "job": {"id": 2, "items": [{"quantity": "x"}]}, "x id": 3}'
    marks = {"id": json_viewer.Mark("signed", "green"), "…items[0].quantity": json_viewer.Mark("wrong", "red")}
    found = [(line.step, mark.text) for line in json_viewer.render_body(body, marks).lines for mark in line.marks]
    assert found == [(".id", "signed"), (".quantity", "wrong")]
