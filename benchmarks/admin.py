"""The time and the queries of each page of the admin with a million jobs and with ten thousand (interleaved, medians).

JOBS is the number of jobs in the large database (default: a million). A job has ten events, ten status changes and
three messages. Both databases process the same simulated events, from which the jobs and conversations of the visited
pages come; all other rows are copies of theirs, with names, words and phones as frequent as in reality. Both have as
many current jobs: only the number of finished ones differs.
"""

import os
import statistics
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.copies import fill
from chat.models import Conversation, Message
from console.search import normalize
from orders.models import Job
from tests import payloads
from webhooks.models import Event, Secret, Source
from webhooks.monitoring import traffic
from webhooks.processing.processor import process_batch
from webhooks.providers import registry

SMALL = 10_000
LARGE = int(os.environ.get("JOBS", 1_000_000))
ROUNDS = 7
STORIES = 20  # of each provider
MOST_QUERIES = 25
FLAT, WORD = 1.2, 3  # how many times as long it may take

JOBS, CONVERSATIONS, MESSAGES = "/admin/orders/job/", "/admin/chat/conversation/", "/admin/chat/message/"
CONTACTS, EVENTS, FIND = "/admin/chat/contact/", "/admin/webhooks/event/", "/admin/search/"
_today = f"{timezone.now():%Y-%m-%d}"
_last_week = f"{timezone.now() - timedelta(days=7):%Y-%m-%d}"

# What is opened: {name} stands for what facts() found in the database. "|2" is the second page, "|last" the last one.
PAGES = {
    "dashboard": "/admin/",
    "dashboard, 7 days": "/admin/?hours=168",
    "a job": JOBS + "{job}/change/",
    "a job at an earlier moment": JOBS + "{job}/change/?n=2",
    "a conversation": CONVERSATIONS + "{conversation}/change/",
    "a contact": CONTACTS + "{contact}/change/",
    "an event": EVENTS + "{event}/change/",
    **{
        f"{name}, {page}": f"{path}|{page}"
        for name, path in {
            "jobs": JOBS,
            "jobs by status": JOBS + "?status=FINISHED",
            "conversations": CONVERSATIONS,
            "messages": MESSAGES,
            "contacts": CONTACTS,
            "events": EVENTS,
        }.items()
        for page in ("1", "2", "last")
    },
    "jobs: cancelled": JOBS + "?status=CANCELLED",
    "jobs: no such status": JOBS + "?status=NEVER",
    "jobs: processing": JOBS + "?status=PROCESSING",
    "jobs: model": JOBS + "?operational_model={model}",
    "jobs: store": JOBS + "?store={store}",
    "jobs: store and status": JOBS + "?store={store}&status=CANCELLED",
    "jobs: slot today": JOBS + "?slot=today",
    "jobs: under way": JOBS + "?slot=under-way",
    "jobs: late": JOBS + "?slot=late",
    "jobs: late, of a store": JOBS + "?slot=late&store={store}",
    "jobs: slots of a week": JOBS + f"?slot_day_from={_last_week}&slot_day_to={_today}",
    "jobs: cancelled today": JOBS + "?ended=today&status=CANCELLED",
    "jobs: finished yesterday": JOBS + "?ended=yesterday&status=FINISHED",
    "jobs: items missing": JOBS + "?missing=yes",
    "jobs: items missing, today": JOBS + "?missing=yes&slot=today",
    "jobs: unanswered chat": JOBS + "?unanswered=yes",
    "conversations: unanswered": CONVERSATIONS + "?unanswered=yes",
    "conversations: channel": CONVERSATIONS + "?channel=WHATSAPP",
    "conversations: source": CONVERSATIONS + "?source={chat_source}",
    "conversations: unanswered, source": CONVERSATIONS + "?unanswered=yes&source={chat_source}",
    "conversations: status": CONVERSATIONS + "?status={chat_status}",
    "conversations: about a job": CONVERSATIONS + "?job=yes",
    "conversations: active today": CONVERSATIONS + "?active=today",
    "conversations: a week": CONVERSATIONS + f"?active_day_from={_last_week}&active_day_to={_today}",
    "messages: from customers": MESSAGES + "?direction=in",
    "messages: today": MESSAGES + "?sent=today",
    "messages: source": MESSAGES + "?source={chat_source}",
    "events: source": EVENTS + "?source={source}",
    "events: a quiet source": EVENTS + "?source={chat_source}",
    "a quiet source": "/admin/webhooks/source/{chat_source}/change/",
    "sources": "/admin/webhooks/source/",
    "events: pending": EVENTS + "?status=pending",
    "events: processed": EVENTS + "?status=processed",
    "events: dead, of a source": EVENTS + "?status=dead&source={source}",
    "events: type": EVENTS + "?type=CREATED",
    "events: type and source": EVENTS + "?type=CREATED&source={source}",
    "events: received in a week": EVENTS + f"?received_from={_last_week}T00:00&received_to={_today}T00:00",
    **{
        f"{name} by {kind}": f"{path}?q={{{kind}}}{all_}"
        for name, path, all_, kinds in (
            ("find", FIND, "&all=", ("reference", "job_id", "phone", "email", "event_id", "unknown")),
            ("jobs", JOBS, "", ("reference", "job_id", "phone", "email", "unknown")),
            ("conversations", CONVERSATIONS, "", ("reference", "job_id", "phone", "email")),
            ("contacts", CONTACTS, "", ("phone", "email")),
            ("events", EVENTS, "", ("job_id", "event_id")),
        )
        for kind in kinds
    },
}
# Bounded, newest first: how much there is to look at is another matter. Of what is rare, and of a delivery code's four
# digits, a hundred times as many jobs have a hundred times as many: a whole page of rows, where there were a few.
WORDS = {
    **{
        f"{name} by {kind}": f"{path}?q={{{kind}}}{all_}"
        for name, path, all_, kinds in (
            ("find", FIND, "&all=", ("code",)),
            ("jobs", JOBS, "", ("code", "rare_name")),
            ("conversations", CONVERSATIONS, "", ("rare_name", "rare_word")),
            ("contacts", CONTACTS, "", ("rare_name",)),
            ("messages", MESSAGES, "", ("rare_word",)),
        )
        for kind in kinds
    },
    **{
        f"{name}: a common {what}": f"{path}?q={term}{all_}"
        for name, path, all_, what, term in (
            ("find", FIND, "&all=", "name", "maria"),
            ("find", FIND, "&all=", "full name", "maria+hernandez"),
            ("find", FIND, "&all=", "word", "pedido"),
            ("find", FIND, "&all=", "beginning", "ma"),
            ("jobs", JOBS, "", "name", "maria"),
            ("jobs", JOBS, "", "full name", "maria+hernandez"),
            ("conversations", CONVERSATIONS, "", "name", "maria"),
            ("conversations", CONVERSATIONS, "", "word", "pedido"),
            ("messages", MESSAGES, "", "word", "pedido"),
            ("contacts", CONTACTS, "", "name", "maria"),
        )
    },
}


def run():
    call_command("collectstatic", interactive=False, verbosity=0)
    _process_stories()
    databases = {}
    for name, jobs in (("small", SMALL), ("large", LARGE)):
        databases[name] = _copy(name)
        with _in(databases[name]):
            start = time.perf_counter()
            fill(jobs)
            count = traffic.TrafficPass()
            while count.step():
                pass
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_database_size(current_database())")
                size = cursor.fetchone()[0]
            print(
                f"  {name}: {jobs:,} jobs, {size / 2**30:.1f} GiB, in {time.perf_counter() - start:.0f} s", flush=True
            )
    only = os.environ.get("PAGES", "")
    asked = [(name, path, FLAT) for name, path in PAGES.items()]
    asked += [(name, path, WORD) for name, path in WORDS.items()]
    _compare(databases, [page for page in asked if only in page[0]])


def _process_stories():
    """Store and process the events of complete jobs with their chat, and of conversations."""
    start = datetime.now(UTC) - timedelta(hours=4)
    for slug, provider in registry().items():
        source = Source.objects.create(name=slug, slug=slug, provider=slug)
        secret = Secret(source=source)
        secret.value = payloads.SECRET
        secret.save()
        stories = [payload for seed in range(STORIES) for payload in provider.simulate(seed=seed, start=start)]
        Event.objects.bulk_create(_event(source, secret, payload) for payload in stories)
    while process_batch(200).claimed:
        pass
    get_user_model().objects.create_superuser("bench")


def _event(source, secret, payload):
    body = payloads.dump(payload)
    envelope = source.get_provider().envelope(body, payload)
    columns = ("type", "subject", "external_id", "dedup_key", "body_hash", "occurred_at")
    return Event(
        source=source,
        secret=secret,
        body=body,
        auth_mode="signature",
        **{name: getattr(envelope, name) for name in columns},
    )


def _copy(name):
    """Make a database like the one that there is; return how Django reaches it."""
    settings = connection.settings_dict
    connections["default"].close()
    template = connections.create_connection("default")
    template.settings_dict = settings | {"NAME": "template1"}
    with template.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{settings["NAME"]}"')
    template.close()
    wrapper = connections.create_connection("default")
    wrapper.settings_dict = settings | {"NAME": name}
    return wrapper


@contextmanager
def _in(database):
    """Let Django use this database meanwhile."""
    before, connections["default"] = connections["default"], database
    try:
        yield
    finally:
        connections["default"] = before


def facts() -> dict:
    """Return the rows that the pages show and the terms that the searches look for: those of an old job."""
    job = Job.objects.filter(client_reference__startswith="G").order_by("-id")[Job.objects.count() * 2 // 3]
    looked_at = Job.objects.exclude(client_reference__startswith="G").order_by("-id")[0]
    about = Conversation.objects.filter(job_id=looked_at.external_id).first()
    busiest = about or Conversation.objects.filter(contact=None).order_by("-message_count")[0]
    chat = Conversation.objects.filter(contact__isnull=False, channel="WHATSAPP").order_by("id")[0]
    event = Event.objects.filter(subject=job.external_id)[0]
    return {
        "job": looked_at.pk,
        "conversation": busiest.pk,
        "contact": chat.contact_id,
        "event": Event.objects.filter(subject=looked_at.external_id)[0].pk,
        "event_id": event.external_id,
        "source": looked_at.received_through_id,
        "chat_source": chat.source_id,
        "chat_status": Conversation.objects.exclude(status="").values_list("status", flat=True).first(),
        "model": job.operational_model,
        "store": job.store_name,
        "reference": job.client_reference,
        "job_id": job.external_id,
        "phone": normalize.reversed_digits(job.recipient_phone_number)[::-1][-10:],
        "email": job.recipient_email,
        "code": job.delivery_code,
        "rare_name": "zulueta",
        "rare_word": Message.objects.filter(text__startswith="rara").order_by("id")[0].text.split()[0],
        "unknown": "9f8e7d6c-never-there",
    }


def _compare(databases, asked):
    clients, found, where = {}, {}, {}
    for name, database in databases.items():
        with _in(database):
            clients[name] = Client(raise_request_exception=False, SERVER_NAME="localhost")
            clients[name].force_login(get_user_model().objects.get(username="bench"))
            found[name] = facts()
    for name, database in databases.items():
        with _in(database):
            where[name] = [_resolved(clients[name], path, found[name]) for _, path, _ in asked]
    times: dict[str, list[list[float]]] = {name: [[] for _ in asked] for name in databases}
    for number in range(ROUNDS + 1):
        for index in range(len(asked)):
            for name, database in databases.items():
                if not (url := where[name][index]):
                    continue
                with _in(database):
                    cache.clear()
                    start = time.perf_counter()
                    clients[name].get(url)
                    if number:  # the first only warms
                        times[name][index].append(time.perf_counter() - start)
    print(
        f"  medians of {ROUNDS} rounds, in milliseconds; goals: {FLAT} times, names, words and codes {WORD}, 25 queries"
    )
    over = []
    for index, (name, path, goal) in enumerate(asked):
        urls = {size: url for size in databases if (url := where[size][index])}
        if len(urls) < len(databases):
            print(f"  {name:<36} does not answer with a page: {path}")
            continue
        small, large = (statistics.median(times[size][index]) * 1000 for size in ("small", "large"))
        shown = {}  # rows, where it is a list: a page that has more of them takes longer
        for size, database in databases.items():
            with _in(database), CaptureQueriesContext(database) as queries:
                cache.clear()
                answer = clients[size].get(urls[size])
            if changelist := (getattr(answer, "context_data", None) or {}).get("cl"):
                shown[size] = len(changelist.result_list)
        is_over = large / small > goal or len(queries) > MOST_QUERIES
        flag = f"  over {goal}" if is_over else ""
        rows = f"  {shown['small']} and {shown['large']} rows" if len(set(shown.values())) > 1 else ""
        print(
            f"  {name:<36} {small:7.1f} {large:8.1f}  {large / small:5.2f} times  {len(queries):3} queries{rows}{flag}",
            flush=True,
        )
        if is_over:
            over.append((name, databases["large"], queries.captured_queries))
    print(f"  {len(asked) - len(over)} of {len(asked)} within their goals")
    if os.environ.get("EXPLAIN"):
        for name, database, captured in over:
            _explain(name, database, captured)


def _resolved(client, path, found) -> str | None:
    """Return the address of a page, "|2" and "|last" being looked up on the first one; None where there is no such."""
    path, _, page = path.format_map({name: quote(str(value)) for name, value in found.items()}).partition("|")
    answer = client.get(path)
    if answer.status_code != 200:
        return None
    changelist = (getattr(answer, "context_data", None) or {}).get("cl")
    if page in ("", "1"):
        return path
    if changelist is None:
        return None
    if hasattr(changelist, "next_url"):
        link = {"2": changelist.next_url, "last": changelist.last_url}[page]
    else:
        pages = changelist.paginator.num_pages
        link = changelist.get_query_string({"p": {"2": 2, "last": pages}[page]}) if pages > 1 else None
    return link and path.partition("?")[0] + link


def _explain(name, database, captured):
    """Print the plan of the slowest statement of a page."""
    with _in(database), connection.cursor() as cursor:
        slowest = max(captured, key=lambda query: float(query["time"]))
        together = sum(float(query["time"]) for query in captured)
        print(f"\n{name}: {together:.3f} s, of which {slowest['time']} s\n{slowest['sql'][:1500]}")
        if slowest["sql"].lstrip().upper().startswith(("SELECT", "WITH")):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {slowest['sql']}")
            print("\n".join(f"    {line}" for (line,) in cursor.fetchall()))
