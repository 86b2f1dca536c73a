"""The roles that exist after `migrate`; superusers assign them to users."""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

VIEW = ("view",)
EXPORT = ("view", "export")
MANAGE = ("view", "add", "change", "delete")
SUPPORT = "Support"
EXPORTERS = "Export"  # in addition to Support, for users who may download lists, which hold every customer's phone
INTEGRATION_ADMIN = "Integration admin"
ROLES = (SUPPORT, EXPORTERS, INTEGRATION_ADMIN)
_permissions: dict[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "console": {INTEGRATION_ADMIN: {"*": ("share",)}},
}


def register(app_label: str, permissions: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    """Set what the roles may do in an app: by role and model (lower case), "*" for each model that is not named."""
    _permissions[app_label] = permissions


def ensure(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Give each role its permissions in an app; for the signal post_migrate.

    Permissions that a superuser took from a role come back: other permissions belong into other groups.
    """
    if app_config.label not in _permissions:
        return
    create_permissions(app_config, verbosity=0, using=using)  # its own receiver may run only later
    for role, models in _permissions[app_config.label].items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        names = [
            f"{action}_{model._meta.model_name}"
            for model in app_config.get_models()
            for action in models.get(model._meta.model_name or "", models["*"])
        ]
        group.permissions.add(
            *Permission.objects.using(using).filter(content_type__app_label=app_config.label, codename__in=names)
        )
