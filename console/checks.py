"""A system check of `manage.py check --deploy`: each catalog of translations is compiled."""

from django.core.checks import Warning, register


@register(deploy=True)
def translations_are_compiled(app_configs, **kwargs):
    from config import catalogs

    if not (outdated := catalogs.find_outdated()):
        return []
    return [
        Warning(
            f"Translations are not compiled: {', '.join(outdated)}.",
            hint="Run `pybabel compile` as docs/operating.md says; until then these languages lack words.",
            id="console.W001",
        )
    ]
