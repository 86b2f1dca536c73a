"""All rows that events made, in a form that can be compared: without ids, which say nothing, and without what says how
and when they came.
"""

from django.apps import apps

LEFT_OUT = {"event", "received_through", "received_at", "deleted_at"}


def everything() -> dict[str, list]:
    models = [model for app in ("orders", "chat") for model in apps.get_app_config(app).get_models()]
    return {model.__name__: sorted((_plain(row) for row in model.objects.all()), key=repr) for model in models}


def forget() -> None:
    """Delete all events, and all that they made."""
    apps.get_model("webhooks", "Event").objects.filter(conflict_of__isnull=False).delete()  # they hold the others
    for app in ("chat", "orders", "webhooks"):
        for model in apps.get_app_config(app).get_models():
            if model.__name__ not in ("Source", "Secret"):
                model.objects.all().delete()


def _plain(row):
    values = {}
    for column in row._meta.concrete_fields:
        if column.primary_key or column.name in LEFT_OUT:
            continue
        value = getattr(row, column.name)
        values[column.name] = (
            getattr(value, "external_id", None) or getattr(value, "pk", None) if column.is_relation else value
        )
    return values
