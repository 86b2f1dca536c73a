"""A body as a page shows it: JSON as lines that fold, each where it stands in the bytes; anything else as text.

What it says is a stranger's, and may be long, deep, spelled to deceive, or no text at all: what is shown is bounded and
says where it was cut, and every character that shows nothing, or moves others about, is spelled out.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from webhooks.payloads import parsing

MOST_LINES = 3_000
MOST_CHARACTERS = 200_000  # of keys and values together
LONGEST = 1_000  # characters of one key or value
LONGEST_NUMBER = 100  # digits
_LONGEST_PATH = 20  # levels, to a mark
_LONGEST_STEP = 100  # characters of a key in a path
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Text:
    """What is shown of a text: its parts, each with whether it is spelled out; and how many characters are not."""

    parts: list[tuple[str, bool]]
    left_out: int = 0


@dataclass(frozen=True)
class Mark:
    """What is said of a value beside it."""

    text: str
    colour: str


@dataclass(slots=True)
class Line:
    depth: int
    kind: str  # string, number, word; object, array: the line that opens it; end: the one that closes it
    step: str = ""  # from what it is in: .key or [index]
    key: Text | None = None
    value: Text | None = None  # of what opens: its bracket
    start: int = 0  # where its value is in the body: bytes
    end: int = 0
    count: int = 0  # of what is in it
    marks: list[Mark] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether lines follow that are in it."""
        return self.kind in ("object", "array") and self.count > 0


@dataclass(frozen=True)
class Body:
    """What a page shows of a body: `lines` of JSON, or a `text` and the `problem` why it is not JSON."""

    length: int  # bytes
    sha256: str
    lines: list[Line] = field(default_factory=list)
    text: Text | None = None
    problem: str = ""
    is_cut: bool = False  # there is more than is shown


def shown(body: bytes, marks: Mapping[str, Mark] | None = None, *, is_whole: bool = True) -> Body:
    """Return what a page shows of `body`, or, where it is not whole, of its beginning.

    `marks` are by path (a.b[0].c), or by the end of one where it begins with ….
    """
    digest = hashlib.sha256(body).hexdigest()
    problem = parsing.Parsed.of(body).problem
    if problem or not is_whole:
        text = body[: MOST_CHARACTERS // 4].decode(errors="surrogateescape")
        text = spelled(text, MOST_CHARACTERS, is_raw=True)
        is_cut = len(body) > MOST_CHARACTERS // 4
        return Body(len(body), digest, text=text, problem=problem if is_whole else "", is_cut=is_cut)
    reader = _Reader(body.decode(), marks or {})
    return Body(len(body), digest, lines=reader.lines, is_cut=reader.is_cut)


def spelled(text: str, longest: int = LONGEST, *, is_raw: bool = False) -> Text:
    """Return the beginning of a text, with what shows nothing spelled as JSON does.

    `is_raw`: lines and tabs stay as they are, and bytes that are no UTF-8 (surrogateescape) are spelled \\x….
    """
    start, left_out = text[:longest], max(0, len(text) - longest)
    if start.isprintable():
        return Text([(start, False)], left_out)

    def is_odd(sign):
        return not (sign.isprintable() or (is_raw and sign in "\n\t"))

    def spell(sign):
        number = ord(sign)
        if is_raw and 0xDC80 <= number <= 0xDCFF:
            return f"\\x{number - 0xDC00:02x}"
        return _SHORT.get(sign) or (f"\\u{number:04x}" if number < 0x10000 else f"\\u{{{number:x}}}")

    groups = itertools.groupby(start, is_odd)
    return Text([("".join(map(spell, signs) if odd else signs), odd) for odd, signs in groups], left_out)


def as_lines(body: Body) -> list[str]:
    """Return a body as plain lines, to be compared with another's."""
    if body.text:
        return _plain(body.text).splitlines()
    keys = [f"{_plain(line.key)}: " if line.key else "" for line in body.lines]
    values = [f'"{_plain(line.value)}"' if line.kind == "string" else _plain(line.value) for line in body.lines]
    return [f"{'  ' * line.depth}{key}{value}" for line, key, value in zip(body.lines, keys, values, strict=True)]


def _plain(text):
    return "".join(part for part, _ in text.parts) + (f"… {text.left_out} more" if text.left_out else "")


class _Reader:
    """Turns JSON that is known to be good into lines, until there are too many."""

    def __init__(self, text: str, marks: Mapping[str, Mark]):
        self.lines: list[Line] = []
        self.is_cut = False
        self._marks = marks
        self._left = MOST_CHARACTERS
        self._open: list[tuple[Line, dict[str, Line]]] = []  # with the lines by key
        self._is_ascii, self._text, self._counted, self._bytes = text.isascii(), text, 0, 0
        self._read(_TOKEN.finditer(text))

    def _read(self, tokens: Iterable[re.Match]):
        key, depth = None, 0  # within what is no longer shown
        for match in tokens:
            token = match[0]
            if token in ":,":
                continue
            if token in "]}":
                if depth:
                    depth -= 1
                else:
                    self._close(match)
                continue
            # What is no longer shown is still counted.
            self.is_cut = self.is_cut or self._left <= 0 or len(self.lines) >= MOST_LINES
            if depth:
                depth += token in "[{"
            elif self._open and self._open[-1][0].kind == "object" and key is None:
                key = token
            elif self.is_cut:
                self._open[-1][0].count += 1
                depth, key = depth + (token in "[{"), None
            else:
                self._add(match, key)
                key = None

    def _add(self, match, key):
        token = match[0]
        kind = {"{": "object", "[": "array", '"': "string"}.get(token[0])
        kind = kind or ("word" if token in ("true", "false", "null") else "number")
        text = json.loads(token) if kind == "string" else token
        longest = LONGEST_NUMBER if kind == "number" else LONGEST
        line = Line(len(self._open), kind, value=spelled(text, longest), start=self._offset(match.start()))
        line.end = self._offset(match.end())
        self._left -= min(len(text), LONGEST)
        if self._open:
            self._place(line, key)
        self.lines.append(line)
        if kind in ("object", "array"):
            self._open.append((line, {}))

    def _place(self, line, key):
        """Say where in what is open it stands."""
        container, by_key = self._open[-1]
        if key is None:
            line.step = f"[{container.count}]"
        else:
            name = json.loads(key)
            line.key = spelled(name)
            line.step = _step(name)
            self._left -= min(len(name), LONGEST)
            if earlier := by_key.get(name):
                earlier.marks = [Mark("the key comes again below: this one does not count", "amber")]
            by_key[name] = line
        container.count += 1
        if self._marks and len(self._open) <= _LONGEST_PATH:
            path = "".join([*(opened.step for opened, _ in self._open), line.step]).lstrip(".")
            line.marks += [mark for wanted, mark in self._marks.items() if _is_at(path, wanted)]

    def _close(self, match):
        opened, _ = self._open.pop()
        opened.end = self._offset(match.end())
        if self.is_cut:
            return
        if opened.count:
            self.lines.append(Line(len(self._open), "end", value=Text([(match[0], False)])))
        else:
            opened.value = Text([(opened.value.parts[0][0] + match[0], False)])

    def _offset(self, place):
        """Return how many bytes come before a character; asked from left to right."""
        if self._is_ascii:
            return place
        self._bytes += len(self._text[self._counted : place].encode())
        self._counted = place
        return self._bytes


def _step(key):
    key = key if len(key) <= _LONGEST_STEP else f"{key[:_LONGEST_STEP]}…"
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key, ensure_ascii=not key.isprintable())}]"


def _is_at(path, wanted):
    return f".{path}".endswith(f".{wanted[1:]}") if wanted[0] == "…" else path == wanted
