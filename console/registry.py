"""Registries of extension points: an app registers classes that a lower layer uses without importing them."""

from collections.abc import Iterator
from typing import Protocol


class Permitted(Protocol):
    """Anything that asks whether a user has a permission, such as django.contrib.auth.models.User."""

    def has_perm(self, perm: str, /) -> bool: ...


class Extension:
    """Base class of what a Registry holds: one instance of each registered class."""

    position: int = 0  # in the order of the registry, ascending; equal ones stay in the order of their registration
    permission: str = ""  # that a user needs, as "orders.view_job"; "" where everybody may use it


class Registry[T: Extension]:
    """The registered extensions of one kind, in the order of their positions.

    A module registers its classes with `@registry.register`; the app's `ready()` imports that module.
    """

    def __init__(self) -> None:
        self._extensions: list[T] = []

    def register(self, extension: type[T]) -> type[T]:
        """Add an instance of a class, which is returned unchanged, so that this serves as a decorator."""
        self._extensions.append(extension())
        self._extensions.sort(key=lambda one: one.position)
        return extension

    def __iter__(self) -> Iterator[T]:
        return iter(self._extensions)

    def for_user(self, user: Permitted) -> list[T]:
        """Return the extensions that the user has the permission for."""
        return [one for one in self._extensions if not one.permission or user.has_perm(one.permission)]
