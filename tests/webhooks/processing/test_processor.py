"""The worker: batches, poison, order among workers, and what it says."""

import threading

import pytest
from django.db import connection, connections

from chat.models import Contact, Conversation
from orders.models import Job
from tests import payloads
from webhooks.models import Event, Worker
from webhooks.processing import projections
from webhooks.processing.processor import process_batch


def other(number, **job):
    payload = payloads.sample(id=f"event-{number}", job=job)
    payload["job"] |= {"id": f"job-{number}"} | job
    return payload


def test_a_poison_event_is_alone_and_says_why(post, process):
    post(other(1))
    post(other(2, payment_value="much"))
    post(other(3))

    assert process() == "Events: 1 dead, 2 processed"
    dead = Event.objects.get(status=Event.Status.DEAD)
    assert dead.error == "job.payment_value: Input should be a valid decimal"
    assert (dead.external_id, dead.attempts) == ("event-2", 1)
    assert Job.objects.count() == 2


def test_an_event_that_cannot_be_applied_fails_alone(post, process, monkeypatch):
    apply = projections.apply_changes

    def breaks_on_one(changes, history):
        if any(change.event.external_id == "event-2" for change in changes):
            raise ZeroDivisionError("a bug of ours")
        apply(changes, history)

    monkeypatch.setattr(projections, "apply_changes", breaks_on_one)
    for number in range(5):
        post(other(number))

    assert process() == "Events: 1 dead, 4 processed"
    assert Event.objects.get(status=Event.Status.DEAD).error == "ZeroDivisionError: a bug of ours"
    assert Job.objects.count() == 4


def test_what_nothing_reads_is_kept_as_ignored(post, process):
    answer = post({"id": "1", "created_at": "2026-03-02T10:00:00Z", "type": "SOMETHING_ELSE"})

    assert answer.status_code == 200
    assert process() == "Events: none"
    event = Event.objects.get()
    assert (event.status, event.label) == (Event.Status.IGNORED, "SOMETHING_ELSE")


def test_once_reports_its_work_and_no_worker_remains(post, process):
    post(other(1))
    post(other(2))

    assert process(batch=1) == "Events: 2 processed"
    assert process() == "Events: none"
    assert not Worker.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestSeveralWorkers:
    def in_another_worker(self, work):
        """Run `work` in a thread with a connection of its own."""
        result = []

        def run():
            try:
                result.append(work())
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)
        return result[0]

    def test_a_subject_is_in_one_at_a_time(self, post):
        post(payloads.sample())
        post(other(2))
        subject = payloads.sample()["job"]["id"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"instaleap:{subject}"])
            assert self.in_another_worker(lambda: process_batch(10)).claimed == 1
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"instaleap:{subject}"])

        assert Event.objects.get(status=Event.Status.PENDING).subject == subject
        assert process_batch(10).claimed == 1

    def test_two_at_once_process_each_event_once(self, post, process):
        names = [name for life in payloads.LIVES for name in payloads.life(life)]
        for name in names:
            post(name)

        assert self.process_in_three() == len(names)

        assert set(Event.objects.values_list("status", "attempts")) == {(Event.Status.PROCESSED, 1)}
        assert sorted(Job.objects.values_list("status", flat=True)) == ["CANCELLED", "FINISHED", "FINISHED"]

    def test_who_tell_of_the_same_conversation_wait_for_each_other(self, post, source_of):
        """Each event is a subject of its own, and all of them write to the same rows."""
        docssmith = source_of("docssmith")
        kevin, store = {"id": "kevin", "username": "Kevin"}, {"id": "store", "username": "Plaza"}
        post({"type": "conversation.created", "payload": {"id": "c", "contact": kevin, "created_at": 1}}, to=docssmith)
        for number in range(60):
            message = {"id": f"m{number}", "conversation_id": "c", "message": str(number), "created_at": 100 + number}
            contact = (kevin, store)[number % 2] | {"last_active_at": 100 + number}
            post({"type": "message.created", "payload": message | {"contact": contact}}, to=docssmith)

        assert self.process_in_three() == 61

        assert set(Event.objects.values_list("status", "attempts")) == {(Event.Status.PROCESSED, 1)}
        conversation = Conversation.objects.get()
        assert (conversation.message_count, conversation.last_text, conversation.unanswered) == (60, "59", False)
        assert conversation.messages.filter(direction="in").count() == 30
        assert {contact.last_active_at.second for contact in Contact.objects.all()} == {38, 39}

    def process_in_three(self):
        """Let three workers process what waits, in small batches; return how many events they claimed."""
        counts = []

        def work():
            try:
                while Event.objects.filter(status__in=Event.WAITING).exists():
                    counts.append(process_batch(5).claimed)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)

        return sum(counts)
