"""Texts of strangers are rendered as text: nothing of them becomes markup, and nothing of them is hidden."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import rendering
from console.formatting.invisible import mark_invisible, replace_invisible

PIECES = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "https://a.example/x",
    "http://",
    "javascript:alert(1)",
    "\u202e",
    "\u2066",
    "\u200b",
]
PIECES += [
    "{{ 7*7 }}",
    "<script>",
    "<img src=x onerror=alert(1)>",
    "x-data",
    "@click=",
    "café",
    "\x07",
    ").",
    "\n",
    " ",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map("".join)
OURS = {
    "a": {"href", "dir", "target", "rel"},
    "span": {"class", "title"},
    "mark": set(),
}


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, {name for name, _ in attributes}))
        self.links += [value for name, value in attributes if name == "href"]

    def handle_data(self, data):
        self.text += data


@given(TEXTS, st.lists(st.sampled_from(["cafe", "script", "a", "7"]), max_size=2))
def test_only_links_and_marks_become_markup(written, words):
    page = Page(rendering.linkify(written, words))
    for tag, attributes in page.tags:
        assert attributes == OURS[tag]
    for link in page.links:
        assert link in written
        assert re.match(r"https?://", link, re.IGNORECASE)
    assert page.text == Page(mark_invisible(written)).text
    assert page.text == re.sub("[‹›]", "", replace_invisible(written)) or "‹" in written or "›" in written


@given(TEXTS)
def test_no_character_that_changes_the_direction_is_left(written):
    for shown in (
        unescape(rendering.linkify(written)),
        replace_invisible(written),
        unescape(rendering.excerpt(written, ["a"])),
    ):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08]", shown)


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("see https://shop.example/a?b=1&c=2.", "https://shop.example/a?b=1&c=2"),
        ("(https://shop.example/a_(b))", "https://shop.example/a_(b)"),
        ("HTTPS://shop.example!", "HTTPS://shop.example"),
        ("javascript:alert(1)//https", None),
        ("https://good.example\u202e/gpj.exe", None),
        ("https://", None),
        ("shop.example", None),
    ],
)
def test_links_are_web_addresses_as_they_were_written(written, link):
    assert Page(rendering.linkify(written)).links == ([link] if link else [])


def test_flags_and_joined_emoji_are_no_tricks():
    for whole in ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "👩\u200d👧", "می\u200cخواهم"):
        assert mark_invisible(whole) == replace_invisible(whole) == whole


def test_marks_words_whatever_their_accents():
    assert rendering.linkify("Un CAFÉ con pan", rendering.search_words("cafe")) == "Un <mark>CAFÉ</mark> con pan"


def test_an_excerpt_is_the_text_around_the_word():
    excerpt = rendering.excerpt("x " * 500 + "needle" + " y" * 500, ["needle"])
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert "<mark>needle</mark>" in excerpt
    assert len(excerpt) < 400
