import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the set-up

if settings.EMBEDDED_DATABASE:
    from config import database

    database.use(settings.DATA_DIR)
