"""`manage.py rebuild`: rebuilding from the stored events gives the same rows."""

import pytest
from django.core.management import CommandError, call_command

from chat.models import Contact, Message
from orders.models import Job, JobItem
from tests import payloads, rows


@pytest.fixture
def processed(source_of, post, process):
    """Everything that every provider tells in the tests' payloads."""
    for provider in payloads.SIGNED:
        source = source_of(provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=source)
    process()
    return rows.everything()


def test_ends_in_the_same_rows(processed, capsys):
    said = call_command("rebuild", "--all")
    assert rows.everything() == processed
    assert said.startswith("Rebuilt from ")
    assert capsys.readouterr().err == "", "Progress is for terminals."


def test_corrects_rows_that_a_bug_wrote(processed):
    JobItem.objects.update(found_quantity=99, name="wrong")
    Job.objects.update(recipient_name="wrong")
    Message.objects.update(text="wrong", field_versions={}, versions=[["~", "wrong"]])
    Contact.objects.update(name="wrong")
    call_command("rebuild", "--all")
    assert rows.everything() == processed


def test_rebuilds_chosen_jobs_only(processed):
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
