#!/usr/bin/env python
"""Django's command line; starts the project's own PostgreSQL first where DATABASE_URL is unset."""

import os
import sys


def main():
    if sys.argv[1:] == ["version"]:  # Django answers this one with its own version, before it looks for commands
        from config.version import VERSION

        print(f"Delivery desk {VERSION}")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from config import embedded_postgres

    try:
        if settings.EMBEDDED_DATABASE:
            embedded_postgres.use(settings.DATA_DIR)
    except (ImproperlyConfigured, embedded_postgres.DatabaseError) as error:
        sys.exit(f"Not started: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
