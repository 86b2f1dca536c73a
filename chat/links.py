"""Where in the admin the things are that events became."""

from collections.abc import Iterator

from django.db.models import Model

from chat.models import CampaignReport, Contact, Conversation, Group, Message, Ticket
from webhooks.folds import Link
from webhooks.models import Source

MOST = 50  # of each kind


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to what a source's events about `subject` became."""
    links = [
        Link(f"{thing._meta.verbose_name.capitalize()}: {thing}", thing.get_admin_url())
        for thing in _things(source, subject)
    ]
    return list(dict.fromkeys(links))


def rows(source: Source, subject: str) -> Iterator[Model]:
    """Yield what a source's events about `subject` became, and the messages that they tell of."""
    yield from dict.fromkeys(_things(source, subject))
    yield from _about(source, Message, external_id=subject)
    yield from _about(source, Message, conversation__external_id=subject)


def _things(source, subject):
    return [
        *_about(source, Ticket, external_id=subject),
        *_about(source, Contact, external_id=subject),
        *_about(source, Group, external_id=subject),
        *_about(source, CampaignReport, conversation_id=subject),
        *_about(source, Conversation, external_id=subject),
        *_about(source, Conversation, job_id=subject),
        *_about(source, Conversation, messages__external_id=subject),
        *_about(source, Conversation, messages__attachments__external_id=subject),
    ]


def _about(source, model, **subject):
    return model.objects.filter(source=source, **subject).defer("told").distinct()[:MOST]
