"""Writing rows in bulk, with values made to fit their columns."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from webhooks.payloads.parsing import bounded


def upsert(model: type[models.Model], rows: Iterable[models.Model], unique_fields: list[str]) -> None:
    """Insert the rows with one statement; a row with the same unique fields is replaced."""
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=unique_fields,
        update_fields=other_columns(model, unique_fields),
    )


def other_columns(model: type[models.Model], names: list[str]) -> list[str]:
    """Return the names of the model's columns but the primary key and those of `names`."""
    return [
        column.name for column in model._meta.concrete_fields if not column.primary_key and column.name not in names
    ]


def fitting(column: "models.Field[Any, Any]", value: Any) -> Any:
    """Return the value as the column takes it: text storable, within its length, and "" for None."""
    if isinstance(column, models.CharField):
        return bounded(value or "", column.max_length or 0)
    if isinstance(column, models.TextField):
        return value or ""
    return value
