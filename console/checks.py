"""The system check of `manage.py check --deploy` that every catalog of translations is compiled."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register


@register(deploy=True)
def check_translations_are_compiled(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
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
