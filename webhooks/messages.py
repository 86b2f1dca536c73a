"""Messages that the database stores and that pages compose in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext

from console.formatting.datetimes import day_and_time
from webhooks.payloads import parsing

type Value = str | int | datetime | TranslatableMessage


class TranslatableMessage:
    """A translatable text and the values of its {placeholders}; str() composes it in the active language.

    The text is marked with gettext_noop where it is written. A time is shown in the active time zone, and a value that
    is a message of its own is composed too. The empty message is false.
    """

    def __init__(self, text: str = "", /, **values: Value) -> None:
        self.text = text
        self.values = values

    def __str__(self) -> str:
        if not self.text:  # gettext("") returns the header of the catalog
            return ""
        return gettext(self.text).format(**{name: _shown(value) for name, value in self.values.items()})

    def __bool__(self) -> bool:
        return bool(self.text)

    def as_json(self) -> dict[str, Any]:
        """Return the message as values of JSON that PostgreSQL can store."""
        values = {name: _stored(value) for name, value in self.values.items()}
        return {"text": self.text, "values": values} if values else {"text": self.text}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the message that as_json() made this of."""
        return cls(stored["text"], **{name: _restored(value) for name, value in stored.get("values", {}).items()})


class TranslatableMessageField(models.JSONField):
    """A column that holds a TranslatableMessage."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> TranslatableMessage:
        return TranslatableMessage.from_json(super().from_db_value(value, expression, connection))

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value.as_json() if isinstance(value, TranslatableMessage) else value)


def _shown(value: Value) -> str:
    return day_and_time(value) if isinstance(value, datetime) else str(value)


def _stored(value: Value) -> Any:
    if isinstance(value, TranslatableMessage):
        return value.as_json()
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return parsing.storable(value)


def _restored(value: Any) -> Value:
    if isinstance(value, str | int):
        return value
    return datetime.fromisoformat(value["time"]) if "time" in value else TranslatableMessage.from_json(value)
