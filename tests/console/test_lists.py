"""Lists: filters, pages and views of what they show, through their pages."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.models import Conversation
from console.changelist import changelist, keyset, modeladmin
from console.changelist.filters import midnight
from console.models import SavedView
from orders.models import Job
from tests.factories import UserFactory
from webhooks.models import Event

JOBS, CONVERSATIONS, EVENTS = "/admin/orders/job/", "/admin/chat/conversation/", "/admin/webhooks/event/"


@pytest.fixture
def job(source):
    """Make a job whose event came a minute before that of the job made before it."""
    made = []

    def job(reference, **values):
        now = timezone.now() - timedelta(minutes=len(made))
        made.append(reference)
        values = {"external_id": reference, "last_event_at": now, "first_event_at": now, "snapshot": {}} | values
        return Job.objects.create(
            provider="instaleap",
            client_id="CLIENT",
            received_through=source,
            client_reference=reference,
            last_event_type="CREATED",
            **{"missing_items": 0} | values,
        )

    return job


@pytest.fixture
def listed(client, ivo):
    """Return what stands in the first column of a list, in its order."""
    client.force_login(ivo)

    def listed(url):
        cache.clear()
        page = client.get(url)
        assert page.status_code == 200, url
        return [str(row) for row in page.context["cl"].result_list]

    return listed


def today(hour=12):
    return midnight(timezone.localdate()) + timedelta(hours=hour)


@pytest.mark.clock
class TestJobs:
    @pytest.fixture(autouse=True)
    def jobs(self, job, source):
        now = timezone.now()
        job("a", status="PROCESSING", slot_from=today(), slot_to=now - timedelta(hours=1), store_name="Súper Centro")
        job("b", status="PROCESSING", slot_from=today(), slot_to=now - timedelta(hours=5), missing_items=2)
        job("c", status="CANCELLED", slot_from=today(), slot_to=now - timedelta(hours=9), ended_at=now, missing_items=1)
        job("d", status="CANCELLED", slot_from=today(-12), ended_at=now - timedelta(days=3), store_name="Súper Norte")
        job("e", status="CREATED", slot_from=today(36), slot_to=today(37), operational_model="FULL_SERVICE")
        job("f", status="UNHEARD_OF", slot_from=today(60), slot_to=today(61), store_reference="31")
        for number, about in enumerate("ae"):
            Conversation.objects.create(
                source=source, external_id=about, job_id=about, unanswered=not number, account="CLIENT"
            )
        Conversation.objects.create(source=source, external_id="x", job_id="f", unanswered=True, account="ANOTHER")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "abcdef"),
            ("status=CANCELLED", "cd"),
            ("status=UNHEARD_OF", "f"),
            ("status=NEVER", ""),
            ("operational_model=FULL_SERVICE", "e"),
            ("slot=today", "abc"),
            ("slot=tomorrow", "e"),
            ("slot=late", "ba"),  # the longest first
            ("slot=under-way", "baef"),
            ("slot=anything", ""),
            ("missing=yes", "bc"),
            ("missing=yes&slot=today&status=PROCESSING", "b"),
            ("ended=today", "c"),
            ("ended=today&status=CANCELLED", "c"),
            ("store=Súper Centro", "a"),
            ("store=super", "ad"),
            ("store=NORTE sup", "d"),
            ("store=nowhere", ""),
            ("unanswered=yes", "a"),
            ("status=&slot=&store=&missing=", "abcdef"),
            ("slot_day_from=never", ""),
            ("slot_day_to=0001-01-01", ""),
            ("slot_day_to=9999-12-31", ""),  # no day comes after it
        ],
    )
    def test_filters(self, listed, query, found):
        assert "".join(listed(f"{JOBS}?{query}")) == found

    def test_more_unanswered_chats_than_the_limit_are_reported(self, client, ivo, monkeypatch):
        client.force_login(ivo)
        said = "the 2 most recently active unanswered conversations; there are more"
        monkeypatch.setattr("chat.filters.UNANSWERED_LIMIT", 2)
        assert said not in client.get(f"{JOBS}?unanswered=yes").content.decode()
        Conversation.objects.filter(external_id="e").update(unanswered=True)
        assert said in client.get(f"{JOBS}?unanswered=yes").content.decode()

    def test_days_of_the_slot_include_the_last(self, listed):
        day = timezone.localdate()
        first, last = day - timedelta(days=1), day + timedelta(days=1)
        assert listed(f"{JOBS}?slot_day_from={first}&slot_day_to={last}") == list("abcde")
        assert listed(f"{JOBS}?slot_day_from={day}&slot_day_to={day}") == list("abc")
        assert listed(f"{JOBS}?slot_day_from={last}") == list("ef")

    def test_a_day_begins_where_the_reader_is(self, client, listed):
        with timezone.override("America/Mexico_City"):
            midnight_there = midnight(timezone.localdate())
        Job.objects.filter(client_reference="d").update(slot_from=midnight_there)
        Job.objects.filter(client_reference="e").update(slot_from=midnight_there - timedelta(seconds=1))
        day = midnight_there.date()
        client.cookies["time_zone"] = "America/Mexico_City"
        found = listed(f"{JOBS}?slot_day_from={day}&slot_day_to={day}")
        assert "d" in found
        assert "e" not in found

    def test_a_day_may_have_no_midnight(self, client, listed):
        client.cookies["time_zone"] = "America/Santiago"
        for reference, minute in (("d", 59), ("e", 60)):
            start = datetime(2020, 9, 6, 3, tzinfo=UTC) + timedelta(minutes=minute)
            Job.objects.filter(client_reference=reference).update(slot_from=start)
        assert listed(f"{JOBS}?slot_day_from=2020-09-06&slot_day_to=2020-09-06") == ["e"]
        assert listed(f"{JOBS}?slot_day_from=2020-09-05&slot_day_to=2020-09-05") == ["d"]

    def test_choices_are_what_there_is(self, client, ivo):
        client.force_login(ivo)
        page = client.get(JOBS).content.decode()
        assert '<option value="UNHEARD_OF">Unheard of</option>' in page
        assert '<option value="Súper Norte"></option>' in page
        assert '<option value="REFUSED">' not in page
        assert '<option value="REFUSED" selected>' in client.get(f"{JOBS}?status=REFUSED").content.decode()

    def test_badges_say_it_in_words(self, client, ivo):
        client.force_login(ivo)
        page = client.get(f"{JOBS}?store=&missing=yes").content.decode()
        assert ">2 missing</span>" in page
        assert ">Late</span>" in page
        assert "Enter a valid date." in client.get(f"{JOBS}?slot_day_from=never").content.decode()

    def test_orders_by_slot_and_by_no_column_without_an_index(self, listed):
        columns = ["reference", "colored_status", "customer", "slot"]
        slot = columns.index("slot")
        assert listed(f"{JOBS}?o={slot}") == list("dabcef")
        assert listed(f"{JOBS}?o=-{slot}") == list("fecbad")
        for order in ("0", "1.2", "99", "-", "x", "²", "9" * 30):
            assert listed(f"{JOBS}?o={order}") == list("abcdef")


@pytest.mark.clock
class TestConversations:
    @pytest.fixture(autouse=True)
    def conversations(self, source, source_of):
        def waits(since):
            return {"unanswered": True, "unanswered_since": since}

        now = timezone.now()
        whatsapp = source_of("oneroute", slug="oneroute")
        for number, (name, values) in enumerate(
            {
                "a": {"source": source, "channel": "INSTALEAP", "job_id": "job", "active_at": today()},
                "b": {
                    "source": whatsapp,
                    "channel": "WHATSAPP",
                    "status": "in-queue",
                    "unanswered": True,
                    "unanswered_since": now,
                },
                "c": {"source": whatsapp, "channel": "WHATSAPP", "status": "closed", "active_at": today(-1)},
                "d": {
                    "source": whatsapp,
                    "channel": "TELEGRAM",
                    "unanswered": True,
                    "active_at": None,
                    "unanswered_since": today(-9),
                },
            }.items()
        ):
            values = {"active_at": now - timedelta(days=9, minutes=number)} | values
            Conversation.objects.create(external_id=name, subject=name, **values)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "acbd"),
            ("channel=WHATSAPP", "cb"),
            ("channel=TELEGRAM", "d"),
            ("provider=oneroute", "cbd"),
            ("provider=nobody", ""),
            ("status=in-queue", "b"),
            ("unanswered=yes", "db"),  # the longest first
            ("job=yes", "a"),
            ("job=no", "cbd"),
            ("active=today", "a"),
            ("active=yesterday", "c"),
            ("source=x", ""),
            ("channel=WHATSAPP&status=closed&job=no", "c"),
        ],
    )
    def test_filters(self, listed, query, found):
        assert "".join(listed(f"{CONVERSATIONS}?{query}")) == found

    def test_by_source(self, listed, source):
        assert listed(f"{CONVERSATIONS}?source={source.pk}") == ["a"]


class TestLeaves:
    """However it is paged through, each row is seen once, in the list's order."""

    ORDERS = [
        ["-last_event_at", "-id"],
        ["slot_from", "id"],
        ["-slot_from", "-id"],
        ["slot_from", "-last_event_at", "id"],
    ]

    @pytest.fixture
    def jobs(self, job):
        moments = [None, *(today(hour) for hour in range(3))]
        for number in range(23):
            job(str(number), slot_from=moments[number % 4], last_event_at=today(number // 5))
        return Job.objects.all()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
    @given(
        order=st.sampled_from([0, 1, 2, 3]),
        nulls=st.sampled_from([None, "nulls_first", "nulls_last"]),
        size=st.integers(1, 9),
        backwards=st.booleans(),
    )
    def test_every_row_once(self, jobs, order, nulls, size, backwards):
        ordering = list(self.ORDERS[order])
        if nulls and "slot_from" in ordering[0]:
            column = F("slot_from")
            ordering[0] = (column.desc if ordering[0][0] == "-" else column.asc)(**{nulls: True})
        queryset = jobs.order_by(*ordering)
        expected = list(queryset)
        columns = keyset.columns_of(queryset)
        walked = [column.reverse() for column in columns] if backwards else columns
        seen, values = [], None
        while rows := keyset.rows_beyond(queryset, walked, values, size):
            seen += rows
            values = keyset.values_at(columns, keyset.cursor_of(columns, rows[-1]))
        assert seen == (expected[::-1] if backwards else expected)

    def test_on_the_page(self, jobs, client, ivo, monkeypatch):
        monkeypatch.setattr(modeladmin.ListAdmin, "list_per_page", 10)
        client.force_login(ivo)
        every = [str(job) for job in Job.objects.all()]

        def links(url):
            page = client.get(url)
            content = page.content.decode()
            shown = [str(row) for row in page.context["cl"].result_list]
            assert "23 rows" in content
            nav = content.partition('aria-label="Pages"')[2]
            found = re.findall(r'href="([^"]*)">(?:← )?(\w+)', nav.partition("</nav>")[0])
            return shown, {name: JOBS + unescape(url) for url, name in found}

        first, there = links(JOBS)
        assert (first, set(there)) == (every[:10], {"Next", "Last"})
        second, there = links(there["Next"])
        assert (second, set(there)) == (every[10:20], {"First", "Previous", "Next", "Last"})
        assert links(there["Previous"])[0] == every[:10]
        third, there = links(there["Next"])
        assert (third, set(there)) == (every[20:], {"First", "Previous"})
        last, there = links(f"{JOBS}?before=end")
        assert last == every[-10:]
        middle, there = links(there["Previous"])
        assert middle == every[3:13]
        assert links(there["Previous"])[0] == every[:10]  # a whole page, not the three that are left

    @pytest.mark.parametrize(
        "cursor", ["x", "[]", "[1,2]", '["","",""]', '["2026","\\u0000"]', "[" * 5000, '[null,"9e99"]']
    )
    def test_what_names_no_row_begins_at_the_beginning(self, jobs, listed, cursor):
        assert len(listed(f"{JOBS}?after={cursor}")) == 23

    def test_counting_stops_and_says_so(self, jobs, client, ivo, monkeypatch):
        monkeypatch.setattr(modeladmin.ListAdmin, "list_per_page", 5)
        monkeypatch.setattr(changelist.BoundedPaginator, "max_count", 12)
        client.force_login(ivo)
        assert "More than 12; counted no further." in client.get(JOBS).content.decode()
        assert "counted no further" not in client.get(f"{JOBS}?slot_day_from=2999-01-01").content.decode()
        assert client.get(f"{JOBS}?q=1&p=999").status_code == 200  # what is searched ends at the bound


@pytest.mark.clock
class TestEvents:
    @pytest.fixture(autouse=True)
    def events(self, source, source_of):
        other = source_of("tawk", slug="tawk")
        now = timezone.now()
        for number, (type, status, error, at) in enumerate(
            [
                ("CREATED", "processed", "", source),
                ("CREATED", "dead", "job.payment_value: Input should be a valid decimal", source),
                ("CHAT", "retrying", "OperationalError: gone", source),
                ("chat:start", "ignored", "", other),
                ("chat:start", "dead", "KeyError: 'x'", other),
            ]
        ):
            Event.objects.create(
                source=at,
                type=type,
                subject="s",
                external_id=str(number),
                dedup_key=bytes([number]) * 32,
                body_hash=bytes(32),
                body=b"{}",
                status=status,
                error=error,
                received_at=now - timedelta(hours=number),
                occurred_at=now - timedelta(days=number),
            )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("type=CREATED", "10"),
            ("status=dead", "41"),
            ("error=VALID dec", "1"),
            ("error=Error", "42"),
            ("error=Error&status=retrying", "2"),
            ("received_from={h2}", "012"),
            ("received_to={h2}", "34"),
            ("received_from={h3}&received_to={h1}&type=CHAT", "2"),
            ("received_from=soon", ""),
        ],
    )
    def test_filters(self, client, listed, query, found):
        client.cookies["time_zone"] = "UTC"

        def before(**span):
            moment = timezone.now() - timedelta(**span) - timedelta(minutes=2)
            return f"{moment:%Y-%m-%dT%H:%M}"

        query = query.format(h1=before(hours=1), h2=before(hours=2), h3=before(hours=3), d1=before(days=1))
        events = {f"{event}": event.external_id for event in Event.objects.all()}
        assert "".join(events[name] for name in listed(f"{EVENTS}?{query}")) == found

    def test_an_hour_that_a_clock_change_repeats_is_both_hours_or_the_one_of_an_offset(self, client, listed):
        before, after = Event.objects.filter(external_id__in="01").order_by("external_id")
        for event, hour in ((before, 5), (after, 6)):
            Event.objects.filter(pk=event.pk).update(received_at=datetime(2020, 11, 1, hour, 30, tzinfo=UTC))
        client.cookies["time_zone"] = "America/New_York"
        assert listed(f"{EVENTS}?received_from=2020-11-01T01:30&received_to=2020-11-01T01:31") == [
            str(after),
            str(before),
        ]
        url = f"{EVENTS}?received_from=2020-11-01T01:00-05:00&received_to=2020-11-01T02:00"
        assert listed(url) == [str(after)]
        assert 'value="2020-11-01T01:00"' in client.get(url).content.decode()

    def test_all_that_is_filtered_is_processed_again_after_a_look_at_it(self, client, ivo):
        client.force_login(ivo)
        url = f"{EVENTS}?status=dead&type=CREATED"
        assert "Process the listed event again…" in client.get(url).content.decode()
        assert "Process all 2 again…" in client.get(f"{EVENTS}?status=dead").content.decode()
        everything = {"action": "replay", "select_across": "1", "_selected_action": "0", "index": "0"}
        page = client.post(url, everything).content.decode()
        assert "Process 1 event again" in page
        assert Event.objects.filter(status="dead").count() == 2
        del everything["index"]
        page = client.post(url, everything | {"confirmed": "yes"}, follow=True).content.decode()
        assert "1 event will be processed again." in page
        assert set(Event.objects.filter(status="pending").values_list("external_id", flat=True)) == {"1"}
        assert (
            "To be processed again: 1 events of ?status=dead&amp;type=CREATED"
            in client.get("/admin/admin/logentry/").content.decode()
        )

    def test_more_than_are_done_at_a_time_are_said(self, client, ivo, monkeypatch):
        monkeypatch.setattr("webhooks.admin.replay.MAX_EVENTS", 1)
        client.force_login(ivo)
        everything = {"action": "replay", "select_across": "1", "_selected_action": "0"}
        assert (
            "More events match than can be processed at a time"
            in client.post(f"{EVENTS}?status=dead", everything).content.decode()
        )
        page = client.post(f"{EVENTS}?status=dead", everything | {"confirmed": "yes"}, follow=True).content.decode()
        assert "1 event will be processed again. More events match" in page
        assert Event.objects.filter(status="dead").count() == 1


class WithDeliveryCode(admin.SimpleListFilter):
    """A filter that knows nothing of the console's."""

    title = "delivery code"
    parameter_name = "with_code"

    def lookups(self, request, model_admin):
        return [("yes", "With a code"), ("no", "Without one")]

    def queryset(self, request, queryset):
        return queryset.exclude(delivery_code="") if self.value() == "yes" else queryset


class TestFilterTemplates:
    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            (JOBS, '<select name="status"'),
            (CONVERSATIONS, '<input type="checkbox" name="unanswered"'),
            (EVENTS, '<input name="type"'),
            (EVENTS, '<input type="datetime-local" name="received_from"'),
        ],
    )
    def test_a_filter_shows_as_its_template(self, client, ivo, path, shown):
        client.force_login(ivo)
        assert shown in re.sub(r"\s+", " ", client.get(path).text)

    def test_a_filter_of_djangos_own_shows_and_narrows(self, client, ivo, job, monkeypatch):
        job("a", delivery_code="1234"), job("b")
        for filters in ([WithDeliveryCode], [WithDeliveryCode, "currency_code"]):
            monkeypatch.setattr(admin.site._registry[Job], "list_filter", filters)
            client.force_login(ivo)
            page = client.get(f"{JOBS}?with_code=yes")
            assert [str(row) for row in page.context["cl"].result_list] == ["a"]
            assert "With a code" in page.text


class TestViews:
    @pytest.fixture
    def ana(self, client, db):
        return self.somebody("ana", "Support")

    def somebody(self, name, role):
        user = UserFactory(username=name)
        user.groups.add(Group.objects.get(name=role))
        return user

    def tabs(self, client, url=JOBS):
        page = client.get(url).content.decode()
        nav = page.partition('aria-label="Views"')[2].partition("</nav>")[0]
        return {
            unescape(" ".join(re.sub("<[^>]*>", "", name).split())): unescape(query)
            for query, name in re.findall(r'href="\?([^"]*)"[^>]*>(.*?)</a>', nav, re.DOTALL)
        }

    def save(self, client, name, query="", **values):
        return client.post(f"{JOBS}view/", {"name": name, "query": query} | values, follow=True).content.decode()

    def test_each_built_in_one_opens(self, client, ivo):
        client.force_login(ivo)
        for url in (JOBS, CONVERSATIONS, EVENTS, "/admin/chat/message/"):
            for name, query in self.tabs(client, url).items():
                page = client.get(f"{url}?{query}")
                assert page.status_code == 200
                current = re.search(r'aria-current="page">([^<]*)', page.content.decode().partition('"Views"')[2])
                assert unescape(current[1].strip()) == name
        assert {"Late now", "Missing items today", "Cancelled today", "Unanswered chat"} <= set(self.tabs(client))

    def test_is_saved_and_changed_and_deleted(self, client, ana):
        client.force_login(ana)
        assert "Save as a view" in client.get(f"{JOBS}?status=REFUSED&q=maria").content.decode()
        self.save(client, "Refused", "?q=maria&status=REFUSED&store=&after=[1]&p=2")
        assert self.tabs(client)["Refused"] == "q=maria&status=REFUSED"
        self.save(client, " Refused ", "status=REFUSED")
        assert self.tabs(client)["Refused"] == "status=REFUSED"
        view = SavedView.objects.get()
        assert "Change this view" in client.get(f"{JOBS}?status=REFUSED").content.decode()
        self.save(client, "Turned down", id=view.pk)
        assert self.tabs(client)["Turned down"] == "status=REFUSED"
        self.save(client, "Turned down", id=view.pk, delete="yes")
        assert not SavedView.objects.exists()

    def test_needs_a_name_of_its_own(self, client, ana):
        client.force_login(ana)
        assert "Enter a name for the view." in self.save(client, "  ", "status=REFUSED")
        self.save(client, "One", "status=REFUSED")
        self.save(client, "Two", "status=CREATED")
        two = SavedView.objects.get(name="Two")
        assert "You already have a view “One”." in self.save(client, "One", id=two.pk)
        assert set(self.tabs(client)) >= {"One", "Two"}

    def test_is_ones_own_unless_shared_by_who_may(self, client, ana):
        client.force_login(ana)
        self.save(client, "Hers", "status=REFUSED", is_shared="on")
        admin = self.somebody("ian", "Integration admin")
        client.force_login(admin)
        assert "Hers" not in self.tabs(client)
        self.save(client, "For all", "status=CREATED", is_shared="on")
        client.force_login(ana)
        assert self.tabs(client)["For all shared"] == "status=CREATED"
        shared = SavedView.objects.get(name="For all")
        assert "Change this view" not in client.get(f"{JOBS}?status=CREATED").content.decode()
        for values in ({}, {"delete": "yes"}):
            assert client.post(f"{JOBS}view/", {"name": "x", "id": shared.pk} | values).status_code == 403
        client.force_login(self.somebody("ivan", "Integration admin"))
        self.save(client, "For everybody", id=shared.pk, is_shared="on")
        shared.refresh_from_db()
        assert (shared.name, shared.user) == ("For everybody", admin)
        hers = SavedView.objects.get(name="Hers")
        assert client.post(f"{JOBS}view/", {"name": "x", "id": hers.pk}).status_code == 403
        for id in ("x", "-1", "9" * 40):
            assert client.post(f"{JOBS}view/", {"name": "x", "id": id}).status_code == 403

    def test_hostile_words_stay_words(self, client, ana):
        client.force_login(ana)
        self.save(client, "<script>alert(1)</script>", 'store="><script>alert(2)</script>')
        page = client.get(JOBS).content.decode()
        assert "<script>alert" not in page
        assert self.save(client, "x", "a" * 100_000)
        assert client.get(f"{JOBS}?store=%22%3E%3Cscript%3Ealert(2)").content.decode().count("<script>alert") == 0
