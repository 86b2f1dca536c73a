"""What the folds of `orders` and `chat` share: values made to fit their columns, and rows written in bulk."""

from collections.abc import Iterable

from django.db import models

from webhooks.payloads.parsing import bounded


def upsert(model, rows: Iterable[models.Model], unique_fields: list[str]) -> None:
    """Write the rows with one statement; those whose unique fields are taken replace what was there."""
    model.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=unique_fields,
        update_fields=other_columns(model, unique_fields),
    )


def other_columns(model, names: list[str]) -> list[str]:
    return [
        column.name for column in model._meta.concrete_fields if not column.primary_key and column.name not in names
    ]


def fitting(column: models.Field, value):
    """Return the value as the column takes it: text storable, within its length, and "" for none."""
    if isinstance(column, models.CharField):
        return bounded(value or "", column.max_length)
    if isinstance(column, models.TextField):
        return value or ""
    return value
