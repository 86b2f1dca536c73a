"""The roles that are there after `migrate`; superusers give them to people, and manage people."""

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

_VIEW, _KEEP = ("view",), ("view", "add", "change", "delete")
_EXPORT = ("view", "export")
# By role, app and model, what it may do; "*" is every model of the app that is not named.
ROLES = {
    "Support": {
        "orders": {"*": _VIEW},
        "chat": {"*": _VIEW, "sharedaddress": ()},
    },
    # For whoever in support may carry lists away, beside Support: one list of it holds every customer's phone.
    "Export": {
        "orders": {"*": _EXPORT},
        "chat": {"*": _EXPORT, "sharedaddress": ()},
    },
    "Integration admin": {
        "console": {"*": ("share",)},
        "orders": {"*": _EXPORT},
        "chat": {"*": _EXPORT, "sharedaddress": _KEEP},
        "webhooks": {
            "*": _EXPORT,
            "source": _KEEP,
            "event": (*_EXPORT, "change"),
            "secret": ("view", "change"),
            "accesstoken": ("view", "change"),
        },
    },
}


def ensure(app_config, using, **kwargs):
    """Give each role what it may do in an app; for the signal post_migrate.

    What a superuser took from a role comes back: for other rights there are other groups.
    """
    mine = {role: apps[app_config.label] for role, apps in ROLES.items() if app_config.label in apps}
    if not mine:
        return
    create_permissions(app_config, verbosity=0, using=using)  # by its own receiver perhaps only later
    for role, models in mine.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        names = [
            f"{action}_{model._meta.model_name}"
            for model in app_config.get_models()
            for action in models.get(model._meta.model_name, models["*"])
        ]
        group.permissions.add(
            *Permission.objects.using(using).filter(content_type__app_label=app_config.label, codename__in=names)
        )
