"""The extension point of lists: an app adds views and filters to the list of another app's model."""

from collections.abc import Sequence

from console.changelist.filters import ListFilter
from console.changelist.saved_views import View
from console.registry import Extension, Registry


class ListExtension(Extension):
    """Views and filters for the list of a model."""

    model: str  # its label in lower case, such as "orders.job"
    views: Sequence[View] = ()
    filters: Sequence[type[ListFilter]] = ()


list_extensions: Registry[ListExtension] = Registry()


def extensions_of(model: str) -> list[ListExtension]:
    """Return the extensions of one model's list."""
    return [extension for extension in list_extensions if extension.model == model]
