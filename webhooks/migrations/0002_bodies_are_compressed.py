from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        migrations.RunSQL(
            # PostgreSQL would try to compress it again, in vain.
            "ALTER TABLE webhooks_event ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE webhooks_event ALTER COLUMN body SET STORAGE EXTENDED",
        )
    ]
