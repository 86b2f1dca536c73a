"""Recognition of databases that an earlier version of the initial migrations made.

Until the first release the initial migrations are reshaped instead of extended, so that `migrate` finds nothing to do
in a database whose tables differ. A fingerprint of the migrations' SQL, stored as a comment on Django's own table of
applied migrations, tells such a database from a current one.
"""

import hashlib
import io
from functools import cache

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

TABLE = MigrationRecorder.Migration._meta.db_table


@cache
def compute() -> str:
    """Return the SHA-256, in hexadecimal, of the SQL that the migrations of our apps run."""
    digest = hashlib.sha256()
    own = {app.label for app in apps.get_app_configs() if app.path == str(settings.BASE_DIR / app.name)}
    for app, name in sorted(MigrationLoader(None).disk_migrations):
        if app in own:
            sql = io.StringIO()
            call_command("sqlmigrate", app, name, stdout=sql, no_color=True)
            digest.update(sql.getvalue().encode())
    return digest.hexdigest()


def is_outdated() -> bool:
    """Return whether migrations were applied to the database, and others than those of this version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid IS NOT NULL, obj_description(oid, 'pg_class') FROM to_regclass(%s) AS oid", [TABLE])
        exists, stored = cursor.fetchone()
    return bool(exists) and stored != compute()


def store_fingerprint() -> None:
    """Store the fingerprint of this version's migrations, which have just been applied."""
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE {connection.ops.quote_name(TABLE)} IS '{compute()}'")
