"""The projection of chat events into conversations, contacts, messages and tickets."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Model
from django.utils.translation import gettext as _

from chat import fold, models
from chat.models import CampaignReport, Contact, Conversation, Group, Message, Ticket
from console.formatting.text import shorten
from webhooks.links import Link
from webhooks.models import Event, Source
from webhooks.payloads import conversations
from webhooks.payloads.parsing import NotJSONError
from webhooks.payloads.schema import UnreadableError
from webhooks.processing.projections import (
    Change,
    Effect,
    FieldChange,
    Projection,
    SubjectHistory,
    SubjectOfSource,
    registry,
)

MOST = 50  # of each kind
_LONGEST = 200  # characters of a value
# What a row's name and page need.
_RELATED = {Conversation: "contact", Message: "conversation", models.Attachment: "message__conversation"}


@registry.register
class ConversationProjection(Projection):
    """The conversations, contacts, messages and tickets, derived from the values of chat events."""

    value_type = conversations.Value

    def apply(self, changes: list[Change], history: SubjectHistory) -> None:
        """Write the changes into the rows, which keep the position of each value and need no history."""
        fold.fold(changes)

    def admin_links(self, source: Source, subject: str) -> list[Link]:
        """Return links to the objects that a source's events about `subject` created."""
        links = [
            Link(f"{thing._meta.verbose_name.capitalize()}: {thing}", thing.get_admin_url())
            for thing in _things(source, subject)
        ]
        return list(dict.fromkeys(links))

    def labels(self, subjects: set[SubjectOfSource]) -> dict[SubjectOfSource, str]:
        """Return the labels of the objects with these ids."""
        found = {}
        for model in (Ticket, Contact, Group, Conversation):
            of_these = model.objects.filter(source__in={source for source, _ in subjects})
            of_these = of_these.filter(external_id__in={subject for _, subject in subjects}).defer("field_versions")
            named = {(row.source_id, row.external_id): row for row in of_these.select_related(_RELATED.get(model))}
            found |= {key: str(row) for key in subjects if (row := named.get((key[0].pk, key[1])))}
        return found

    def rows(self, source: Source, subject: str) -> Iterator[Model]:
        """Yield the rows that a source's events about `subject` created, and its messages."""
        yield from dict.fromkeys(_things(source, subject))
        yield from _about(source, Message, external_id=subject)
        yield from _about(source, Message, conversation__external_id=subject)

    def effects(self, event: Event) -> Iterator[Effect]:
        """Yield the fields that an event reports of each object, and whether they still have these values."""
        try:
            values = [value for value in event.source.get_provider().read(bytes(event.body)) if _is_ours(value)][:MOST]
        except (UnreadableError, NotJSONError):  # its body was purged, or the reader has changed since
            return
        by_model = defaultdict(set)
        for value in values:
            by_model[_model_of(value)].add(value.id)
        rows = {
            (model, row.external_id): row
            for model, ids in by_model.items()
            for row in model.objects.filter(source=event.source_id, external_id__in=ids).select_related(
                _RELATED.get(model)
            )
        }
        for value in values:
            if row := rows.get((_model_of(value), value.id)):
                name = f"{row._meta.verbose_name.capitalize()}: {' '.join(str(row).split())[:60]}"
                yield Effect(name, _page(row), fields=list(_field_changes(row, value)))

    def reset(self) -> None:
        """Clear the position of each value; see chat/fold.py."""
        fold.reset_field_versions()


def _is_ours(value):
    return isinstance(value, conversations.Value)


def _model_of(value):
    return getattr(models, type(value).__name__)


def _page(row):
    """A message is shown in its conversation."""
    if isinstance(row, models.Attachment):
        row = row.message
    if isinstance(row, Message):
        return f"{row.conversation.get_admin_url()}#message-{row.pk}" if row.conversation else ""
    return row.get_admin_url() if row else ""


def _field_changes(row, value) -> Iterator[FieldChange]:
    for field, new in value.model_dump(mode="json", exclude_unset=True, exclude={"id", "position"}).items():
        position, current = row.field_versions.get(field, [value.position, new])
        note = "" if (position, current) == (value.position, new) else _("changed since")
        before = None
        if field == "text" and isinstance(row, Message):
            before = next((_short(text) for at, text in reversed(row.versions) if at < value.position), None)
        yield FieldChange(row._meta.get_field(field).verbose_name, before, _short(new), note)


def _short(value) -> str:
    return "–" if value in (None, "", []) else shorten(str(value), _LONGEST)


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
    return model.objects.filter(source=source, **subject).defer("field_versions").distinct()[:MOST]
