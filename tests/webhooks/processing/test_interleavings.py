"""In any order of deliveries, crashes, replays, rebuilds and decisions there are the true order's rows in the end."""

from contextlib import suppress

import pytest
from django.core.management import call_command
from django.db import Error, connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import payloads, rows
from webhooks.auth import live_sources
from webhooks.models import Event, Source
from webhooks.processing import conflicts, processor, replay

OF_A_JOB = [("instaleap", name) for name in payloads.life("life-cancelled")]
EVENTS = OF_A_JOB + [
    (provider, name)
    for provider, signed in payloads.SIGNED.items()
    for name in signed
    if (not name.startswith("life-") or name.startswith("life-full-service-chat")) and name.endswith(".json")
]


class Killed(BaseException):
    """The process ended: nothing of ours may catch it."""


class Interruption:
    """At the nth statement of a batch, lose the connection or the whole process."""

    def __init__(self, statement: int, *, kill: bool):
        self.left, self.kill = statement, kill

    def __call__(self, execute, sql, params, many, context):
        if self.left == 0:
            connection.connection.close()  # the server rolls back whatever was not committed
            if self.kill:
                self.left = -1  # what still runs on the way out meets a closed connection
                raise Killed
        self.left -= 1
        return execute(sql, params, many, context)


class Interleavings(RuleBasedStateMachine):
    """The test gives it its fixture `post`, a source of each provider, and the rows of the true order."""

    post = sources = expected = None

    @initialize(events=st.permutations(EVENTS))
    def begin(self, events):
        rows.forget()
        self.waiting = events
        self.delivered = []
        self.forged = set()

    @precondition(lambda self: self.waiting)
    @rule(count=st.integers(1, 20))
    def deliver(self, count):
        for _ in range(min(count, len(self.waiting))):
            event = self.waiting.pop()
            assert self.send(event) == "accepted"
            self.delivered.append(event)

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data):
        assert self.send(data.draw(st.sampled_from(self.delivered))) == "duplicate"

    @precondition(lambda self: set(self.delivered) & set(OF_A_JOB))
    @rule(data=st.data(), status=st.sampled_from(["CANCELLED", "FINISHED"]))
    def forge(self, data, status):
        """Another job under an id, a time and a type that were signed."""
        provider, name = data.draw(st.sampled_from([event for event in self.delivered if event in OF_A_JOB]))
        payload = payloads.load(name)
        payload["job"] = {"id": payload["job"]["id"], "status": status, "job_comment": "forged"}
        assert self.post(payload, to=self.sources[provider]).status_code == 200
        self.forged.add((name, status))

    @precondition(lambda self: self.forged)
    @rule(data=st.data())
    def dismiss(self, data):
        conflicts.dismiss_conflict(self.forgery(data))

    @precondition(lambda self: self.forged)
    @rule(data=st.data(), size=st.integers(0, 60))
    def let_stand_and_take_back(self, data, size):
        forgery = self.forgery(data)
        original = forgery.conflict_of
        conflicts.apply_conflict(forgery)
        if size:
            processor.process_batch(size)
        conflicts.apply_conflict(Event.objects.get(pk=original.pk))

    def forgery(self, data):
        status = [Event.Status.CONFLICT, Event.Status.DISMISSED]
        return data.draw(st.sampled_from(list(Event.objects.filter(status__in=status).order_by("id"))))

    @rule(size=st.integers(1, 60))
    def batch(self, size):
        processor.process_batch(size)

    @rule(size=st.integers(1, 60), statement=st.integers(0, 40), kill=st.booleans())
    def crash(self, size, statement, kill):
        with suppress(Killed, Error), connection.execute_wrapper(Interruption(statement, kill=kill)):
            processor.process_batch(size)
        connection.close()

    @rule(statement=st.integers(0, 200), kill=st.booleans())
    def rebuild(self, statement, kill):
        """Interrupt a rebuild, then run another from its beginning."""
        with suppress(Killed, Error), connection.execute_wrapper(Interruption(statement, kill=kill)):
            call_command("rebuild", "--all")
        connection.close()
        call_command("rebuild", "--all")

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def replay(self, data):
        ids = sorted(
            Event.objects.exclude(status=Event.Status.CONFLICT).values_list("id", flat=True)
        )  # replay excludes the dismissed ones
        replay.replay_events(Event.objects.filter(id__in=data.draw(st.lists(st.sampled_from(ids), min_size=1))))

    @rule(provider=st.sampled_from(list(payloads.SIGNED)), state=st.sampled_from(["active", "paused"]))
    def pause_or_resume(self, provider, state):
        Source.objects.filter(provider=provider).update(state=state)
        live_sources.clear_source_cache()

    @invariant()
    def each_is_kept_once_and_none_is_given_up(self):
        if hasattr(self, "delivered"):  # it has begun
            assert Event.objects.count() == len(self.delivered) + len(self.forged)
            assert not Event.objects.filter(status__in=[Event.Status.DEAD, Event.Status.UNREADABLE]).exists()

    def teardown(self):
        """Whatever is still to come comes, and all of it is processed."""
        if not hasattr(self, "delivered"):
            return
        for event in self.waiting:
            self.send(event)
        Source.objects.update(state=Source.State.ACTIVE)
        finish()
        assert rows.everything() == self.expected

    def send(self, event):
        provider, name = event
        answer = self.post(name, to=self.sources[provider])
        assert answer.status_code == 200
        return answer.json()["status"]


def finish():
    while processor.process_batch(200).claimed:
        pass
    assert set(Event.objects.values_list("status", flat=True)) <= {
        Event.Status.PROCESSED,
        Event.Status.CONFLICT,
        Event.Status.DISMISSED,
    }


@pytest.mark.django_db(transaction=True)  # a connection that is lost takes its transaction with it
def test_any_interleaving_ends_in_the_rows_of_the_true_order(source_of, post):
    class Ours(Interleavings):
        sources = {provider: source_of(provider) for provider in payloads.SIGNED}

    Ours.post = staticmethod(post)
    in_order = Ours()
    for event in EVENTS:
        in_order.send(event)
    finish()
    Ours.expected = rows.everything()
    assert all(Ours.expected[model] for model in ("Job", "TimelineEntry", "Conversation", "Message", "Contact"))

    run_state_machine_as_test(
        Ours,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink an interleaving would take minutes
        ),
    )
