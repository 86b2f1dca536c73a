"""Writing of the values of chat events into the rows of conversations, contacts, messages and tickets.

Each row stores the position of each field's value (ProjectedModel.field_versions): a later value replaces it, an
earlier one does not. So any order and any number of duplicates lead to the same rows, and a row needs no history. Rows
are locked in one order before they are read, so that two workers can write values of the same conversation.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field

from chat import models
from console.search import normalize
from webhooks.payloads import conversations
from webhooks.processing.bulk import fitting, upsert
from webhooks.processing.projections import Change

Model = type[models.ProjectedModel]
Key = tuple[int, str]  # source, external id
Rows = dict[Model, dict[Key, models.ProjectedModel]]
FieldVersion = list[Any]  # position, value
RESET_LIMIT = 1000  # rows in a statement, so that no worker waits for them long

# In the order in which rows are locked: the foreign keys of each model that a value gives as the id of another row.
_FOREIGN_KEYS: dict[Model, dict[str, Model]] = {
    models.Contact: {},
    models.Group: {"conversation": models.Conversation},
    models.Conversation: {"contact": models.Contact, "group": models.Group},
    models.Message: {"conversation": models.Conversation, "contact": models.Contact},
    models.Attachment: {"message": models.Message},
    models.Ticket: {"contact": models.Contact},
    models.CampaignReport: {},
}
_MODELS: dict[type, Model] = {getattr(conversations, model.__name__): model for model in _FOREIGN_KEYS}

# The columns that a search reads, by the field that each is derived from.
_SEARCH_COLUMNS: dict[tuple[Model, str], dict[str, Callable[[str], str]]] = {
    (models.Contact, "name"): {"search_name": normalize.name},
    (models.Contact, "email"): {"search_email": normalize.email},
    (models.Contact, "phone_number"): {"phone_digits_reversed": normalize.reversed_digits, "e164": normalize.e164},
    (models.Message, "text"): {"search_text": lambda text: normalize.name(text[: models.SEARCHED_TEXT_LIMIT])},
}


def fold(changes: list[Change]) -> None:
    """Write the changes into the rows."""
    changes_by_model, received_at = _group_changes(changes)
    rows: Rows = {model: _lock_rows(model, received_at[model]) for model in _FOREIGN_KEYS if received_at[model]}
    conversation_ids = {row.pk for row in rows.get(models.Conversation, {}).values()}
    attachment_ids = set()
    for model, changes_by_key in changes_by_model.items():
        for key, changes_of_row in changes_by_key.items():
            row = rows[model][key]
            row.received_at = min(row.received_at or received_at[model][key], received_at[model][key])
            if isinstance(row, models.Message) and row.conversation_id:
                conversation_ids.add(row.conversation_id)  # the change may move the message to another conversation
            if model is models.Attachment:
                attachment_ids.add(row.pk)
            for change in changes_of_row:
                _apply_value(row, change.value, rows)
                if change.value.deleted:
                    row.deleted_at = min(row.deleted_at or change.event.received_at, change.event.received_at)
        if changes_by_key:
            upsert(model, [rows[model][key] for key in changes_by_key], ["source", "external_id"])
    # Attachments count in no summary; but the version of a conversation's page is that of the conversation's row.
    if attachment_ids:
        messages = models.Message.objects.filter(attachments__in=attachment_ids, conversation__isnull=False)
        conversation_ids.update(messages.values_list("conversation", flat=True))
    _summarize(conversation_ids)


def reset_field_versions() -> None:
    """Clear the position of each value, so that another reading of the same events may replace it."""
    for model in _FOREIGN_KEYS:
        empty: dict[str, Any] = {"field_versions": {}} | ({"versions": []} if model is models.Message else {})
        last = 0
        while ids := list(model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:RESET_LIMIT]):
            model.objects.filter(pk__in=ids).update(**empty)
            last = ids[-1]


def _group_changes(
    changes: list[Change],
) -> tuple[dict[Model, dict[Key, list[Change]]], dict[Model, dict[Key, datetime]]]:
    """Return the changes of each row, and when each row that a change is about or refers to was first received."""
    changes_by_model: dict[Model, dict[Key, list[Change]]] = {model: defaultdict(list) for model in _FOREIGN_KEYS}
    received_at: dict[Model, dict[Key, datetime]] = {model: {} for model in _FOREIGN_KEYS}
    for change in changes:
        source, value = change.event.source_id, change.value
        model = _MODELS[type(value)]
        changes_by_model[model][source, value.id].append(change)
        ids = [(model, value.id)]
        ids += [(other, getattr(value, field)) for field, other in _FOREIGN_KEYS[model].items()]
        for each, id in ids:
            if id:
                first = received_at[each].setdefault((source, id), change.event.received_at)
                received_at[each][source, id] = min(first, change.event.received_at)
    return changes_by_model, received_at


def _lock_rows(model: Model, received_at: dict[Key, datetime]) -> dict[Key, models.ProjectedModel]:
    """Return a row for each key, created where there is none, and locked until the transaction ends."""
    model.objects.bulk_create(
        [
            model(source_id=source, external_id=id, received_at=received_at[source, id])
            for source, id in sorted(received_at)
        ],
        ignore_conflicts=True,
    )
    found = model.objects.filter(
        source__in={source for source, _ in received_at}, external_id__in={id for _, id in received_at}
    )
    locked = found.order_by("pk").select_for_update()
    return {key: row for row in locked if (key := (row.source_id, row.external_id)) in received_at}


def _apply_value(row: models.ProjectedModel, value: conversations.ConversationValue, rows: Rows) -> None:
    """Set each column for which `value` has a later position than the stored one."""
    fields = value.model_dump(mode="json", exclude_unset=True, exclude={"id", "position"})
    for field, new in fields.items():
        version: FieldVersion = [value.position, new]
        old = row.field_versions.get(field)
        if field == "text" and isinstance(row, models.Message) and old not in (None, version):
            row.versions = sorted({tuple(each) for each in [*row.versions, old, version]}, key=_version_key)
        if old is None or _version_key(old) < _version_key(version):
            row.field_versions[field] = version
            _set_column(row, field, getattr(value, field), rows)


def _version_key(version: FieldVersion) -> tuple[str, str]:
    """Return a sort key: the position, then the value, so that the order of arrival makes no difference."""
    position, value = version
    return position, json.dumps(value, sort_keys=True)


def _set_column(row: models.ProjectedModel, field: str, value: Any, rows: Rows) -> None:
    if other := _FOREIGN_KEYS[type(row)].get(field):
        setattr(row, field, rows[other][row.source_id, value] if value else None)
        return
    columns = _get_columns(type(row))
    setattr(row, field, fitting(columns[field], value))
    for name, normalize_text in _SEARCH_COLUMNS.get((type(row), field), {}).items():
        setattr(row, name, fitting(columns[name], normalize_text(value or "")))


@cache
def _get_columns(model: Model) -> dict[str, "Field[Any, Any]"]:
    return {column.name: column for column in model._meta.concrete_fields}


# For providers that give contacts and no directions: messages of the customer are incoming, all others outgoing.
_DIRECTIONS = """
    UPDATE chat_message AS message SET direction = derived.direction
    FROM (
        SELECT message.id, CASE WHEN conversation.contact_id IS NULL OR message.contact_id IS NULL THEN ''
                                WHEN message.contact_id = conversation.contact_id THEN 'in' ELSE 'out' END AS direction
        FROM chat_message AS message JOIN chat_conversation AS conversation ON conversation.id = message.conversation_id
        WHERE conversation.id = ANY(%s) AND NOT message.field_versions ? 'direction'
    ) AS derived
    WHERE message.id = derived.id AND message.direction <> derived.direction
"""
_SUMMARIES = """
    UPDATE chat_conversation AS conversation SET
        message_count = sums.count,
        active_at = GREATEST(sums.latest, conversation.started_at, conversation.ended_at),
        last_text = COALESCE(last.text, ''),
        unanswered_since = since.sent_at,
        unanswered = COALESCE(last.direction, '') = 'in' AND NOT conversation.deleted
            AND conversation.ended_at IS NULL AND conversation.archived_at IS NULL
            AND NOT lower(conversation.status) = ANY(%s)
    FROM unnest(%s) AS selected(id)
    CROSS JOIN LATERAL (
        SELECT count(*), max(sent_at) AS latest FROM chat_message
        WHERE conversation_id = selected.id AND NOT deleted
    ) AS sums
    LEFT JOIN LATERAL (
        SELECT direction, CASE WHEN text <> '' THEN left(text, 300) ELSE initcap(kind) END AS text FROM chat_message
        WHERE conversation_id = selected.id AND NOT deleted AND kind <> 'system'
        ORDER BY sent_at DESC NULLS LAST, external_id DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT min(sent_at) AS sent_at FROM chat_message
        WHERE conversation_id = selected.id AND NOT deleted AND kind <> 'system' AND direction = 'in'
            AND sent_at > COALESCE((
                SELECT max(sent_at) FROM chat_message
                WHERE conversation_id = selected.id AND NOT deleted AND kind <> 'system' AND direction <> 'in'
            ), '-infinity')
    ) AS since
    WHERE conversation.id = selected.id
"""
# Statuses in which a conversation is not unanswered; compared in lower case.
CLOSED_STATUSES = ["closed", "completed", "done", "ended", "resolved"]


def _summarize(conversations: Iterable[int]) -> None:
    """Write the directions of these conversations' messages, and the conversations' summaries of their messages."""
    ids = sorted(conversations)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_DIRECTIONS, [ids])
            cursor.execute(_SUMMARIES, [CLOSED_STATUSES, ids])
