"""All rows that events made, in a form that can be compared: without ids, which say nothing."""

from orders.models import Job, JobItem, Package, Resource, StatusChange, Step, Task, TimelineEntry


def everything() -> dict[str, list]:
    return {
        model.__name__: sorted((_plain(row) for row in model.objects.all()), key=repr)
        for model in (Job, JobItem, Package, Resource, StatusChange, Step, Task, TimelineEntry)
    }


def _plain(row):
    values = {}
    for column in row._meta.concrete_fields:
        if column.primary_key or column.name in ("event", "received_through"):
            continue
        value = getattr(row, column.name)
        values[column.name] = (
            getattr(value, "external_id", None) or getattr(value, "pk", None) if column.is_relation else value
        )
    return values
