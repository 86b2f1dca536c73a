"""Reads settings from the environment; a value that cannot be one stops the start with a sentence that names it."""

import warnings
from collections.abc import Collection
from typing import Any
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

_EXAMPLES = {bool: "true or false", int: "a whole number"}


class Env(environ.Env):
    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """As environ.Env, and raise ImproperlyConfigured, without quoting the value, where it does not fit `cast`."""
        try:
            value = super().get_value(var, cast, default, parse_default)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be {_EXAMPLES.get(cast, 'something else')}") from None
        if cast is bool and (given := self.ENVIRON.get(var)) is not None and given.strip().lower() not in _BOOLEANS:
            raise ImproperlyConfigured(f"{var} must be {_EXAMPLES[bool]}")  # environ takes any other word for false
        if cast is list:
            return [item.strip() for item in value if item.strip()]
        return value

    def one_of(self, var: str, values: Collection[str], *, default: str, such_as: str) -> str:
        """Return the setting, or raise ImproperlyConfigured where it is none of `values`."""
        value: str = self.str(var, default=default)
        if value not in values:
            raise ImproperlyConfigured(f"{var} must be {such_as}")
        return value

    def time_zone(self, var: str, *, default: str) -> str:
        return self.one_of(var, available_timezones(), default=default, such_as="a time zone, as in America/Bogota")

    def postgresql(self, var: str) -> dict[str, Any]:
        """Return the DATABASES entry that the setting names; raise ImproperlyConfigured where it is no PostgreSQL."""
        with warnings.catch_warnings(action="ignore"):  # which would print the password
            try:
                database: dict[str, Any] = self.db(var)
            except ValueError:
                database = {}
        if database.get("ENGINE") != "django.db.backends.postgresql":
            raise ImproperlyConfigured(f"{var} must name a PostgreSQL, as in postgres://user:password@host:5432/name")
        return database


_BOOLEANS = {*environ.Env.BOOLEAN_TRUE_STRINGS, "false", "off", "n", "no", "0", ""}
