"""Hostile input, one corpus for all tests: texts, addresses, numbers, times, JSON, bodies, and requests.

What each test does with it: test_hostile_text.py (the HTML of pages, exports), browser/test_hostile_text.py (pages in a
browser), webhooks/receiving/test_hostile.py (requests and payloads).
"""

import gzip
import json
from collections.abc import Iterator, Mapping

from tests import payloads
from webhooks.providers import registry

# Texts

CALL = "ran(1)"  # JavaScript that a page must not run
ASSIGNMENT = "window.ran=1"  # the same, where a browser can show that it ran
MARKUP = f"""</title></textarea><b {CALL}>{{{{ 7*7 }}}}{{% now "Y" %}}' x-data="{CALL}" onload={CALL} style="{CALL}">"""
TEXTS = [
    MARKUP,
    '=1+1;=2/../%2e%2e%2f%00?a=b&c=d#\u202egpj.exe"\t@SUM(A1)',
    "-2\x00b\ud800\x1b\uffff\U0001f469\u200d\U0001f4bb\ufeff=1\r\n-2+3;\n@x",
]
TOO_LONG = "<b>" + "x" * 10_000
SCRIPT = f"<script>{ASSIGNMENT}</script><img src=x onerror={ASSIGNMENT}>" + "{{ 7*7 }}"
SCRIPTS = (
    f"""{SCRIPT}{{% now "Y" %}}" x-data="{ASSIGNMENT}" x-init="{ASSIGNMENT}" @click="{ASSIGNMENT}" autofocus """
    f"""onfocus="{ASSIGNMENT}" '><svg onload='{ASSIGNMENT}'></textarea></title></template>"""
    f"""<iframe srcdoc="<script>{ASSIGNMENT}</script>"> javascript:{ASSIGNMENT} =1+1 """
    "\u202egpj.exe\u202c \u2067\u200f\u0627\u0644\u200b" + "W" * 200
)


def addresses(script: str) -> list[str]:
    """Return addresses (URLs) that lead elsewhere, run a script, break out of an attribute, or are none."""
    return [
        f"javascript:{script}",
        f"JaVaScRiPt:{script}//https://",
        f"\tJava\nScript:{script}//https://",
        f"\tjava\nscript:{script}",
        f"data:text/html,<script>{script}</script>",
        "//example.com/x",
        "//example.com/\u202egpj.exe",
        "file:///etc/passwd",
        "https://res.cloudinary.com@example.com/x.png",
        "https://res.cloudinary.com:443\\@example.com/x.png",
        "https://аррӏе.example/\u202egpj.exe",
        f'https://example.com/" onerror="{script}',
        f'https://example.com/"onerror="{script}" x-init="{script}',
        "https://[::1",
        "http://user:pass@example.com/",
    ]


# Numbers and times

NUMBERS = ["-1", "-0.005", "999999999999999", "1e-19", "181.0001", "-9e14"]
TIMES = ["0002-01-01T00:00:00Z", "9999-12-30T23:59:59Z", "1899-12-31T00:00:00+14:00"]
SECONDS = [1, -62_000_000_000, 253_402_214_399, 10**14]
NO_NUMBERS = ["1e15", "-1e300", "0.1e-30", '"NaN"', '"Infinity"', '"1e400"']
NO_TIMES = ["2026-02-30T25:61:61Z", "99999-12-31T00:00:00Z", TEXTS[1]]

# JSON

# What may stand where something else is documented, as it is written in JSON.
JSON_VALUES = [
    "null",
    "true",
    "-1",
    '""',
    "[]",
    "{}",
    "[null]",
    "[[]]",
    '[{"id":null}]',
    '{"":null}',
    '{"id":1,"id":[2]}',
    "9" * 10_000,
    f"0.{'1' * 10_000}",
    "1e400",
    "-1e-400",
    "253402300800",  # the year 10000, in seconds
    "-62135596801",  # the year 0
    "1e18",
    json.dumps("".join(map(chr, range(32)))),
    json.dumps("".join(map(chr, range(127, 160))) + "\u2028\ufeff\ufffe\uffff\U0010ffff"),
    '"\\ud800"',
    '"\\udc00\\ud83d"',
    '"0000-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00+14:00"',
    '"0002-01-01T00:00:00+23:59"',
    '"9999-12-31T23:59:59-14:00"',
    '"99999-12-31T23:59:59Z"',
    '"-000001-01-01T00:00:00Z"',
    '"2026-02-30T25:61:61Z"',
    '"NaN"',
    '"Infinity"',
    json.dumps("9" * 10_000),
    json.dumps("<script>alert(1)</script>{{ 7*7 }}{% raise %}' OR 1=1 --"),
    json.dumps("x" * 100_000),
    "[" * 400 + "]" * 400,
]
_HERE = "\ue000here\ue000"  # private use: stands in no payload


def paths(value: object, path: tuple = ()) -> Iterator[tuple]:
    """Yield the path of each value inside, of lists only the first and the last member."""
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        if not (isinstance(value, list) and 0 < key < len(value) - 1):
            yield from paths(inner, (*path, key))


def with_values(payload: dict, values: Mapping[tuple, str]) -> bytes:
    """Return the JSON of `payload` with the JSON texts of `values` at their paths.

    A path within another one of `values` is left out.
    """
    payload = json.loads(json.dumps(payload))
    written = []
    for path, value in sorted(values.items(), key=lambda item: (-len(item[0]), str(item[0]))):
        place = payload
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = f"{_HERE}{len(written)}."
        written.append(value)
    body = json.dumps(payload)
    for number, value in enumerate(written):
        body = body.replace(json.dumps(f"{_HERE}{number}."), value)
    return body.encode()


def one_for_each_reader() -> list[tuple[str, str]]:
    """Return a provider and one of its files for each function that reads payloads."""
    readers = {}
    for slug, signed in payloads.SIGNED.items():
        for name in signed:
            if name.endswith(".json"):
                reader = registry()[slug].event_type(payloads.load(name, slug)).reader
                readers.setdefault((slug, reader), name)
    return [(slug, name) for (slug, _), name in readers.items()]


# Bodies and requests

SAMPLES = {
    "docssmith": "message-created.json",
    "instaleap": payloads.SAMPLE,
    "oneroute": "new-message-from-agent.json",
    "tawk": "chat-start.json",
}
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 300]
CONTENT_TYPES = [
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=\xff",
    "application/json; charset=utf-16",
    "application/json; charset=no-such",
    "a/b/c;;;=\x00",
    "x" * 900,
]
HEADERS = [
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "no-such, br"},
    {"Transfer-Encoding": "chunked, gzip"},
    {"X-Big": "x" * 65_536},
    {f"X-Many-{number}": "x" for number in range(1000)},
    {"X-" + "N" * 65_536: ""},
    {"X-Controls": "".join(map(chr, range(256)))},
    {"Authorization": "Basic " + "/" * 65_535, "Cookie": "sessionid=\x00; csrftoken=" + "x" * 60_000},
    {"X-Forwarded-For": "\x00, 999.1.1.1, ::ffff:1.2.3.4%eth0, " * 2000, "X-Forwarded-Proto": "\xff"},
    {"Accept-Language": "x" * 10_000, "Accept": "*/*;q=nan", "If-Modified-Since": "Mon, 99 Foo 99999 99:99:99 GMT"},
    {"Range": "bytes=9999999999999999999-", "Origin": "null", "Expect": "200-ok", "X-HTTP-Method-Override": "DELETE"},
]


def whole_bodies(provider: str) -> dict[str, bytes]:
    """Return bodies of which each is hostile as a whole, by what is wrong."""
    body = payloads.body(SAMPLES[provider], provider)
    return {
        "a NUL": b"\x00",
        "a byte order mark": b"\xef\xbb\xbf" + body,
        "UTF-16": body.decode().encode("utf-16"),
        "no UTF-8": body.replace(b"a", b"\xff", 1),
        "a surrogate in UTF-8": body.replace(b"a", b"\xed\xa0\x80", 1),
        "an overlong NUL": body.replace(b"a", b"\xc0\x80", 1),
        "1 MiB of [": b"[" * 2**20,
        "1 MiB of {": b'{"a":' * (2**20 // 5),
        "nested as deeply as is read": b"[" * 900 + b"]" * 900,
        "1 MiB of text": b'{"type":"' + b"x" * (2**20 - 11) + b'"}',
        "1 MiB of digits": b"9" * 2**20,
        "1 MiB of empty objects": b"[" + b"{}," * (2**20 // 3 - 2) + b"{}]",
        "NaN": b'{"type":NaN}',
        "Infinity": b"[Infinity]",
        "-Infinity": b"-Infinity",
        "an exponent beyond all": b"1e99999999999999999999",
        "a line end in a text": body.replace(b'":"', b'":"\n', 1).replace(b'": "', b'": "\n', 1),
        "more after the end": body + b"{}",
        "gzip": gzip.compress(body),
        "null": b"null",
        "a number": b"-0.0",
        "a text": b'"\\ud800"',
        "a list": b"[]",
        "nothing in it": b"{}",
        "empty keys": b'{"":{"":null}}',
        "a list of itself": b"[" + body + b"]",
    }
