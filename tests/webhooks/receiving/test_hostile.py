"""What an enemy or a broken client may send: never a 500, never a stuck worker, never a lost authentic event."""

import gzip
import json
import re
import socket
from contextlib import suppress
from threading import Event as Flag

import pytest
import requests
from django.core.cache import cache
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chat.models import Contact, Conversation, Message, Ticket
from orders.models import Job
from tests import payloads, rows
from tests.running import wait_for
from webhooks.exceptions import MissingSignedField
from webhooks.models import Event, Rejection
from webhooks.payloads.parsing import NotJSONError
from webhooks.providers import registry

SECRET = payloads.SECRET
SECRET_HEADER = SECRET.encode().decode("iso-8859-1")
SAMPLES = {
    "docssmith": "message-created.json",
    "instaleap": payloads.SAMPLE,
    "oneroute": "new-message-from-agent.json",
    "tawk": "chat-start.json",
}


def whole(provider):
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


def sign(source, body):
    """Return the header that proves any body, or None where its proof is made of fields that it does not have."""
    if source.auth_mode == "static_token":
        return {"Authorization": SECRET_HEADER}
    provider = source.get_provider()
    try:
        return provider.sign(SECRET, body)
    except MissingSignedField:
        return None
    except NotJSONError:
        [signature] = provider.signatures[:1]
        if signature.of_fields:
            return None
        return {signature.header: signature.hex(SECRET, body)}


def final(event):
    return event.status not in Event.WAITING


@pytest.mark.parametrize(
    ("provider", "mode"),
    [(slug, mode) for slug, provider in registry().items() for mode in provider.auth_modes if mode != "dynamic_token"],
)
def test_a_hostile_body_that_is_authentic_is_kept_and_others_are_not_held_up(
    source_of, client, process, provider, mode
):
    source = source_of(provider, auth_mode=mode, allowed_networks="127.0.0.1")
    source.secrets.update(auth_mode=mode)
    good = payloads.body(SAMPLES[provider], provider)
    kept = {good}
    for what, body in {**whole(provider), "good": good}.items():
        headers = sign(source, body)
        answer = client.post(
            source.get_absolute_url(), body, content_type="application/json", headers=headers or {"X-Tried": "1"}
        )
        assert answer.status_code == (200 if headers else 400) or (not headers and answer.status_code == 401), what
        if headers:
            kept.add(body)

    process(batch=7)

    events = list(Event.objects.all())
    assert {bytes(event.body) for event in events} == kept
    assert all(map(final, events))
    assert next(event for event in events if bytes(event.body) == good).status == Event.Status.PROCESSED


# What may stand where something else is documented, as it is written in JSON.
VALUES = [
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
MOST = 50  # events at once
_HERE = "\ue000here\ue000"  # private use: stands in no payload


def paths(value, path=()):
    """Yield the path of each value inside, of lists only the first and the last member."""
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        if not (isinstance(value, list) and 0 < key < len(value) - 1):
            yield from paths(inner, (*path, key))


def with_values(payload, values):
    """Return the JSON of `payload` with the texts of `values` at their paths; those within another's are left out."""
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


def one_for_each_reader():
    """Yield a provider and one of its files."""
    readers = {}
    for slug, signed in payloads.SIGNED.items():
        for name in signed:
            if name.endswith(".json"):
                reader = registry()[slug].event_type(payloads.load(name, slug)).reader
                readers.setdefault((slug, reader), name)
    return [(slug, name) for (slug, _), name in readers.items()]


@pytest.mark.parametrize(("provider", "name"), one_for_each_reader())
@settings(
    max_examples=2,  # the first has the same seed in each run
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(random=st.randoms(use_true_random=True))
def test_hostile_values_anywhere_are_kept(source_of, client, process, ivo, provider, name, random):
    """An event for each path (of many paths for some), and one that is as it should be, about the same thing."""
    rows.forget()
    source = source_of(provider, allowed_networks="127.0.0.1")
    payload = payloads.load(name, provider)
    kept = set()

    def send(body):
        if headers := sign(source, body):
            answer = client.post(source.get_absolute_url(), body, content_type="application/json", headers=headers)
            assert answer.status_code == 200
            if answer.json()["status"] == "accepted":
                kept.add(body)

    everywhere = list(paths(payload))
    for number, path in enumerate(random.sample(everywhere, min(MOST, len(everywhere)))):
        values = {path: random.choice(VALUES)}
        if random.random() < 0.3:
            values[random.choice(everywhere)] = random.choice(VALUES)
        another = {"id": f"hostile-{number}"} if source.get_provider().identity in payload else {}
        send(with_values(payload | another, values))
    good = payloads.body(name, provider)
    send(good)

    process(batch=random.randint(1, 50))

    events = list(Event.objects.all())
    assert {bytes(event.body) for event in events} == kept
    assert all(map(final, events))
    assert next(event for event in events if bytes(event.body) == good).status == Event.Status.PROCESSED
    client.force_login(ivo)
    for page in pages(random.sample(events, min(3, len(events)))):
        assert client.get(page).status_code == 200, page


def pages(events):
    """Return the pages of these events, and of some of what became of all."""
    yield from (reverse("admin:webhooks_event_change", args=[event.pk]) for event in events)
    with_pages = Message.objects.filter(conversation__isnull=False)
    for rows_of in (Job.objects, Conversation.objects, with_pages, Contact.objects, Ticket.objects):
        name = f"admin:{rows_of.model._meta.app_label}_{rows_of.model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield from (reverse(f"{name}_change", args=[row.pk]) for row in rows_of.order_by("-pk")[:2])


@pytest.mark.parametrize("value", ["tea", {"id": "tea"}, [{"id": "tea"}], [["tea"]], [None], [1.5], {"a": ["tea"]}])
def test_a_job_is_shown_whatever_stands_for_what_replaces_an_item(post, process, ivo, client, value):
    tea = {"id": "tea", "name": "Tea", "replacements": value, "replacing_to": value, "barcodes": value}
    post(payloads.sample(job={"job_items": [tea]}))
    assert process() == "Events: 1 processed"
    client.force_login(ivo)
    assert client.get(reverse("admin:orders_job_change", args=[Job.objects.get().pk])).status_code == 200


METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 300]


@pytest.mark.parametrize("method", METHODS)
def test_only_post_is_taken(source_of, client, method):
    source = source_of("tawk")
    for path in (source.get_absolute_url(), source.get_token_path()):
        answer = client.generic(method, path, b"{}", content_type="application/json")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert Rejection.objects.count() == 2


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


@pytest.mark.parametrize("provider", registry())
def test_what_else_stands_in_the_request_loses_no_event(source_of, client, process, provider):
    source = source_of(provider, allowed_networks="127.0.0.1")
    body = payloads.body(SAMPLES[provider], provider)
    proof = sign(source, body)
    variants = [(content_type, {}) for content_type in CONTENT_TYPES] + [("application/json", h) for h in HEADERS]
    for content_type, headers in variants:
        answer = client.generic("POST", source.get_absolute_url(), body, content_type, headers=headers | proof)
        assert answer.status_code == 200, (content_type, headers)
    assert Event.objects.get().deliveries == len(variants)
    assert process() == "Events: 1 processed"


def test_the_token_endpoint_has_an_answer_to_each(source_of, client):
    source = source_of("instaleap", auth_mode="dynamic_token")
    source.secrets.update(auth_mode="dynamic_token")
    right = {"client_id": source.get_client_id(), "client_secret": SECRET, "grant_type": "client_credentials"}
    formats = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    bodies = list(whole("instaleap").values())
    bodies += [with_values(right, {(name,): value}) for name in right for value in VALUES]
    asked = [(body, content_type, {}) for body in bodies for content_type in formats]
    asked += [(b"{}", content_type, {}) for content_type in CONTENT_TYPES]
    asked += [(b"{}", "application/json", headers) for headers in HEADERS]
    for body, content_type, headers in asked:
        cache.clear()  # or it would only say that these are too many
        answer = client.generic("POST", source.get_token_path(), body, content_type, headers=headers)
        assert answer.status_code in (400, 401), (body[:100], content_type, headers)
        assert set(answer.json()) == {"error", "error_description"}

    for headers in HEADERS:
        if "Authorization" not in headers:  # else that is where the credentials are
            cache.clear()
            answer = client.post(source.get_token_path(), right, headers=headers)
            assert answer.status_code == 200, headers


# Over sockets, as the web server has a mind of its own.


@pytest.fixture(scope="module")
def hostile(running):
    """A source of the running product, whose proof covers any bytes."""
    running.manage("add_source", "tawk", "--slug=hostile", "--secret-stdin", input=SECRET)
    return running


CLOSE = "Connection: close"


def request(number, *, headers=(CLOSE,), body=None, framing=None):
    """Return the bytes of an authentic event, head and body."""
    body = payloads.dump(payloads.load("chat-start.json", "tawk") | {"number": number}) if body is None else body
    lines = ["POST /webhooks/hostile/ HTTP/1.1", "Host: localhost", *headers]
    [signature] = registry()["tawk"].signatures
    lines.append(f"{signature.header}: {signature.hex(SECRET, body)}")
    lines.append(framing or f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("iso-8859-1") + b"\r\n\r\n", body


def talk(running, *parts, pause=0.0, patience=20.0, half=False):
    """Send the parts, and return the statuses of what is answered within `patience`; `half`: close at once."""
    said = b""
    with socket.create_connection(("127.0.0.1", running.port), timeout=patience) as connection, suppress(OSError):
        for part in parts:
            connection.sendall(part)
            if pause:
                Flag().wait(pause)
        while not half and (part := connection.recv(65_536)):
            said += part
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]


def chunked(*chunks, end=b"0\r\n\r\n"):
    return b"".join(b"%x;odd=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def is_new(running, number):
    """Send the event as it should be; return whether it was not there."""
    head, body = request(number)
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
    answer = requests.post(f"{running.url}/webhooks/hostile/", body, headers=headers, timeout=20)
    assert answer.status_code == 200
    return answer.json()["status"] == "accepted"


CHUNKED = "Transfer-Encoding: chunked"


class TestOverSockets:
    def test_a_body_in_chunks_with_extensions_and_trailers(self, hostile):
        head, body = request(1, framing=CHUNKED)
        pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
        assert talk(hostile, head, chunked(*pieces, end=b"0\r\nX-Trailer: 1\r\n\r\n")) == [200]
        assert not is_new(hostile, 1)

    def test_a_slow_body(self, hostile):
        head, body = request(2)
        assert talk(hostile, head[:10], head[10:], body[:3], body[3:5], body[5:], pause=0.1) == [200]
        assert not is_new(hostile, 2)

    @pytest.mark.parametrize("framing", [None, CHUNKED])
    def test_half_a_body_is_no_event(self, hostile, framing):
        number = f"half {framing}"
        head, body = request(number, framing=framing)
        half = chunked(body[:50], end=b"") if framing else body[:50]
        assert talk(hostile, head, half, patience=0.3) == []
        talk(hostile, head, half, half=True)
        assert is_new(hostile, number)

    @pytest.mark.parametrize(
        "headers",
        [
            ["X-Big: " + "x" * 65_536],
            [f"X-Many-{number}: x" for number in range(1000)],
            ["Content-Encoding: gzip"],
            ["Content-Type: application/json; " + "x" * 20_000],
            ["Content-Type: application/json; x*=no-such''%41"],
            ["Content-Type: application/json; charset=no-such"],
            ["Content-Length: 0000000001"],
            ["X-Bytes: " + "".join(map(chr, range(128, 256)))],
            ["Expect: 100-continue"],
            ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"],
            ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "HTTP2-Settings: "],
        ],
        ids=lambda headers: headers[0][:20],
    )
    def test_odd_headers_lose_no_event(self, hostile, headers):
        head, body = request(headers[0], headers=[CLOSE, *headers])
        statuses = talk(hostile, head, body)
        assert statuses[-1:] in ([200], [400], [431])  # taken, or refused as a whole
        assert is_new(hostile, headers[0]) == (200 not in statuses)

    def test_what_is_pipelined_is_answered_in_turn_and_garbage_after_it_loses_nothing(self, hostile):
        good = b"".join(request(3, headers=[])) + b"".join(request(4, headers=[]))
        assert talk(hostile, good + b"\x00\xff GARBAGE \r\n\r\n") == [200, 200, 400]
        assert not is_new(hostile, 3)
        assert not is_new(hostile, 4)

    @pytest.mark.parametrize(
        "sent",
        [
            b"\x00" * 1000,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"POST /webhooks/hostile/\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/9.9\r\nHost: localhost\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/1.1\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: \xff\xfe@:99999999\r\nContent-Length: 0\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
            b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n",
            *[
                b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n{}"
                for framing in [
                    b"Content-Length: -1",
                    b"Content-Length: 1e3",
                    b"Content-Length: " + b"9" * 30,
                    b"Content-Length: 9999999999",
                    b"Content-Length: 1\r\nContent-Length: 2",
                    b"Content-Length: 2\r\nTransfer-Encoding: chunked",
                    b"Transfer-Encoding: chunked",  # and no chunk follows
                    b"Transfer-Encoding: gzip, chunked",
                    b"Transfer-Encoding: no-such",
                ]
            ],
            b"POST /webhooks/hostile/ HTTP/1.1\r\nHost: localhost\r\n%b\r\n\r\nffffffffffffffffff\r\n{}"
            % CHUNKED.encode(),
            *[
                method + b" " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                for method, path in [
                    (b"BREW", b"/webhooks/hostile/"),
                    (b"X" * 65_536, b"/webhooks/hostile/"),
                    (b"CONNECT", b"localhost:80"),
                    (b"OPTIONS", b"*"),
                    (b"TRACE", b"/webhooks/hostile/token/"),
                    (b"POST", b"http://elsewhere/webhooks/hostile/"),
                    (b"POST", b"/webhooks/%00/"),
                    (b"POST", b"/webhooks/%ff%fe%ed%a0%80/"),
                    (b"POST", b"/webhooks/..%2f..%2fadmin/"),
                    (b"POST", b"/webhooks/hostile"),
                    (b"POST", b"//webhooks/hostile/?%00=%ff&" + b"a=b&" * 5000),
                    (b"POST", b"/webhooks/" + b"x" * 60_000 + b"/"),
                ]
            ],
        ],
        ids=lambda sent: repr(sent[:90].replace(b"/webhooks/hostile/ HTTP/1.1\r\nHost: localhost", b"..")),
    )
    def test_what_is_no_request_for_us_is_refused(self, hostile, sent):
        statuses = talk(hostile, sent, patience=0.5)  # some wait for more than comes
        assert all(300 <= status < 500 for status in statuses), statuses
        assert talk(hostile, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") == [200]

    def test_none_of_it_holds_up_the_worker(self, hostile):
        """Bodies that nobody can read, then one that is as it should be."""
        for body in whole("tawk").values():
            head, body = request(0, body=body)
            assert talk(hostile, head, body) == [200]
        is_new(hostile, 5)
        count = "from webhooks.models import Event; print(Event.objects.filter(status__in=Event.WAITING).count())"
        wait_for(lambda: hostile.manage("shell", "-v0", "-c", count) == "0\n")
        log = (hostile.data_dir / "logs" / "web.log").read_text()
        assert "Internal Server Error" not in log
