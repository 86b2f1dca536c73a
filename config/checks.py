"""What `manage.py check --deploy` asks of ours beside what Django asks."""

from django.core.checks import Warning, register


@register(deploy=True)
def translations_are_compiled(app_configs, **kwargs):
    from config import translations

    if not (outdated := translations.outdated()):
        return []
    return [
        Warning(
            f"Translations are not compiled: {', '.join(outdated)}.",
            hint="Run manage.py compilemessages; until then these languages lack words.",
            id="config.W001",
        )
    ]
