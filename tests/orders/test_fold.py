"""The fold gives the same rows for any order and number of duplicates of the events."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.models import Job, JobItem, Resource, TimelineEntry
from tests import payloads, rows
from tests.factories import SecretFactory
from webhooks.models import Event
from webhooks.processing import processor

hypothesis_with_database = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink or explain a life would take minutes
)


class TestAnyOrder:
    expected = {}  # by life

    @pytest.mark.parametrize("life", payloads.LIVES)
    @hypothesis_with_database
    @given(data=st.data())
    def test_gives_the_same_rows(self, post, process, data, life):
        """A life in its own order, then in any order with duplicates, processed in batches of any size."""
        names = payloads.life(life)
        if life not in self.expected:
            for name in names:
                post(name)
            process()
            self.expected[life] = rows.everything()

        rows.forget()
        shuffled = data.draw(st.permutations(names)) + data.draw(st.lists(st.sampled_from(names), max_size=5))
        cuts = data.draw(st.sets(st.integers(0, len(shuffled)), max_size=4))
        for number, name in enumerate(shuffled):
            post(name)
            if number in cuts:
                process(batch=data.draw(st.integers(1, 40)))
        process(batch=data.draw(st.integers(1, 40)))

        assert rows.everything() == self.expected[life]

    def test_one_by_one_in_reverse(self, post, process):
        names = payloads.life("life-cancelled")
        for name in names:
            post(name)
        process()
        expected = rows.everything()
        rows.forget()

        for name in reversed(names):
            post(name)
            process()

        assert rows.everything() == expected

    def test_replaying_everything_changes_nothing(self, post, process):
        names = [name for life in payloads.LIVES for name in payloads.life(life)]
        random.Random(1).shuffle(names)
        for name in names:
            post(name)
        process()
        expected = rows.everything()
        ids = set(Job.objects.values_list("pk", flat=True)), set(JobItem.objects.values_list("pk", flat=True))

        Event.objects.update(status=Event.Status.PENDING)
        assert process(batch=7) == f"Events: {len(names)} processed"

        assert rows.everything() == expected
        assert ids == (set(Job.objects.values_list("pk", flat=True)), set(JobItem.objects.values_list("pk", flat=True)))

    def test_the_same_event_through_two_sources_is_one_in_the_history(self, post, process):
        other = SecretFactory(value=payloads.SECRET).source
        for name in payloads.life("life-cancelled"):
            post(name)
            post(payloads.body(name), to=other)
            process()

        assert Job.objects.count() == 1
        assert TimelineEntry.objects.count() == 24

    def test_another_body_through_another_source_gives_the_same_whichever_comes_first(self, post, process):
        other = SecretFactory(value=payloads.SECRET).source
        events = [(payloads.sample(), {}), (payloads.sample(job={"job_comment": "changed on the way"}), {"to": other})]
        results = []
        for order in (events, events[::-1]):
            rows.forget()
            for payload, extra in order:
                post(payload, **extra)
                process()
            results.append(rows.everything())

        assert results[0] == results[1]


def event(number, **job):
    """Return the `number`th event, of the sample's job with only these fields."""
    return {
        "id": f"event-{number}",
        "type": "ITEMS_UPDATED",
        "client_id": "CLIENT",
        "created_at": f"2026-03-02T10:00:{number:02d}Z",
        "job": {"id": "job-1"} | job,
    }


class TestSnapshots:
    @pytest.fixture
    def fold(self, post, process):
        def fold(*jobs):
            for number, job in enumerate(jobs):
                assert post(event(number, **job)).status_code == 200
            assert process() == f"Events: {len(jobs)} processed"
            return Job.objects.get()

        return fold

    def test_an_absent_key_changes_nothing(self, fold):
        job = fold(
            {"status": "CREATED", "recipient": {"name": "Ana", "email": "ana@example.com"}, "delivery_code": "1"},
            {"status": "PROCESSING", "recipient": {"name": "Ana María"}},
        )
        assert (job.status, job.delivery_code) == ("PROCESSING", "1")
        assert (job.recipient_name, job.recipient_email) == ("Ana María", "ana@example.com")

    def test_ended_at_is_reset_when_a_job_is_resumed(self, fold, post, process):
        job = fold({"status": "CREATED"}, {"status": "FINISHED"}, {"job_comment": "Thanks"})
        assert job.ended_at == datetime(2026, 3, 2, 10, 0, 1, tzinfo=UTC)
        post(event(3, status="PROCESSING"))
        process()
        assert Job.objects.get().ended_at is None
        post(event(4, status="CANCELLED"))
        process()
        assert Job.objects.get().ended_at == datetime(2026, 3, 2, 10, 0, 4, tzinfo=UTC)

    def test_counts_missing_items_that_were_not_removed(self, fold):
        items = [{"id": str(number), "status": "NOT_FOUND"} for number in range(3)]
        assert fold({"job_items": items}, {"job_items": [items[0] | {"status": "FOUND"}, items[1]]}).missing_items == 1

    def test_a_present_null_replaces(self, fold):
        job = fold({"delivery_code": "1", "recipient": {"name": "Ana"}}, {"delivery_code": None, "recipient": None})
        assert (job.delivery_code, job.recipient_name) == ("", "")

    def test_the_retailers_own_values_are_replaced_as_a_whole(self, fold):
        job = fold({"external_data": {"a": 1, "b": 2}}, {"external_data": {"b": 3}})
        assert job.snapshot["external_data"] == {"b": "3"}

    def test_another_slot_replaces_the_old_one(self, fold):
        job = fold(
            {"slot": {"id": "1", "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"}},
            {"slot": {"id": "2", "from": "2026-03-03T10:00:00Z"}},
        )
        assert (job.slot_from.day, job.slot_to) == (3, None)

    def test_blank_times_are_none(self, fold):
        step = {"id": "s", "status": "DOING", "actual_start": "2026-03-02T10:00:00Z"}
        job = fold(
            {"tasks": [{"id": "t", "steps": [step]}]},
            {"tasks": [{"id": "t", "steps": [step | {"actual_start": "", "optimal_end": "0001-01-01T00:00:00Z"}]}]},
        )
        step = job.tasks.get().steps.get()
        assert (step.actual_start, step.optimal_end) == (None, None)

    def test_a_removed_item_stays_marked(self, fold):
        tea, milk = {"id": "tea", "name": "Tea"}, {"id": "milk", "name": "Milk"}
        job = fold({"job_items": [tea, milk]}, {"job_items": [milk]})
        assert list(job.items.values_list("external_id", "removed")) == [("milk", False), ("tea", True)]

    def test_a_removed_item_can_be_added_back(self, fold):
        tea, milk = {"id": "tea", "name": "Tea"}, {"id": "milk", "name": "Milk"}
        job = fold({"job_items": [tea, milk]}, {"job_items": [milk]}, {"job_items": [milk, {"id": "tea"}]})
        assert list(job.items.values_list("name", "removed")) == [("Milk", False), ("Tea", False)]

    def test_one_product_may_occur_twice(self, fold):
        job = fold(
            {"job_items": [{"id": "tea", "quantity": 1}, {"id": "tea", "quantity": 2}]},
            {"job_items": [{"id": "tea", "quantity": 3}]},
        )
        assert list(job.items.values_list("occurrence", "quantity", "removed")) == [(0, 3, False), (1, 2, True)]

    def test_unknown_types_statuses_models_and_fields_are_stored(self, post, process):
        post(event(1, status="TELEPORTED", operational_model="DRONE", beam="up") | {"type": "JOB_TELEPORTED"})
        process()

        job = Job.objects.get()
        assert (job.status, job.operational_model, job.snapshot["beam"]) == ("TELEPORTED", "DRONE", "up")
        assert job.timeline.get().event_type.label == "JOB_TELEPORTED"

    def test_two_clients_may_have_the_same_job_id(self, post, process):
        post(event(1, status="ONE"))
        post(event(2, status="TWO") | {"client_id": "OTHER"})
        process()
        post(event(3, status="LATER"))
        process()

        assert sorted(Job.objects.values_list("client_id", "status")) == [("CLIENT", "LATER"), ("OTHER", "TWO")]

    def test_the_newest_event_describes_a_resource_whichever_arrives_last(self, post, process):
        def driven(number, phone):
            resource = {"id": "r", "first_name": "Nico", "phone_number": phone}
            return event(number, tasks=[{"id": "t", "resource_id": "r", "resource": resource}])

        post(driven(2, "new"))
        process()
        late = driven(1, "old")
        late["job"]["id"] = "job-2"
        post(late)
        process()

        assert Resource.objects.get().phone_number == "new"

    def test_history_has_the_changes(self, fold):
        job = fold(
            {
                "status": "CREATED",
                "job_items": [{"id": "tea", "name": "Tea", "status": "PENDING", "found_quantity": 0}],
            },
            {"status": "PROCESSING", "job_items": [{"id": "tea", "status": "FOUND", "found_quantity": 1.50}]},
        )
        assert list(job.status_changes.values_list("kind", "name", "from_status", "to_status")) == [
            ("job", "", "", "CREATED"),
            ("job", "", "CREATED", "PROCESSING"),
            ("item", "Tea", "PENDING", "FOUND"),
        ]
        assert job.timeline.last().changes[-1] == {
            "kind": "item",
            "id": "tea",
            "occurrence": 0,
            "name": "Tea",
            "field": "found_quantity",
            "before": "0",
            "after": "1.5",
        }


def test_folds_a_batch_of_many_jobs_with_few_statements(post, source, django_assert_max_num_queries):
    for number in range(30):
        payload = payloads.sample(id=f"event-{number}")
        payload["job"] = payload["job"] | {"id": f"job-{number}"}
        post(payload)
    with django_assert_max_num_queries(25):
        assert processor.process_batch(50).claimed == 30
