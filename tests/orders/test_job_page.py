"""The page of a job: the answer, the parts and the history, now and as of each event."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from orders import as_of
from orders.models import Job, TimelineEntry
from tests import payloads
from tests.factories import UserFactory
from tests.running import ROOT
from webhooks.models import Event

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "javascript:alert(1)",
    "\u202eevil\u202c",
    "x" * 100_000,
]


@pytest.fixture
def live_through(post, process):
    """Send a life's events, or the first of them; return the job."""

    def live_through(life, first=None):
        for name in payloads.life(life)[:first]:
            assert post(name).status_code == 200
        process()
        return Job.objects.get()

    return live_through


@pytest.fixture
def look(client, ivo):
    """Return a page, whose parts can be read as text without tags."""
    client.force_login(ivo)

    def look(job, query=""):
        answer = client.get(job.get_admin_url() + query)
        assert answer.status_code == 200
        return Page(answer.content.decode())

    return look


class Page(str):
    def part(self, id):
        """Return the text of a part of the page."""
        begins = re.search(rf'<(\w+)[^>]* id="{re.escape(id)}"[^>]*>', self)
        assert begins, f"There is no {id} on the page."
        depth, at = 1, begins.end()
        for tag in re.finditer(rf"<(/?){begins[1]}\b[^>]*>", self[at:]):
            depth += -1 if tag[1] else 1
            if not depth:
                return words(self[at : at + tag.start()])
        raise AssertionError(id)


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_header_has_the_answer_and_the_problems(live_through, look):
    head = look(live_through("life-full-service", 20)).part("head")

    assert "Processing" in head
    assert "I am sorry, your order is late" in head
    assert "is still picking it in the store." in head
    assert "Needs attention" in head
    assert "No updates for" in head


def test_a_cancelled_job_shows_who_cancelled_it(live_through, look):
    head = look(live_through("life-cancelled")).part("head")

    assert "Your order was cancelled at your request." in head
    assert "Cancelled by the customer" in head
    assert "late" not in head


def test_items_show_their_state(live_through, look):
    items = look(live_through("life-cancelled")).part("items")

    assert items.startswith("Items 5 · 1 not found · 1 replaced · 1 added later")
    missing, replaced = items.index("Aguacate Hass"), items.index("Café molido")
    assert missing < replaced < items.index("Plátano Chiapas")
    assert 'Aguacate Hass "extra" Not found' in items
    assert "Replaced by Sustituto de Café molido Ñandú 500 g & filtros at 154.25 MXN" in items
    assert "Added 2 Mar" in items
    assert "Package Bolsa 1" in items


def test_a_removed_item_is_shown_as_removed(live_through, look):
    job = live_through("life-full-service", 13)
    items = look(job).part("items")

    assert "1 removed" in items
    assert f"{' '.join(job.items.get(removed=True).name.split())} Removed" in items


def test_a_job_on_schedule_is_marked(post, process, look):
    payload = payloads.sample()
    payload["job"]["slot"] |= {"from": "2998-01-01T10:00:00Z", "to": "2998-01-01T11:00:00Z"}
    post(payload)
    process()
    assert "Processing On schedule" in look(Job.objects.get()).part("head")


def test_money_shows_the_difference(live_through, look):
    page = look(live_through("life-cancelled"))

    assert "To pay 420.12 230.70 −189.42" in page.part("money")
    assert "Approved: 230.70 MXN" in page.part("money")


def test_people_places_packages_and_copy_buttons(live_through, look):
    page = look(live_through("life-full-service"))

    assert "+549221499011" in page.part("people")
    assert 'href="tel:+549221499011"' in page
    assert "Full service · Auto" in page.part("people")
    assert "Bolsa 1" in page.part("packages")
    assert 'href="https://www.google.com/maps/search/?api=1&amp;query=' in page
    job = Job.objects.get()
    for text in (job.client_reference, job.recipient_phone_number, job.delivery_code, job.external_id):
        assert f'data-copy="{text}"' in page


def test_steps_show_planned_and_actual_times(live_through, look):
    page = look(live_through("life-full-service"))

    assert re.search(r"Picking Done planned \d\d:\d\d–\d\d:\d\d actual \d\d:\d\d–\d\d:\d\d", page.part("tasks"))
    assert len(re.findall(r'job-bar-planned" style="left:[\d.]+%;width:[\d.]+%"', page)) == 5


def test_a_started_step_is_in_progress_until_the_job_is_over(post, process, look):
    step = {"id": "s", "type": "PICKING", "status": "DOING", "actual_start": "2023-06-02T10:00:00Z"}
    tasks = [{"id": "t", "type": "FULL_SERVICE", "status": "DOING", "steps": [step]}]
    post(payloads.sample(job={"status": "PROCESSING", "tasks": tasks}))
    process()
    job = Job.objects.get()
    assert re.search(r"actual \d\d:\d\d– in progress", look(job).part("tasks"))
    cancelled = {"status": "CANCELLED", "tasks": tasks}
    post(payloads.sample(id="later", created_at="2023-06-02T15:43:00Z", type="CANCELLED", job=cancelled))
    process()
    assert re.search(r"actual \d\d:\d\d– end not reported", look(job).part("tasks"))


def test_the_history_has_sent_and_received_times_and_before_and_after(live_through, look):
    page = look(live_through("life-full-service", 2))
    _, rescheduled = Job.objects.get().timeline.all()
    story = page.part(f"entry-{rescheduled.external_id}")

    assert story.startswith(f"{rescheduled.occurred_at:%H:%M:%S} received ")
    assert "Moved to another slot" in story
    assert re.search(r"slot from 2 Mar \d\d:\d\d → 2 Mar 19:13", story)
    Event.objects.all().update(conflict_of=None)
    Event.objects.all().delete()
    assert "time of receipt no longer stored" in look(Job.objects.get()).part("timeline")


def test_messages_are_in_the_history_in_the_order_of_time(post, live_through, look):
    for name in ("life-full-service-chat/01.json", "life-full-service-chat/03.json"):
        assert post(payloads.load(name)).status_code == 200
    job = live_through("life-full-service")
    story = look(job).part("timeline")

    times = [datetime.strptime(time, "%H:%M:%S") for time in re.findall(r"(\d\d:\d\d:\d\d) received", story)]
    assert len(times) == 36
    assert times == sorted(times, reverse=True)
    assert story.count("in the conversation") == 2


def test_a_long_history_is_paged_without_loss(live_through, look):
    job = live_through("life-full-service", 3)
    _grow(job, events=130)
    seen, query, pages = [], "", 0
    while query is not None:
        page = look(job, query)
        seen += re.findall(r'<li id="entry-([^"]+)"', page)
        older = re.search(r'href="\?(before=[^"#]+)#timeline"', page)
        query = f"?{unescape(older[1])}" if older else None
        pages += 1
    assert seen == list(job.timeline.order_by("-position").values_list("external_id", flat=True))
    assert pages == 4


def _grow(job, *, events):
    """Give a job more events than InstaLeap would ever send."""
    last = job.timeline.order_by("position").last()
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            job=job,
            external_id=f"more-{number}",
            type="ITEMS_UPDATED",
            occurred_at=last.occurred_at + timedelta(seconds=number),
            position=f"{(last.occurred_at + timedelta(seconds=number)).isoformat()}|{number:06}",
            changes=[
                {
                    "kind": "item",
                    "id": "1",
                    "occurrence": 0,
                    "name": "Milk",
                    "field": "status",
                    "before": "PENDING",
                    "after": "FOUND",
                }
            ]
            * 3,
        )
        for number in range(1, events + 1)
    )


@pytest.mark.parametrize("life", payloads.LIVES)
def test_as_of_the_last_event_is_now(live_through, life):
    job = live_through(life)
    stood = as_of.job_as_of(job, job.timeline.order_by("position").last())

    assert stood == as_of.JobAsOf(job.snapshot, purged=0, left_out=0)


def test_a_page_as_of_an_event_shows_what_it_showed_then(live_through, look, post, process):
    """A page as of an event equals the page at the time when this event was the last."""
    names = payloads.life("life-cancelled")
    for begin, end in ((0, 5), (5, 9), (9, 15)):  # something is found; all is reset; something is replaced
        for name in names[begin:end]:
            post(name)
        process()
        job = Job.objects.get()
        now = look(job)
        then = look(job, f"?n={job.timeline.count()}")
        for part in ("items", "money", "people", "packages", "timeline"):
            assert then.part(part) == now.part(part)


def test_a_page_as_of_an_event_shows_its_changes_and_links_to_its_neighbours(live_through, look):
    job = live_through("life-full-service")
    entries = list(job.timeline.order_by("position"))
    page = look(job, f"?at={quote(entries[1].external_id)}")
    head = page.part("head")

    assert f"As of 2 Mar 2026 {entries[1].occurred_at:%H:%M:%S} step 2 of 34 Back to now" in head
    assert "Created" in head
    assert "Changes by “Moved to another slot” slot from" in head
    assert f'rel="prev" href="?at={entries[0].external_id}"' in page
    assert f'rel="next" href="?at={entries[2].external_id}"' in page
    assert 'id="live"' not in page
    assert "Received by the customer" not in page
    assert look(job, "?n=2").part("head") == head
    assert "This was the first event: everything was new." in look(job, "?n=0").part("head")
    assert "step 34 of 34" in look(job, "?n=999").part("head")


@pytest.mark.parametrize("nonsense", ["at=nothing", "n=x", "n=-1", "n=²", "n=9999999999999999999"])
def test_an_unknown_event_shows_the_page_as_of_now(post, process, look, nonsense):
    post(payloads.SAMPLE)
    process()
    assert "As of" not in look(Job.objects.get(), f"?{nonsense}")


def test_purged_events_are_reported(live_through, look):
    job = live_through("life-full-service", 6)
    entries = list(job.timeline.order_by("position"))
    Event.objects.filter(pk__in=[entry.event_id for entry in entries[:2]]).update(body=b"", purged_at=timezone.now())

    page = look(job, f"?at={entries[5].external_id}")
    assert "2 earlier events are no longer stored" in page.part("head")
    assert page.part("items")
    page = look(job, f"?at={entries[1].external_id}")
    assert "the job cannot be shown as it was then" in page.part("head")
    assert "slot from" in page.part("head")
    assert 'id="items"' not in page


def test_events_that_are_too_many_to_read_are_left_out_and_reported(live_through, look, monkeypatch):
    monkeypatch.setattr(as_of, "MAX_EVENTS", 4)
    job = live_through("life-full-service", 6)

    page = look(job, "?n=6")
    assert "The 2 oldest events are not included" in page.part("head")
    assert page.part("items") == look(job).part("items")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_shown_as_text(post, process, look, text):
    payload = payloads.sample()
    job = payload["job"]
    job |= {"job_comment": text, "status": text[:50], "operational_model": text[:50], "delivery_code": text[:50]}
    job["recipient"] |= {"name": text, "phone_number": text[:50], "email": text[:200]}
    job["origin"] |= {"name": text, "address": text}
    job["job_items"][0] |= {"name": text, "photo_url": text, "comment": text, "replacements": [text], "unit": text[:20]}
    job["tasks"][0]["resource"] |= {"first_name": text, "phone_number": text[:50], "photo_url": text}
    post(payload)
    chat = payloads.load("life-full-service-chat/03.json")
    post(
        chat
        | {"client_id": payload["client_id"], "job_id": job["id"], "notification_message": text, "sender": text[:99]}
    )
    post(payload | {"id": text[:200], "type": text[:100], "created_at": "2023-06-02T16:00:00Z"})
    process()
    assert "in the conversation" in look(Job.objects.get())
    for query in ("", "?n=1", "?n=2"):
        page = look(Job.objects.get(), query)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert 'src="javascript:' not in page
        assert ">49<" not in page
        sentence = words(re.search(r'<p class="job-sentence">(.*?)</p>', page, re.S)[1])
        assert "\u202e" not in sentence
        assert len(sentence) < 500


def test_only_images_of_allowed_hosts_are_shown(post, process, look):
    payload = payloads.sample()
    payload["job"]["job_items"][0]["photo_url"] = "https://tracker.example/p.png"
    payload["job"]["job_items"][1]["photo_url"] = "https://res.cloudinary.com/p.png"
    post(payload)
    process()
    page = look(Job.objects.get())

    assert "tracker.example" not in page.partition('id="raw"')[0]
    assert 'src="https://res.cloudinary.com/p.png" alt="" loading="lazy"' in page


def test_a_user_without_permission_for_chat_sees_none(post, live_through, client):
    post(payloads.load("life-full-service-chat/01.json"))
    job = live_through("life-full-service", 3)
    ana = UserFactory(username="ana")
    ana.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(ana)
    page = Page(client.get(job.get_admin_url()).content.decode())

    assert "in the conversation" not in page
    assert 'id="chat"' not in page
    assert "/admin/webhooks/" not in page.part("timeline")


def test_the_page_refreshes_until_the_job_is_over(
    post, process, live_through, client, ivo, django_assert_max_num_queries
):
    job = live_through("life-full-service", 3)
    client.force_login(ivo)

    def ask(etag):
        return client.get(job.get_admin_url(), headers={"If-None-Match": etag})

    page = client.get(job.get_admin_url())
    assert 'id="live"' in page.content.decode()
    etag = page.headers["ETag"]
    assert etag.strip('"') in page.content.decode()
    with django_assert_max_num_queries(10):
        ask(etag)
    assert ask(etag).status_code == 304 or ask(ask(etag).headers["ETag"]).status_code == 304  # a minute may just end
    post(payloads.load("life-full-service-chat/01.json"))
    process()
    after_chat = ask(etag)
    assert after_chat.status_code == 200
    for name in payloads.life("life-full-service")[3:]:
        post(name)
    process()
    over = ask(after_chat.headers["ETag"])
    assert over.status_code == 200
    assert 'id="live"' not in over.content.decode()


@pytest.fixture
def huge(post, process):
    """Return a job of 300 items and 2000 events."""
    payload = payloads.load(payloads.life("life-full-service")[9])
    first = payload["job"]["job_items"][0]
    payload["job"]["job_items"] = [first | {"id": f"{number:014}", "name": f"Item {number}"} for number in range(300)]
    assert post(payload).status_code == 200
    process()
    job = Job.objects.get()
    _grow(job, events=1999)
    return job


def test_a_page_of_any_job_takes_few_queries_and_is_of_bounded_size(
    huge, look, django_assert_max_num_queries, post, process
):
    for query in ("", "?n=1000", "?n=1", "?before=more-900"):
        with django_assert_max_num_queries(25):
            page = look(huge, query)
        assert len(page) < 1_500_000
        assert page.count('<li id="entry-') <= 40
    assert page.part("items").startswith("Items 300")


def test_every_text_of_the_templates_is_marked_for_translation():
    """Between tags a template has no text that is not marked."""
    for path in (ROOT / "templates/admin/orders/job").glob("*.html"):
        text = re.sub(r"<span[^>]*material-symbols.*?</span>", "", path.read_text())
        text = re.sub(r"{% partialdef item-state %}.*?{% endpartialdef %}", "", text, flags=re.S)  # a class's name
        text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}|{%.*?%}|{{.*?}}", "", text, flags=re.S)
        assert not re.findall(r"[A-Za-z]{2,}", words(text)), path.name


def test_a_customer_who_waits_for_a_reply_elsewhere_is_a_problem(source_of, post, process, live_through, look):
    job = live_through("life-full-service", 3)
    payload = payloads.load("new-message-documented-sample.json", "oneroute")
    payload["conversation"]["customer"]["email"] = job.recipient_email
    post(payload, to=source_of("oneroute"))
    process()

    page = look(job)
    assert "The customer is waiting for a reply" in page.part("head")
    assert "Hello World!" in page.part("other-conversations")
    assert "waiting for a reply" not in look(job, "?n=1").part("head")


def test_a_job_with_hardly_any_fields_is_shown_without_guesses(post, process, look):
    payload = payloads.sample()
    payload["job"] = {"id": "bare"}
    post(payload)
    process()
    page = look(Job.objects.get())

    assert "I see your order, but not its status; let me check." in page.part("head")
    assert "Needs attention" in page.part("head")  # no updates for years
    assert page.part("items") == "Items 0 No items."
    assert page.part("people") == "Picker and driver Nobody yet."
    assert page.part("other-conversations").endswith("0 None.")
