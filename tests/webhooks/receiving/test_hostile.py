"""What an enemy or a broken client may send: never a 500, never a stuck worker, never a lost authentic event."""

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
from tests import hostile, payloads, rows
from tests.running import wait_for
from webhooks.models import Event, Rejection
from webhooks.payloads.parsing import MissingFieldError, NotJSONError
from webhooks.providers import registry

SECRET = payloads.SECRET
SECRET_HEADER = SECRET.encode().decode("iso-8859-1")


def sign(source, body):
    """Return a valid header for any body, or None where the signature covers fields that the body does not have."""
    if source.auth_mode == "static_token":
        return {"Authorization": SECRET_HEADER}
    provider = source.get_provider()
    try:
        return provider.sign(SECRET, body)
    except MissingFieldError:
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
    good = payloads.body(hostile.SAMPLES[provider], provider)
    kept = {good}
    for what, body in {**hostile.whole_bodies(provider), "good": good}.items():
        headers = sign(source, body)
        answer = client.post(
            source.get_webhook_path(), body, content_type="application/json", headers=headers or {"X-Tried": "1"}
        )
        assert answer.status_code == (200 if headers else 400) or (not headers and answer.status_code == 401), what
        if headers:
            kept.add(body)

    process(batch=7)

    events = list(Event.objects.all())
    assert {bytes(event.body) for event in events} == kept
    assert all(map(final, events))
    assert next(event for event in events if bytes(event.body) == good).status == Event.Status.PROCESSED


MOST = 50  # events at once


@pytest.mark.parametrize(("provider", "name"), hostile.one_for_each_reader())
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
            answer = client.post(source.get_webhook_path(), body, content_type="application/json", headers=headers)
            assert answer.status_code == 200
            if answer.json()["status"] == "accepted":
                kept.add(body)

    everywhere = list(hostile.paths(payload))
    for number, path in enumerate(random.sample(everywhere, min(MOST, len(everywhere)))):
        values = {path: random.choice(hostile.JSON_VALUES)}
        if random.random() < 0.3:
            values[random.choice(everywhere)] = random.choice(hostile.JSON_VALUES)
        another = {"id": f"hostile-{number}"} if source.get_provider().identity in payload else {}
        send(hostile.with_values(payload | another, values))
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
def test_a_job_is_shown_whatever_value_its_substitute_has(post, process, ivo, client, value):
    tea = {"id": "tea", "name": "Tea", "replacements": value, "replacing_to": value, "barcodes": value}
    post(payloads.sample(job={"job_items": [tea]}))
    assert process() == "Events: 1 processed"
    client.force_login(ivo)
    assert client.get(reverse("admin:orders_job_change", args=[Job.objects.get().pk])).status_code == 200


@pytest.mark.parametrize("method", hostile.METHODS)
def test_only_post_is_taken(source_of, client, method):
    source = source_of("tawk")
    for path in (source.get_webhook_path(), source.get_token_path()):
        answer = client.generic(method, path, b"{}", content_type="application/json")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert Rejection.objects.count() == 2


@pytest.mark.parametrize("provider", registry())
def test_no_other_part_of_the_request_makes_an_event_lost(source_of, client, process, provider):
    source = source_of(provider, allowed_networks="127.0.0.1")
    body = payloads.body(hostile.SAMPLES[provider], provider)
    signed = sign(source, body)
    variants = [(content_type, {}) for content_type in hostile.CONTENT_TYPES]
    variants += [("application/json", headers) for headers in hostile.HEADERS]
    for content_type, headers in variants:
        answer = client.generic("POST", source.get_webhook_path(), body, content_type, headers=headers | signed)
        assert answer.status_code == 200, (content_type, headers)
    assert Event.objects.get().delivery_count == len(variants)
    assert process() == "Events: 1 processed"


def test_the_token_endpoint_has_an_answer_to_each(source_of, client):
    source = source_of("instaleap", auth_mode="dynamic_token")
    source.secrets.update(auth_mode="dynamic_token")
    right = {"client_id": source.get_client_id(), "client_secret": SECRET, "grant_type": "client_credentials"}
    formats = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    bodies = list(hostile.whole_bodies("instaleap").values())
    bodies += [hostile.with_values(right, {(name,): value}) for name in right for value in hostile.JSON_VALUES]
    asked = [(body, content_type, {}) for body in bodies for content_type in formats]
    asked += [(b"{}", content_type, {}) for content_type in hostile.CONTENT_TYPES]
    asked += [(b"{}", "application/json", headers) for headers in hostile.HEADERS]
    for body, content_type, headers in asked:
        cache.clear()  # or it would only say that these are too many
        answer = client.generic("POST", source.get_token_path(), body, content_type, headers=headers)
        assert answer.status_code in (400, 401), (body[:100], content_type, headers)
        assert set(answer.json()) == {"error", "error_description"}

    for headers in hostile.HEADERS:
        if "Authorization" not in headers:  # else that is where the credentials are
            cache.clear()
            answer = client.post(source.get_token_path(), right, headers=headers)
            assert answer.status_code == 200, headers


# Over sockets, as the web server has a mind of its own.


@pytest.fixture(scope="module")
def server(running):
    """A source of the running product, whose signature covers any bytes."""
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
    def test_a_body_in_chunks_with_extensions_and_trailers(self, server):
        head, body = request(1, framing=CHUNKED)
        pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
        assert talk(server, head, chunked(*pieces, end=b"0\r\nX-Trailer: 1\r\n\r\n")) == [200]
        assert not is_new(server, 1)

    def test_a_slow_body(self, server):
        head, body = request(2)
        assert talk(server, head[:10], head[10:], body[:3], body[3:5], body[5:], pause=0.1) == [200]
        assert not is_new(server, 2)

    @pytest.mark.parametrize("framing", [None, CHUNKED])
    def test_half_a_body_is_no_event(self, server, framing):
        number = f"half {framing}"
        head, body = request(number, framing=framing)
        half = chunked(body[:50], end=b"") if framing else body[:50]
        assert talk(server, head, half, patience=0.3) == []
        talk(server, head, half, half=True)
        assert is_new(server, number)

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
    def test_odd_headers_lose_no_event(self, server, headers):
        head, body = request(headers[0], headers=[CLOSE, *headers])
        statuses = talk(server, head, body)
        assert statuses[-1:] in ([200], [400], [431])  # taken, or refused as a whole
        assert is_new(server, headers[0]) == (200 not in statuses)

    def test_what_is_pipelined_is_answered_in_turn_and_garbage_after_it_loses_nothing(self, server):
        good = b"".join(request(3, headers=[])) + b"".join(request(4, headers=[]))
        assert talk(server, good + b"\x00\xff GARBAGE \r\n\r\n") == [200, 200, 400]
        assert not is_new(server, 3)
        assert not is_new(server, 4)

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
    def test_what_is_no_request_for_us_is_refused(self, server, sent):
        statuses = talk(server, sent, patience=0.5)  # some wait for more than comes
        assert all(300 <= status < 500 for status in statuses), statuses
        assert talk(server, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") == [200]

    def test_none_of_it_holds_up_the_worker(self, server):
        """Bodies that nobody can read, then one that is as it should be."""
        for body in hostile.whole_bodies("tawk").values():
            head, body = request(0, body=body)
            assert talk(server, head, body) == [200]
        is_new(server, 5)
        count = "from webhooks.models import Event; print(Event.objects.filter(status__in=Event.WAITING).count())"
        wait_for(lambda: server.manage("shell", "-v0", "-c", count) == "0\n")
        log = (server.data_dir / "logs" / "web.log").read_text()
        assert "Internal Server Error" not in log
