"""Write what values tell of conversations: in bulk, and so that any order and any number of duplicates give the same.

Each row keeps, for each field, the position of what was told last of it; something later replaces it, something earlier
does not. So a row needs no history to be right, and two workers may tell of the same conversation: rows are locked,
in one order, before they are read.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from chat import models
from console.search import normalize
from webhooks.payloads import conversations
from webhooks.processing.bulk import fitting, upsert
from webhooks.processing.projections import Change

Key = tuple[int, str]  # source, external id
RESET_LIMIT = 1000  # rows in a statement, so that no worker waits for them long

# In the order in which they are locked; a value's fields that name other things, and of which model those are.
_MODELS = {
    models.Contact: {},
    models.Group: {"conversation": models.Conversation},
    models.Conversation: {"contact": models.Contact, "group": models.Group},
    models.Message: {"conversation": models.Conversation, "contact": models.Contact},
    models.Attachment: {"message": models.Message},
    models.Ticket: {"contact": models.Contact},
    models.CampaignReport: {},
}
_MODEL_OF = {getattr(conversations, model.__name__): model for model in _MODELS}


def fold(changes: list[Change]) -> None:
    """Apply the changes to the rows."""
    news, received_at = _by_model(changes)
    rows = {model: _locked_rows(model, received_at[model]) for model in _MODELS if received_at[model]}
    touched = {row.pk for row in rows.get(models.Conversation, {}).values()}
    files = set()
    for model, things in news.items():
        for key, told in things.items():
            row = rows[model][key]
            row.received_at = min(row.received_at, received_at[model][key])
            if model is models.Message and row.conversation_id:
                touched.add(row.conversation_id)  # which it may leave
            if model is models.Attachment:
                files.add(row.pk)
            for change in told:
                _tell(row, change.value, rows)
                if change.value.deleted:
                    row.deleted_at = min(row.deleted_at or change.event.received_at, change.event.received_at)
        if things:
            upsert(model, [rows[model][key] for key in things], ["source", "external_id"])
    # Nothing of theirs adds up; but a conversation's row is written whenever its page would show something else.
    if files:
        with_files = models.Message.objects.filter(attachments__in=files, conversation__isnull=False)
        touched.update(with_files.values_list("conversation", flat=True))
    _sum_up(touched)


def reset_field_versions() -> None:
    """Clear the position of each value, so that another reading of the same events may replace it."""
    for model in _MODELS:
        last = 0
        while ids := list(model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:RESET_LIMIT]):
            empty = {"field_versions": {}} | ({"versions": []} if model is models.Message else {})
            model.objects.filter(pk__in=ids).update(**empty)
            last = ids[-1]


def _by_model(changes):
    """Return the changes by model and key, and when each thing that they tell of or name was first received."""
    news: dict[type, dict[Key, list[Change]]] = {model: defaultdict(list) for model in _MODELS}
    received_at: dict[type, dict[Key, datetime]] = {model: {} for model in _MODELS}
    for change in changes:
        source, value = change.event.source_id, change.value
        model = _MODEL_OF[type(value)]
        news[model][source, value.id].append(change)
        named = [(model, value.id)]
        named += [(other, getattr(value, field)) for field, other in _MODELS[model].items()]
        for thing, id in named:
            if id:
                first = received_at[thing].setdefault((source, id), change.event.received_at)
                received_at[thing][source, id] = min(first, change.event.received_at)
    return news, received_at


def _locked_rows(model, received_at: dict[Key, datetime]) -> dict[Key, models.ProjectedModel]:
    """Return a row for each key, made where there was none, and locked until the transaction ends."""
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


def _tell(row: models.ProjectedModel, value: conversations.Value, rows) -> None:
    """Set each column of which `value` tells something later than what it stands on."""
    plain = value.model_dump(mode="json", exclude_unset=True, exclude={"id", "position"})
    for field, new in plain.items():
        entry = [value.position, new]
        old = row.field_versions.get(field)
        if field == "text" and isinstance(row, models.Message) and old not in (None, entry):
            row.versions = sorted({tuple(version) for version in [*row.versions, old, entry]}, key=_rank)
        if old is None or _rank(old) < _rank(entry):
            row.field_versions[field] = entry
            _set(row, field, getattr(value, field), rows)


def _rank(entry):
    """Compare by position; of two at the same one the content decides, so that no order of arrival does."""
    position, value = entry
    return position, json.dumps(value, sort_keys=True)


def _set(row, field, value, rows):
    if other := _MODELS[type(row)].get(field):
        setattr(row, field, rows[other][row.source_id, value] if value else None)
        return
    setattr(row, field, fitting(row._meta.get_field(field), value))
    for column, normalised in _SEARCHED.get((type(row), field), {}).items():
        setattr(row, column, fitting(row._meta.get_field(column), normalised(value or "")))


_SEARCHED = {
    (models.Contact, "name"): {"search_name": normalize.name},
    (models.Contact, "email"): {"search_email": normalize.email},
    (models.Contact, "phone_number"): {"phone_digits_reversed": normalize.reversed_digits, "e164": normalize.e164},
    (models.Message, "text"): {"search_text": lambda text: normalize.name(text[: models.SEARCHED_TEXT_LIMIT])},
}

# A provider that names contacts and no directions: what the customer wrote came in, what anybody else wrote went out.
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
_SUMS = """
    UPDATE chat_conversation AS conversation SET
        message_count = sums.count,
        active_at = GREATEST(sums.latest, conversation.started_at, conversation.ended_at),
        last_text = COALESCE(last.text, ''),
        unanswered_since = since.sent_at,
        unanswered = COALESCE(last.direction, '') = 'in' AND NOT conversation.deleted
            AND conversation.ended_at IS NULL AND conversation.archived_at IS NULL
            AND NOT lower(conversation.status) = ANY(%s)
    FROM unnest(%s) AS touched(id)
    CROSS JOIN LATERAL (
        SELECT count(*), max(sent_at) AS latest FROM chat_message
        WHERE conversation_id = touched.id AND NOT deleted
    ) AS sums
    LEFT JOIN LATERAL (
        SELECT direction, CASE WHEN text <> '' THEN left(text, 300) ELSE initcap(kind) END AS text FROM chat_message
        WHERE conversation_id = touched.id AND NOT deleted AND kind <> 'system'
        ORDER BY sent_at DESC NULLS LAST, external_id DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT min(sent_at) AS sent_at FROM chat_message
        WHERE conversation_id = touched.id AND NOT deleted AND kind <> 'system' AND direction = 'in'
            AND sent_at > COALESCE((
                SELECT max(sent_at) FROM chat_message
                WHERE conversation_id = touched.id AND NOT deleted AND kind <> 'system' AND direction <> 'in'
            ), '-infinity')
    ) AS since
    WHERE conversation.id = touched.id
"""
# Statuses in which nobody waits for an answer; other words are shown as they come.
CLOSED = ["closed", "completed", "done", "ended", "resolved"]


def _sum_up(conversations: Iterable[int]) -> None:
    """Write what the messages of these conversations add up to."""
    ids = sorted(conversations)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_DIRECTIONS, [ids])
            cursor.execute(_SUMS, [CLOSED, ids])
