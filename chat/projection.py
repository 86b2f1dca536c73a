"""The projection of chat events into conversations, contacts, messages and tickets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Field, Model, QuerySet
from django.utils.translation import gettext as _

from chat import fold, models
from chat.models import Attachment, CampaignReport, Contact, Conversation, Group, Message, ProjectedModel, Ticket
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

MAX_ROWS = 50  # of each model
MAX_EFFECTS = 50  # of an event
VALUE_LIMIT = 200  # characters
LABEL_LIMIT = 60  # characters
# The rows that the label and the URL of a row need.
_RELATED: dict[type[ProjectedModel], str] = {
    Conversation: "contact",
    Message: "conversation",
    Attachment: "message__conversation",
}


@registry.register
class ConversationProjection(Projection):
    """The conversations, contacts, messages and tickets, derived from the values of chat events."""

    value_type = conversations.ConversationValue

    def apply(self, changes: list[Change], history: SubjectHistory) -> None:
        """Write the changes into the rows, which store the position of each value and need no history."""
        fold.fold(changes)

    def admin_links(self, source: Source, subject: str) -> list[Link]:
        """Return links to the objects that a source's events about `subject` created."""
        links = [Link(f"{_model_label(row)}: {row}", row.get_admin_url()) for row in _find_rows(source, subject)]
        return list(dict.fromkeys(links))

    def labels(self, subjects: set[SubjectOfSource]) -> dict[SubjectOfSource, str]:
        """Return the labels of the objects with these ids."""
        labels: dict[SubjectOfSource, str] = {}
        sources, ids = {source for source, _subject in subjects}, {subject for _source, subject in subjects}
        for model in (Ticket, Contact, Group, Conversation):
            rows = _select_related(model).filter(source__in=sources, external_id__in=ids).defer("field_versions")
            by_key = {(row.source_id, row.external_id): row for row in rows}
            labels |= {key: str(row) for key in subjects if (row := by_key.get((key[0].pk, key[1])))}
        return labels

    def rows(self, source: Source, subject: str) -> Iterator[Model]:
        """Yield the rows that a source's events about `subject` created, and their messages."""
        yield from dict.fromkeys(_find_rows(source, subject))
        yield from _filter_rows(source, Message, external_id=subject)
        yield from _filter_rows(source, Message, conversation__external_id=subject)

    def effects(self, event: Event) -> Iterator[Effect]:
        """Yield the fields that an event reports of each object, and whether they still have these values."""
        try:
            values = event.source.get_provider().read(bytes(event.body))
        except (UnreadableError, NotJSONError):  # its body was purged, or the reader has changed since
            return
        own = [value for value in values if isinstance(value, conversations.ConversationValue)][:MAX_EFFECTS]
        rows = _load_rows(event, own)
        for value in own:
            if row := rows.get((_model_of(value), value.id)):
                label = f"{_model_label(row)}: {shorten(' '.join(str(row).split()), LABEL_LIMIT)}"
                yield Effect(label, _page_url(row), fields=list(_field_changes(row, value)))

    def reset(self) -> None:
        """Clear the position of each value; see chat/fold.py."""
        fold.reset_field_versions()


def _model_of(value: conversations.ConversationValue) -> type[ProjectedModel]:
    model: type[ProjectedModel] = getattr(models, type(value).__name__)
    return model


def _model_label(row: ProjectedModel) -> str:
    return str(row._meta.verbose_name).capitalize()


def _select_related(model: type[ProjectedModel]) -> QuerySet[ProjectedModel]:
    related = _RELATED.get(model)
    return model.objects.select_related(related) if related else model.objects.all()


def _load_rows(
    event: Event, values: Iterable[conversations.ConversationValue]
) -> dict[tuple[type[ProjectedModel], str], ProjectedModel]:
    """Return the rows of an event's values by model and id."""
    ids: dict[type[ProjectedModel], set[str]] = defaultdict(set)
    for value in values:
        ids[_model_of(value)].add(value.id)
    return {
        (model, row.external_id): row
        for model, ids_of_model in ids.items()
        for row in _select_related(model).filter(source=event.source_id, external_id__in=ids_of_model)
    }


def _page_url(row: ProjectedModel) -> str:
    """Return the URL of a row's page; of a message or attachment, the message in its conversation."""
    message = row.message if isinstance(row, Attachment) else row
    if isinstance(message, Message):
        return f"{message.conversation.get_admin_url()}#message-{message.pk}" if message.conversation else ""
    return message.get_admin_url() if message else ""


def _field_changes(row: ProjectedModel, value: conversations.ConversationValue) -> Iterator[FieldChange]:
    for name, new in value.model_dump(mode="json", exclude_unset=True, exclude={"id", "position"}).items():
        position, current = row.field_versions.get(name, [value.position, new])
        note = "" if (position, current) == (value.position, new) else _("changed since")
        before = None
        if name == "text" and isinstance(row, Message):
            earlier = (text for at, text in reversed(row.versions) if at < value.position)
            before = next(map(_format_value, earlier), None)
        field = row._meta.get_field(name)
        label = str(field.verbose_name) if isinstance(field, Field) else name
        yield FieldChange(label, before, _format_value(new), note)


def _format_value(value: Any) -> str:
    return "–" if value in (None, "", []) else shorten(str(value), VALUE_LIMIT)


def _find_rows(source: Source, subject: str) -> list[ProjectedModel]:
    """Return the rows that a source's events about `subject` created, except messages."""
    return [
        *_filter_rows(source, Ticket, external_id=subject),
        *_filter_rows(source, Contact, external_id=subject),
        *_filter_rows(source, Group, external_id=subject),
        *_filter_rows(source, CampaignReport, conversation_id=subject),
        *_filter_rows(source, Conversation, external_id=subject),
        *_filter_rows(source, Conversation, job_id=subject),
        *_filter_rows(source, Conversation, messages__external_id=subject),
        *_filter_rows(source, Conversation, messages__attachments__external_id=subject),
    ]


def _filter_rows(source: Source, model: type[ProjectedModel], **conditions: str) -> QuerySet[ProjectedModel]:
    return model.objects.filter(source=source, **conditions).defer("field_versions").distinct()[:MAX_ROWS]
