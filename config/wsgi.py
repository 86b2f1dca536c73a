"""What a web server runs; it starts the project's own PostgreSQL first where DATABASE_URL is unset."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if settings.EMBEDDED_DATABASE:
    database.use(settings.DATA_DIR)
application = get_wsgi_application()
