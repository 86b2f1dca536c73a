"""The WSGI application; it first starts the project's own PostgreSQL where DATABASE_URL is unset."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from config import embedded_postgres


class Request(WSGIRequest):
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Take a Content-Type that Django cannot read for none: it raises where nothing answers for it but a 500."""
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # private: not in django-stubs
        except (BadRequest, LookupError, ValueError):  # too long; x*=no-such-encoding''%41
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    request_class = Request


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if settings.EMBEDDED_DATABASE:
    embedded_postgres.use(settings.DATA_DIR)
django.setup(set_prefix=False)
application = Handler()
