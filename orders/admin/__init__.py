"""One module per page."""

from orders.admin import jobs  # noqa: F401
