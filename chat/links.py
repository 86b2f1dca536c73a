"""Where in the admin the things are that events became."""

from chat.models import CampaignReport, Contact, Conversation, Group, Ticket
from webhooks.folds import Link
from webhooks.models import Source

MOST = 50  # of each kind


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to what a source's events about `subject` became."""
    links = [
        Link(f"{thing._meta.verbose_name.capitalize()}: {thing}", thing.get_admin_url())
        for thing in [
            *_about(source, Ticket, external_id=subject),
            *_about(source, Contact, external_id=subject),
            *_about(source, Group, external_id=subject),
            *_about(source, CampaignReport, conversation_id=subject),
            *_about(source, Conversation, external_id=subject),
            *_about(source, Conversation, job_id=subject),
            *_about(source, Conversation, messages__external_id=subject),
            *_about(source, Conversation, messages__attachments__external_id=subject),
        ]
    ]
    return list(dict.fromkeys(links))


def _about(source, model, **subject):
    return model.objects.filter(source=source, **subject).defer("told").distinct()[:MOST]
