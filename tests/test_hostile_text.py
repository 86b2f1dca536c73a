"""What strangers write where ids, codes, names, addresses and numbers are expected: it comes out as text on each page,
in each search and in each file, and each link leads where it should. What a browser makes of it: tests/browser.
"""

import csv
import io
import itertools
import json
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.conf import settings

from chat.models import Conversation
from console.changelist.export import CUT, MAX_CELL_LENGTH
from console.formatting.invisible import replace_invisible
from tests import hostile, payloads
from webhooks.models import Event, Source
from webhooks.providers import registry

CALL, MARKUP, TEXTS = hostile.CALL, hostile.MARKUP, hostile.TEXTS
EXPORTED = ["orders/job", "chat/conversation", "chat/message", "chat/contact", "webhooks/event", "webhooks/rejection"]
LISTS = [*EXPORTED, "chat/ticket", "chat/group", "chat/campaignreport", "webhooks/source"]
LED_TO = re.compile(rf"/admin/({'|'.join(LISTS)})/(\d+/change/)?$")
ASKED = re.compile("|at|status|message|related|q")  # by name: others lead to more of the same
MOST_ALIKE = 6  # pages
FORMULA = re.compile('[\\s"\u200c-\u200f\ufeff]*[=+\\-@＝＋－＠]|[\t\r\n]')
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069\ufeff\uffff]")


def hostile_value(key, value, text, number, addresses):
    """Return the JSON that replaces a value: `text` for an id, a status or a code, else one of many."""
    if isinstance(value, int | float):
        if key.endswith("_at"):
            return str(hostile.SECONDS[number % len(hostile.SECONDS)])
        return str(10**15) if key == "file_size" else hostile.NUMBERS[number % len(hostile.NUMBERS)]
    if re.search("url$", key, re.IGNORECASE):
        text = next(addresses)
    elif key in ("to", "expires_at"):
        text = "9999-12-31T23:59:59.9999999Z"  # never
    elif re.search(r"(_at|_time|_position|At|_start|_end|Activity|^from|^time)$", key):
        text = hostile.TIMES[number % len(hostile.TIMES)]
    elif not re.search(r"(^|_)(id|ids|status|type|method|source)$|Id$", key):
        text = TEXTS[number % len(TEXTS)]
    return json.dumps(text)


def at(payload, path):
    for key in path:
        payload = payload[key]
    return payload


def hostile_bodies():
    """Yield each reader's sample as often as there are texts: each id, status and code is that text, all else any."""
    addresses = itertools.cycle(hostile.addresses(CALL))
    for slug, name in hostile.one_for_each_reader():
        payload, provider = payloads.load(name, slug), registry()[slug]
        is_job = "job" in payload  # which is read whatever its type
        kept = {tuple((provider.type_path or "type").split("."))} if not is_job else set()
        originals = {path: at(payload, path) for path in hostile.paths(payload) if path not in kept}
        originals = {path: value for path, value in originals.items() if isinstance(value, str | int | float)}
        for turn, text in enumerate(TEXTS):
            numbers = itertools.count(turn)
            replaced = {
                path: hostile_value(str(path[-1]), value, text, next(numbers), addresses)
                for path, value in originals.items()
                if not isinstance(value, bool)
            }
            yield slug, hostile.with_values(payload, replaced)
            if is_job:  # a later event of the same, so that there is a moment before
                later = {("id",): json.dumps(f"{text}/2"), ("created_at",): '"2026-03-01T00:00:00Z"'}
                yield slug, hostile.with_values(payload, replaced | later)


@pytest.fixture
def process_bodies(source_of, client, process):
    """Return a function that sends bodies through their providers' doors, and returns their events."""
    sources = {slug: source_of(slug, name=MARKUP[:100], allowed_networks="127.0.0.1") for slug in registry()}

    def process_bodies(bodies):
        for slug, body in bodies:
            headers = registry()[slug].sign(payloads.SECRET, body)
            address = sources[slug].get_webhook_path()
            answer = client.post(address, body, content_type="application/json", headers=headers)
            assert answer.status_code == 200, (answer.content, body[:300])
        client.post(sources["tawk"].get_webhook_path(), TEXTS[1], content_type=f"{MARKUP[:80]}/json")
        process()
        return Event.objects.order_by("pk")

    return process_bodies


class Page(HTMLParser):
    """What of a page is not as its templates have it, where it leads, and what it says."""

    def __init__(self, html):
        super().__init__()
        self.broken, self.links, self.said, self.inside = [], [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        values = {name: value or "" for name, value in attributes}
        for name, value in values.items():
            if name.startswith("on") or name in ("srcdoc", "formaction"):
                self.broken.append((tag, name, value))
            if name.startswith(("x-", "@", ":", "style", CALL)) and CALL in name + value:
                self.broken.append((tag, name, value))
        if tag in ("iframe", "object", "embed", "base", "b") or (tag == "script" and not {"src", "type"} & set(values)):
            self.broken.append((tag, values))
        parts = urlsplit(values.get("src", ""))
        if parts.scheme and (tag != "img" or f"{parts.scheme}://{parts.netloc}" not in settings.IMAGE_HOSTS):
            self.broken.append((tag, values))
        if tag in ("a", "form", "link") and not self.may_lead(values, values.get("href") or values.get("action", "")):
            self.broken.append((tag, values))

    def may_lead(self, values, address):
        parts = urlsplit(address)
        if parts.scheme == "tel":
            return re.fullmatch(r"tel:\+?[0-9]*", address)
        if parts.scheme or parts.netloc:
            is_ours = "noreferrer" in values.get("rel", "")
            return is_ours and parts.scheme in ("http", "https") and parts.netloc and not UNSEEN.search(address)
        self.links.append(address)
        return True

    def handle_data(self, data):
        self.said += data
        if self.inside != "textarea" and UNSEEN.search(data):
            self.broken.append((self.inside, data))


def stored(text):
    return text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def beginning(text):
    """Return how a text is shown, up to where a list may cut it."""
    return replace_invisible(stored(text))[:20]


def test_hostile_text_is_shown_as_text_everywhere(process_bodies, client, ivo):
    """From the lists, the overview and the search on, wherever a link leads."""
    assert {event.status for event in process_bodies(hostile_bodies())} == {"processed"}
    client.force_login(ivo)
    todo = [f"/admin/{name}/" for name in LISTS] + ["/admin/"]
    source = Source.objects.first()
    todo += [f"/admin/webhooks/source/{source.pk}/{page}/" for page in ("change", "hand-over")]
    todo += [f"/admin/search/{part}?{urlencode({'q': q})}" for part in ("", "panel/") for q in map(stored, TEXTS)]
    seen, kinds, zones = set(), Counter(), itertools.cycle(["Pacific/Kiritimati", "Pacific/Niue"])
    while todo:
        address = todo.pop().partition("#")[0]
        parts = urlsplit(address)
        kind = (re.sub(r"\d+", "0", parts.path), *parse_qs(parts.query))
        if address in seen or kinds[kind] >= MOST_ALIKE or not ASKED.fullmatch(" ".join(kind[1:])):
            continue
        seen.add(address)
        kinds[kind] += 1
        client.cookies["time_zone"] = next(zones)
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        page = Page(answer.text)
        assert page.broken == [], address
        if not re.search("/webhooks/rejection|/admin/$|/hand-over/", parts.path):
            assert any(beginning(text) in page.said for text in TEXTS), address
        if "at" in kind:  # the link to it found what it is of
            assert "job-as-of" in answer.text, address
        if kind == ("/admin/orders/job/", "status") and not re.search("=[A-Z]+$", address):
            assert "data-row" in answer.text, address
        links = (urljoin(answer.request["PATH_INFO"], link) for link in page.links)
        todo += [link for link in links if LED_TO.match(urlsplit(link).path)]
    assert {("/admin/orders/job/", "status"), ("/admin/orders/job/0/change/", "at")} <= set(kinds)


def test_hostile_text_is_exported_as_text(process_bodies, client, ivo):
    long = payloads.load("chat-documented-sample.json") | {"notification_message": MARKUP + "y" * 100_000}
    process_bodies([*hostile_bodies(), ("instaleap", payloads.dump(long))])
    client.force_login(ivo)
    for name in EXPORTED:
        count = apps.get_model(*name.split("/")).objects.count()
        files = [
            b"".join(client.post(f"/admin/{name}/export/", {"format": format}).streaming_content)
            for format in ("csv", "xlsx")
        ]
        rows = list(csv.reader(io.StringIO(files[0].decode("utf-8-sig"), newline=""), strict=True))
        assert len(rows) == count + 1 > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        with zipfile.ZipFile(io.BytesIO(files[1])) as book:
            parts = {part: book.read(part).decode() for part in book.namelist()}
        sheet = ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"])
        cells = [element for element in sheet.iter() if element.tag.endswith("}c")]
        assert {cell.get("t", "n") for cell in cells} <= {"inlineStr", "n", "b"}
        assert not [element for element in sheet.iter() if element.tag.endswith(("}f", "}hyperlink"))]
        assert len({cell.get("r").strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for cell in cells}) == count + 1
        texts = ["".join(cell.itertext()) for cell in cells]
        assert name == "webhooks/rejection" or any(beginning(text) in cell for text in TEXTS for cell in texts), name
        for cell in itertools.chain(texts, *rows):
            assert not UNSEEN.search(cell)
            assert len(cell.encode("utf-16-le")) <= 2 * MAX_CELL_LENGTH
        for cell in itertools.chain.from_iterable(rows):
            for part in re.split("[;\t\n]", cell):
                assert not FORMULA.match(part) or re.fullmatch(r"-?[0-9.]+", cell), cell
        assert (name == "chat/message") == any(cell.endswith(CUT) for cell in texts)
        assert payloads.SECRET not in files[0].decode() + "".join(parts.values())

    for conversation in Conversation.objects.all():
        answer = client.get(f"{conversation.get_admin_url()[: -len('change/')]}transcript/")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not UNSEEN.search(answer.text)
        assert any(beginning(text) in answer.text for text in TEXTS)
    for event in Event.objects.all()[:3]:
        answer = client.get(f"/admin/webhooks/event/{event.pk}/body/")
        assert answer.content == bytes(event.body)
        disposition = f'attachment; filename="event-{event.pk}.json"'
        assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (
            "application/octet-stream",
            disposition,
        )
    source = Source.objects.get(provider="instaleap")
    Source.objects.filter(pk=source.pk).update(auth_mode="static_token")
    answer = client.get(f"/admin/webhooks/source/{source.pk}/postman/")
    assert answer.json()["info"]["name"] == f"{source.name}: events"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{source.slug}.postman_collection.json"'


def test_impossible_values_are_rejected_with_their_reason(process_bodies):
    """At a time one wrong thing: ids of 10 kB, numbers and moments that are none."""
    wrong = {}
    for slug, name in hostile.one_for_each_reader():
        payload = payloads.load(name, slug)
        subject = registry()[slug].event_type(payload).subject
        error = f"{subject}: String should have at most 200 characters"
        if name != "campaign-report.json":  # which only mentions a conversation, whatever its id
            wrong[slug, hostile.with_values(payload, {tuple(subject.split(".")): json.dumps(hostile.TOO_LONG)})] = error
    job = payloads.sample()
    for number in hostile.NO_NUMBERS:
        path = ("job", "origin", "latitude")
        wrong["instaleap", hostile.with_values(job | {"id": number}, {path: number})] = "job.origin.latitude: "
    for moment in hostile.NO_TIMES:
        path = ("job", "slot", "from")
        wrong["instaleap", hostile.with_values(job | {"id": moment}, {path: json.dumps(moment)})] = (
            "job.slot.from: is not a time in ISO 8601"
        )
    events = {bytes(event.body): event for event in process_bodies(wrong)}
    for (_slug, body), error in wrong.items():
        event = events.pop(body)
        assert (event.status, event.error[: len(error)]) == ("dead", error)
        assert CALL not in event.error
    assert not events
