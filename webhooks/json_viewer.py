"""A request body for display: JSON as lines that fold, each with its place in the bytes; anything else as text.

A body comes from outside: it may be long, deeply nested, spelled to deceive, or no text at all. What is displayed is
bounded and says where it was cut, and every invisible character, or one that reorders others, is escaped.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from webhooks.payloads import parsing

MAX_LINES = 3_000
MAX_CHARACTERS = 200_000  # of keys and values together
MAX_VALUE_LENGTH = 1_000  # characters of one key or value
MAX_DIGITS = 100
_MAX_PATH_LEVELS = 20  # of a path that a mark is searched for
_MAX_STEP_LENGTH = 100  # characters of a key in a path
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class EscapedText:
    """The beginning of a text in parts, each with whether it is an escape, and the number of characters left out."""

    parts: list[tuple[str, bool]]
    left_out: int = 0

    def __str__(self) -> str:
        more = ngettext("… {count} more character", "… {count} more characters", self.left_out)
        return "".join(part for part, _ in self.parts) + (more.format(count=self.left_out) if self.left_out else "")


@dataclass(frozen=True)
class Mark:
    """A note next to a value."""

    text: str | Promise
    colour: str


_OVERRIDDEN = Mark(gettext_lazy("the key is repeated below: this value is ignored"), "amber")


@dataclass(slots=True)
class JSONLine:
    """A line of a body: a value, or the bracket that closes one."""

    depth: int
    kind: str  # string, number, word; object, array: the line that opens it; end: the one that closes it
    step: str = ""  # the last part of its path: .key or [index]
    key: EscapedText | None = None
    value: EscapedText = field(default_factory=lambda: EscapedText([]))  # of an object or array: its bracket
    start: int = 0  # of its value, in bytes of the body
    end: int = 0
    count: int = 0  # of the values in an object or array
    marks: list[Mark] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the lines that follow are within it."""
        return self.kind in ("object", "array") and self.count > 0


@dataclass(frozen=True)
class RenderedBody:
    """A body for display: `lines` of JSON, or a `text` and the `problem` that makes it invalid JSON."""

    length: int  # bytes
    sha256: str
    lines: list[JSONLine] = field(default_factory=list)
    text: EscapedText | None = None
    problem: str = ""
    is_cut: bool = False  # whether there is more than is displayed


def render_body(body: bytes, marks: Mapping[str, Mark] | None = None, *, is_whole: bool = True) -> RenderedBody:
    """Return `body` for display; `is_whole=False` where it is the beginning of one.

    The keys of `marks` are paths (a.b[0].c), or the ends of paths, which begin with "…".
    """
    digest = hashlib.sha256(body).hexdigest()
    problem = parsing.Parsed.of(body).problem
    if problem or not is_whole:
        start = body[: MAX_CHARACTERS // 4].decode(errors="surrogateescape")
        text = escape_invisible(start, MAX_CHARACTERS, is_raw=True)
        is_cut = len(body) > MAX_CHARACTERS // 4
        return RenderedBody(len(body), digest, text=text, problem=problem if is_whole else "", is_cut=is_cut)
    builder = _LineBuilder(body.decode(), marks or {})
    return RenderedBody(len(body), digest, lines=builder.lines, is_cut=builder.is_cut)


def escape_invisible(text: str, limit: int = MAX_VALUE_LENGTH, *, is_raw: bool = False) -> EscapedText:
    """Return the beginning of a text, with invisible characters escaped as in JSON.

    `is_raw`: line breaks and tabs are left alone, and bytes that are not UTF-8 (surrogateescape) are escaped as \\x….
    """
    start, left_out = text[:limit], max(0, len(text) - limit)
    if start.isprintable():
        return EscapedText([(start, False)], left_out)

    def is_invisible(character: str) -> bool:
        return not (character.isprintable() or (is_raw and character in "\n\t"))

    def escape(character: str) -> str:
        number = ord(character)
        if is_raw and 0xDC80 <= number <= 0xDCFF:
            return f"\\x{number - 0xDC00:02x}"
        return _SHORT_ESCAPES.get(character) or (f"\\u{number:04x}" if number < 0x10000 else f"\\u{{{number:x}}}")

    groups = itertools.groupby(start, is_invisible)
    parts = [("".join(map(escape, characters) if escaped else characters), escaped) for escaped, characters in groups]
    return EscapedText(parts, left_out)


def text_lines(body: RenderedBody) -> list[str]:
    """Return a body as lines of text, for a comparison with another's."""
    if body.text:
        return str(body.text).splitlines()
    lines = []
    for line in body.lines:
        key = f"{line.key}: " if line.key else ""
        value = f'"{line.value}"' if line.kind == "string" else str(line.value)
        lines.append(f"{'  ' * line.depth}{key}{value}")
    return lines


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # open, close or scalar
    text: str
    start: int  # in characters
    end: int
    key: str | None = None  # as JSON, of a value in an object


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of valid JSON: values, each with its key, and the brackets that close them."""
    in_object: list[bool] = []
    key = None
    for match in _TOKEN.finditer(text):
        token, (start, end) = match[0], match.span()
        if token in ":,":
            continue
        if token in "]}":
            in_object.pop()
            yield _Token("close", token, start, end)
        elif in_object and in_object[-1] and key is None:
            key = token
        else:
            yield _Token("open" if token in "[{" else "scalar", token, start, end, key)
            key = None
            if token in "[{":
                in_object.append(token == "{")


class _ByteOffsets:
    """The places of characters in a text's UTF-8 bytes, asked for from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_ascii = text.isascii()
        self._characters = self._bytes = 0

    def of(self, character: int) -> int:
        if self._is_ascii:
            return character
        self._bytes += len(self._text[self._characters : character].encode())
        self._characters = character
        return self._bytes


@dataclass(slots=True)
class _Container:
    """An object or array whose end has not been read yet; without a line where it is not displayed."""

    line: JSONLine | None
    by_key: dict[str, JSONLine] = field(default_factory=dict)


class _LineBuilder:
    """Builds the lines of valid JSON; what exceeds the limits is only counted."""

    def __init__(self, text: str, marks: Mapping[str, Mark]) -> None:
        self.lines: list[JSONLine] = []
        self.is_cut = False
        self._marks = marks
        self._characters_left = MAX_CHARACTERS
        self._open: list[_Container] = []
        self._offsets = _ByteOffsets(text)
        for token in _tokens(text):
            if token.kind == "close":
                self._close(token)
            else:
                self._add(token)

    def _add(self, token: _Token) -> None:
        self.is_cut = self.is_cut or self._characters_left <= 0 or len(self.lines) >= MAX_LINES
        parent = self._open[-1] if self._open else None
        line = None if self.is_cut else self._build_line(token)
        if line and parent and parent.line:
            self._place(line, token, parent, parent.line)
        if line:
            self.lines.append(line)
        if parent and parent.line:
            parent.line.count += 1
        if token.kind == "open":
            self._open.append(_Container(line))

    def _build_line(self, token: _Token) -> JSONLine:
        kind = {"{": "object", "[": "array", '"': "string"}.get(token.text[0])
        kind = kind or ("word" if token.text in ("true", "false", "null") else "number")
        text = json.loads(token.text) if kind == "string" else token.text
        value = escape_invisible(text, MAX_DIGITS if kind == "number" else MAX_VALUE_LENGTH)
        self._characters_left -= min(len(text), MAX_VALUE_LENGTH)
        start, end = self._offsets.of(token.start), self._offsets.of(token.end)
        return JSONLine(len(self._open), kind, value=value, start=start, end=end)

    def _place(self, line: JSONLine, token: _Token, parent: _Container, parent_line: JSONLine) -> None:
        """Give a line its key, its step and its marks."""
        if token.key is None:
            line.step = f"[{parent_line.count}]"
        else:
            name = json.loads(token.key)
            line.key, line.step = escape_invisible(name), _step(name)
            self._characters_left -= min(len(name), MAX_VALUE_LENGTH)
            if earlier := parent.by_key.get(name):
                earlier.marks = [_OVERRIDDEN]
            parent.by_key[name] = line
        if self._marks and len(self._open) <= _MAX_PATH_LEVELS:
            steps = [container.line.step for container in self._open if container.line]
            path = "".join([*steps, line.step]).lstrip(".")
            line.marks += [mark for wanted, mark in self._marks.items() if _matches(path, wanted)]

    def _close(self, token: _Token) -> None:
        line = self._open.pop().line
        if line is None:
            return
        line.end = self._offsets.of(token.end)
        if self.is_cut:
            return
        if line.count:
            self.lines.append(JSONLine(len(self._open), "end", value=EscapedText([(token.text, False)])))
        else:
            line.value = EscapedText([(f"{line.value}{token.text}", False)])


def _step(key: str) -> str:
    key = key if len(key) <= _MAX_STEP_LENGTH else f"{key[:_MAX_STEP_LENGTH]}…"
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key, ensure_ascii=not key.isprintable())}]"


def _matches(path: str, wanted: str) -> bool:
    return f".{path}".endswith(f".{wanted[1:]}") if wanted[0] == "…" else path == wanted
