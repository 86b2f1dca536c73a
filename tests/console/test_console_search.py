"""The search of the console: what a term is, what each group finds, in which order, and who sees it."""

import json
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chat import search as chat
from console.search import providers, ranking
from console.search.query import DIGITS, EMAIL, IDENTIFIER, NOTHING, PHONE, REFERENCE, WORDS, SearchTerm
from orders.models import Job
from tests import payloads
from tests.factories import UserFactory
from webhooks.models import Event, Rejection

HOSTILE = ["%", "_", "\\", "'", '"', "a:*", "a & !b", "<->", "((", "\u202e", "1" * 300, "x " * 200, "+", "#", "@"]
ANA = {"name": "Ana María  Ñancupil", "email": "ana@example.com", "phone_number": "+52 222 555 0142"}
CHAT = payloads.load("life-full-service-chat/03.json")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (" Ana@Example.com ", EMAIL),
        ("ana@", EMAIL),
        ("+52 1 (222) 555-0142", PHONE),
        ("222.555.0142", PHONE),
        ("\u202a+52 222\u2011555\u20110142\u202c", PHONE),
        ("tel:+522225550142", PHONE),
        ("+5255", PHONE),
        ("5550142", PHONE),
        ("0142", DIGITS),
        ("1-2", DIGITS),
        ("cbf87544-7215-4e76-a4c1-1ab2fec3f6b3", IDENTIFIER),
        ("0000AG870075N", REFERENCE),
        ("#12", REFERENCE),
        ("maría", WORDS),
        ("王小明", WORDS),
        ("order 12", WORDS),
        ("", NOTHING),
        ("?!", NOTHING),
        ("\x00", NOTHING),
    ],
)
def test_a_term_is_classified_by_its_form(typed, kind):
    assert SearchTerm.parse(typed).type is kind


def test_a_term_is_no_longer_than_what_is_read():
    assert len(SearchTerm.parse("x" * 100_000).text) == 200


@pytest.fixture
def desk(source, source_of, post, process):
    """Two jobs of Ana's and one of somebody else's, what Ana wrote about the first, and elsewhere."""
    for number, recipient in enumerate([ANA, ANA, {"name": "Anabel", "phone_number": "3105550142"}], 1):
        payload = payloads.sample(id=f"event-{number}", client_id=CHAT["client_id"], job={"recipient": recipient})
        payload["job"] |= {"client_reference": f"REF{number}", "delivery_code": f"900{number}"}
        payload["job"]["id"] = CHAT["job_id"] if number == 1 else f"job-{number}"
        post(payload)
    post(CHAT)
    written = payloads.load("new-message-documented-sample.json", "oneroute")
    written["conversation"]["customer"] = {"name": "Ana", "email": "ana@example.com"}
    written["message"]["content"] = "¿Dónde está mi café, el del pedido <b>REF2</b>?"
    post(written, to=source_of("oneroute"))
    process()


@pytest.fixture
def find(client, ivo):
    """Return by group the titles that the panel shows, exact ones marked."""
    client.force_login(ivo)

    def find(term):
        page = client.get(reverse("admin:search_panel"), {"q": term}).content.decode()
        groups = {}
        for part in page.split('role="group"')[1:]:
            title = re.search(r'class="desk-search-title"[^>]*>([^<]+)', part)[1]
            hits = re.findall(r'class="desk-hit".*?</a>', part, re.DOTALL)
            groups[title] = [
                re.search(r'class="desk-hit-title">([^<]+)', hit)[1] + (" !" if "Exact match" in hit else "")
                for hit in hits
            ]
        return groups

    return find


FOUND = {
    "ref1": {"Jobs": ["REF1 !"], "Conversations": ["Ana María Ñancupil"]},
    CHAT["job_id"].upper(): {"Jobs": ["REF1 !"], "Conversations": ["Ana María Ñancupil"]},
    "ana@example.com": {
        "Jobs": ["REF2 !", "REF1 !"],
        "Conversations": ["Ana !", "Ana María Ñancupil"],
        "Contacts": ["Ana !"],
    },
    "ANA@exam": {"Jobs": ["REF2", "REF1"], "Conversations": ["Ana María Ñancupil", "Ana"], "Contacts": ["Ana"]},
    "+52 1 222 555-0142": {"Jobs": ["REF2 !", "REF1 !"], "Conversations": ["Ana María Ñancupil"]},
    "5550142": {"Jobs": ["REF3", "REF2", "REF1"], "Conversations": ["Ana María Ñancupil"]},
    "9002": {"Jobs": ["REF2 !"]},
    "nancupil an": {"Jobs": ["REF2", "REF1"], "Conversations": ["Ana María Ñancupil"]},
    "donde CAFE": {"Conversations": ["Ana"]},
    "nobody": {},
    "?": {},
    "": {},
}


def test_finds(desk, find):
    found = {term: find(term) for term in FOUND}
    for groups in found.values():
        groups.pop("Events", None)  # they have a test of their own
    assert found == FOUND


def test_whatever_is_typed_is_answered(desk, find):
    for typed in HOSTILE:
        assert set(find(typed)) <= {"Jobs", "Conversations", "Contacts", "Events", "Rejections"}, typed


def test_exact_ones_stand_before_newer_ones(desk, find):
    Job.objects.filter(client_reference="REF3").update(client_reference="REF11")
    assert find("REF1")["Jobs"] == ["REF1 !", "REF11"]


def test_shows_what_tells_one_from_the_other(desk, find, client):
    page = client.get(reverse("admin:search_panel"), {"q": "9002"}).content.decode()
    job = Job.objects.get(client_reference="REF2")
    for words in (
        "Delivery code 9002",
        job.store_name,
        "Ana María Ñancupil",
        "+52 222 555 0142",
        "Slot ",
        "desk-badge",
    ):
        assert words in page
    page = client.get(reverse("admin:search_panel"), {"q": "cafe mi"}).content.decode()
    assert "¿Dónde está <mark>mi</mark> <mark>café</mark>, el del pedido &lt;b&gt;REF2" in page
    assert "#message-" in page


def test_finds_events_by_our_number_and_by_theirs_and_by_what_they_are_about(desk, find):
    event = Event.objects.get(external_id="event-2")
    title = f"#{event.pk} {event.label}"
    assert find("event-2")["Events"] == [f"{title} !"]
    assert next(iter(find(f"#{event.pk}").items())) == ("Events", [f"{title} !"])
    assert title in find(str(event.pk))["Events"]
    assert find("job-2")["Events"] == [title]


def test_finds_rejections_by_number_and_by_what_their_body_holds(source, post, find):
    post(payloads.sample(id="refused-7"), secret="wrong")
    rejection = Rejection.objects.get()
    assert find("refused-7") == {"Rejections": [f"#{rejection.pk} {source}"]}
    assert find(f"#{rejection.pk}") == {"Rejections": [f"#{rejection.pk} {source} !"]}


def test_one_finds_only_what_one_may_view(desk, find, client):
    support = UserFactory(username="ana")
    support.groups.add(Group.objects.get(name="Support"))
    assert set(find(CHAT["job_id"])) == {"Jobs", "Conversations", "Events"}
    client.force_login(support)
    assert set(find(CHAT["job_id"])) == {"Jobs", "Conversations"}
    client.force_login(UserFactory(username="eve"))
    assert find(CHAT["job_id"]) == {}
    client.logout()
    for name in ("search", "search_panel"):
        assert client.get(reverse(f"admin:{name}"), {"q": "ana"}).status_code == 302


def test_enter_opens_the_one_that_is_exact(desk, client, ivo):
    client.force_login(ivo)

    def enter(term, **more):
        return client.get(reverse("admin:search"), {"q": term, **more})

    job = Job.objects.get(client_reference="REF1")
    assert enter("ref1").url == job.get_admin_url()
    assert "Exact match" in enter("ref1", all=1).content.decode()
    assert enter("event-3").url == reverse(
        "admin:webhooks_event_change", args=[Event.objects.get(external_id="event-3").pk]
    )
    for term in ("ana@example.com", "REF", "nobody"):  # several are; none is; nothing is found
        assert enter(term).status_code == 200
    assert "No results for “&lt;b&gt;x”." in enter("<b>x").content.decode()
    assert "What can be found" in enter("").content.decode()


def test_the_lists_and_the_api_find_the_same(desk, client, ivo):
    client.force_login(ivo)
    assert [job["client_reference"] for job in client.get("/api/jobs/?search=9002").json()["results"]] == ["REF2"]
    for model, term in (
        ("orders_job", "9002"),
        ("chat_conversation", "cafe"),
        ("chat_contact", "ana@exam"),
        ("chat_message", "cafe"),
        ("webhooks_event", "event-2"),
    ):
        rows = client.get(reverse(f"admin:{model}_changelist"), {"q": term}).context["cl"].result_list
        assert len(rows) == 1, model


FILL_JOBS = """
    INSERT INTO orders_job (
        provider, client_id, external_id, received_through_id, client_reference, status, operational_model, source,
        cancellation_source, job_comment, delivery_code, payment_method, payment_status, currency_code, store_name,
        store_reference, recipient_name, recipient_email, recipient_phone_number, first_event_at, last_event_at,
        last_event_type, position, snapshot, missing_items, search_name, search_email, phone_digits_reversed, e164
    )
    SELECT 'instaleap', 'client', md5(number::text), %(source)s, 'R' || lpad(number::text, 6, '0'), 'FINISHED',
           'FULL_SERVICE', '', '', '', (number %% 10000)::text, '', '', 'MXN', 'Store', '', name, email, phone, moment,
           moment, 'CREATED', '', '{}', 0, name, email, reverse(phone), '+' || phone
    FROM (
        SELECT number, CASE number %% 5 WHEN 0 THEN 'maria ' ELSE 'person' END || ' number' || number AS name,
               'someone' || number || '@example.com' AS email, (520000000000 + number)::text AS phone,
               now() - (%(rows)s - number) * interval '1 minute' AS moment
        FROM generate_series(1, %(rows)s) AS number
    ) AS person
"""
FILL_CHAT = """
    INSERT INTO chat_contact (
        source_id, external_id, field_versions, deleted,
        name, email, phone_number, avatar_url, city, country, search_name,
        search_email, phone_digits_reversed, e164
    )
    SELECT %(source)s, 'contact-' || number, '{}', FALSE, 'Maria', '', '', '', '', '',
           CASE number %% 5 WHEN 0 THEN 'maria ' ELSE 'person' END || ' number' || number,
           'someone' || number || '@example.com', reverse((520000000000 + number)::text), '+' || (520000000000 + number)
    FROM generate_series(1, %(rows)s) AS number;
    INSERT INTO chat_conversation (
        source_id, external_id, field_versions, deleted,
        subject, account, account_name, channel, channel_name, country, status,
        agent, contact_id, job_id, message_count, last_text, unanswered, active_at
    )
    SELECT %(source)s, 'conversation-' || id, '{}', FALSE, '', '', '', 'WHATSAPP', '', '', '', '', id, md5(id::text), 1,
           '', FALSE, now() - (%(rows)s - id) * interval '1 minute'
    FROM chat_contact;
    INSERT INTO chat_message (
        source_id, external_id, field_versions, deleted,
        conversation_id, sender, direction, kind, text, quoted_id, sent_at,
        versions, search_text
    )
    SELECT %(source)s, 'message-' || id, '{}', FALSE, id, '', 'in', 'text', 'x', '', active_at, '[]',
           CASE id %% 5 WHEN 0 THEN 'hola ' ELSE 'gracias ' END || 'pedido' || id || ' y mas palabras'
    FROM chat_conversation
"""
ROWS = 25_000
BIG = {"orders_job", "chat_contact", "chat_conversation", "chat_message", "webhooks_event"}


@pytest.fixture
def big(source, monkeypatch):
    """Many of everything, of which a fifth is of Marias who say hola; bounds that are as small against it as the
    real ones are against millions.
    """
    monkeypatch.setattr(ranking, "MAX_COMPARED", 100)
    monkeypatch.setattr(ranking, "MAX_SCANNED", 1000)
    monkeypatch.setattr(ranking, "MAX_MATCHES", 50)
    monkeypatch.setattr(ranking, "SAMPLE_SIZE", 100)
    monkeypatch.setattr(chat, "LATEST_LIMIT", 200)
    with connection.cursor() as cursor:
        for statement in (FILL_JOBS, *FILL_CHAT.split(";")):
            cursor.execute(statement, {"source": source.pk, "rows": ROWS})
        cursor.execute(f"ANALYZE {', '.join(BIG)}")


def read_from_end_to_end(statement):
    """Return the big tables of which a statement, run, reads more rows than the bounds allow."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    found, plans = set(), [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while plans:
        node = plans.pop()
        looked_at = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        if node.get("Relation Name") in BIG and looked_at > 1500:
            found.add(node["Relation Name"])
        plans += node.get("Plans", [])
    return found


TERMS = {
    "a reference": "R001234",
    "how all references begin": "R0",
    "an e-mail": "someone123@example.com",
    "a phone": "+52 0000 001234",
    "the end of a phone": "2345",
    "a common name": "maria",
    "a full name": "maria number1234",
    "a common word": "hola",
    "a common word and a rare one": "hola pedido1234",
    "nobody": "nobody",
}


def test_no_term_reads_a_big_table_from_end_to_end(big, ivo):
    assert read_from_end_to_end("SELECT count(*) FROM orders_job WHERE job_comment = 'x'") == {"orders_job"}
    found = []
    for what, term in TERMS.items():
        with CaptureQueriesContext(connection) as asked:
            providers.search_all(ivo, SearchTerm.parse(term), 5)
        assert 0 < len(asked) <= 25, what
        found += [(what, query["sql"][:1500]) for query in asked if read_from_end_to_end(query["sql"])]
    assert found == []


def test_of_a_common_name_it_finds_the_newest_and_says_so(big, ivo, find, client):
    page = client.get(reverse("admin:search_panel"), {"q": "maria"}).content.decode()
    newest = Job.objects.filter(search_name__startswith="maria")[:5]
    assert find("maria")["Jobs"] == [job.client_reference for job in newest]
    assert "The newest 50 of many" in page
    page = client.get(reverse("admin:orders_job_changelist"), {"q": "maria"}).content.decode()
    assert "Only the newest matches are listed" in page
    # What was common once is rare among the newest, and found all the same.
    jobs, *_ = providers.search_all(ivo, SearchTerm.parse("R000"), 5)
    assert jobs.results.is_cut
    assert jobs.results.count == 50
    assert all(hit.title.startswith("R000") for hit in jobs.results.hits)


def test_what_many_share_is_all_found_in_a_small_table(desk, find, monkeypatch):
    monkeypatch.setattr(ranking, "SAMPLE_SIZE", 1)
    monkeypatch.setattr(ranking, "MAX_COMPARED", 0)
    assert find("REF")["Jobs"] == ["REF3", "REF2", "REF1"]
    assert not ranking.newest_matches(Job.objects.filter(client_reference__startswith="REF"), "last_event_at")[1]


def test_matches_among_a_slice_are_read_from_it_alone(desk):
    jobs = Job.objects.order_by("-last_event_at", "-pk")
    matching = jobs.filter(client_reference__startswith="REF").values_list("pk")
    with CaptureQueriesContext(connection) as asked:
        found = ranking.matches_among(jobs[:2], matching)
    assert found == [row for row in jobs[:2].values_list("pk") if row in list(matching)]
    (query,) = asked
    table = r'"orders_job" ORDER BY .* LIMIT 2'
    outer = 'SELECT "orders_job"."id" AS .* FROM "orders_job" WHERE'
    shadowed = rf'WITH "orders_job" AS NOT MATERIALIZED \(SELECT .* FROM {table}\) {outer}'
    assert re.match(shadowed, query["sql"])
