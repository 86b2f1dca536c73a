"""`manage.py rebuild`: rows are folded anew from what is stored, and end as they were."""

import pytest
from django.core.management import CommandError, call_command

from chat.models import Contact, Message
from orders.models import Job, JobItem
from tests import payloads, rows


@pytest.fixture
def told(source_of, post, process):
    """Everything that every provider tells in the tests' payloads."""
    for provider in payloads.SIGNED:
        source = source_of(provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=source)
    process()
    return rows.everything()


def test_ends_in_the_same_rows(told, capsys):
    said = call_command("rebuild", "--all")
    assert rows.everything() == told
    assert said.startswith("Rebuilt from ")
    assert capsys.readouterr().err == "", "Progress is for terminals."


def test_mends_what_a_bug_of_ours_wrote(told):
    JobItem.objects.update(found_quantity=99, name="wrong")
    Job.objects.update(recipient_name="wrong")
    Message.objects.update(text="wrong", field_versions={}, versions=[["~", "wrong"]])
    Contact.objects.update(name="wrong")
    call_command("rebuild", "--all")
    assert rows.everything() == told


def test_rebuilds_chosen_jobs_only(told):
    Job.objects.update(recipient_name="wrong")
    chosen = Job.objects.first()
    said = call_command("rebuild", chosen.external_id)
    assert said.endswith("1 jobs, conversations and other objects.")
    assert Job.objects.exclude(recipient_name="wrong").get().external_id == chosen.external_id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "^Name"), (["x", "--all"], "^Name"), (["nothing"], "No processed event is about nothing.")],
)
def test_says_what_it_needs(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("rebuild", *arguments)
