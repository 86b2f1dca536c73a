import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import webhooks.auth_modes
import webhooks.deep_links
import webhooks.messages
import webhooks.models.token_endpoint
import webhooks.networks
import webhooks.payloads.compression
import webhooks.providers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "credentials_in",
                    models.CharField(
                        choices=[
                            ("oauth", "HTTP Basic or fields of the body (OAuth 2)"),
                            ("basic", "HTTP Basic"),
                            ("body", "Fields of the body"),
                            ("headers", "Headers"),
                            ("anywhere", "Headers or fields of the body"),
                        ],
                        default="oauth",
                        max_length=8,
                        verbose_name="place of the credentials",
                    ),
                ),
                (
                    "client_id",
                    models.CharField(
                        blank=True,
                        help_text="The name that the provider authenticates with, in addition to the source's secret. Empty: the end of the source's URL with HTTP Basic and OAuth 2; otherwise the secret alone is required.",
                        max_length=200,
                        verbose_name="client ID",
                    ),
                ),
                (
                    "client_id_name",
                    models.CharField(
                        default="client_id",
                        help_text="The name of its field or header; dots lead into objects of JSON.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*$",
                                "Enter the names of keys with dots between them, as in data.token.",
                            )
                        ],
                        verbose_name="name of the client ID",
                    ),
                ),
                (
                    "client_secret_name",
                    models.CharField(
                        default="client_secret",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*$",
                                "Enter the names of keys with dots between them, as in data.token.",
                            )
                        ],
                        verbose_name="name of the client secret",
                    ),
                ),
                (
                    "grant_type",
                    models.CharField(
                        blank=True,
                        default="client_credentials",
                        help_text="Empty: none is required.",
                        max_length=100,
                        verbose_name="grant type",
                    ),
                ),
                (
                    "token_formats",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("application/x-www-form-urlencoded", "urlencoded"),
                                ("application/json", "JSON"),
                                ("multipart/form-data", "form-data"),
                            ],
                            max_length=40,
                        ),
                        default=webhooks.models.token_endpoint._every_format,
                        verbose_name="formats of the request",
                    ),
                ),
                (
                    "token_status",
                    models.PositiveSmallIntegerField(
                        default=200,
                        validators=[
                            django.core.validators.MinValueValidator(200),
                            django.core.validators.MaxValueValidator(299),
                        ],
                        verbose_name="status of the answer",
                    ),
                ),
                (
                    "token_field",
                    models.CharField(
                        default="access_token",
                        help_text="The field of the answer with the token; dots lead into objects, as in data.token.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*$",
                                "Enter the names of keys with dots between them, as in data.token.",
                            )
                        ],
                        verbose_name="field of the token",
                    ),
                ),
                (
                    "lifetime_field",
                    models.CharField(
                        blank=True,
                        default="expires_in",
                        help_text="The field of the answer with the lifetime in seconds. Empty: the answer has none.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*$",
                                "Enter the names of keys with dots between them, as in data.token.",
                            )
                        ],
                        verbose_name="field of the lifetime",
                    ),
                ),
                (
                    "token_lifetime",
                    models.PositiveIntegerField(
                        default=3600,
                        help_text="Seconds, from 60 to those of a year.",
                        validators=[
                            django.core.validators.MinValueValidator(60),
                            django.core.validators.MaxValueValidator(31536000),
                        ],
                        verbose_name="lifetime",
                    ),
                ),
                (
                    "fixed_fields",
                    models.JSONField(
                        blank=True,
                        default=webhooks.models.token_endpoint._bearer,
                        help_text="A JSON object, the same in each answer.",
                        verbose_name="further fields of the answer",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Its name within your team, for example “InstaLeap Mexico”.",
                        max_length=100,
                        verbose_name="name",
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="The provider posts to /webhooks/…/.",
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]", "Begin with a lowercase letter or a digit."
                            )
                        ],
                        verbose_name="end of the URL",
                    ),
                ),
                (
                    "provider",
                    models.CharField(
                        choices=webhooks.providers.get_provider_choices, max_length=50, verbose_name="provider"
                    ),
                ),
                (
                    "environment",
                    models.CharField(
                        choices=[("production", "Production"), ("sandbox", "Sandbox")],
                        default="production",
                        max_length=10,
                        verbose_name="environment",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("paused", "Paused: events are stored and wait"),
                            ("disabled", "Disabled: requests are rejected"),
                        ],
                        default="active",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "auth_mode",
                    models.CharField(
                        choices=webhooks.auth_modes.get_auth_mode_choices,
                        default="signature",
                        help_text="How the provider's requests authenticate.",
                        max_length=20,
                        verbose_name="authentication",
                    ),
                ),
                (
                    "auth_header",
                    models.CharField(
                        blank=True,
                        help_text="The header with the signature or token. Empty: the provider's usual header for its signature, Authorization for a token.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "Enter a valid name of an HTTP header (RFC 9110)."
                            )
                        ],
                        verbose_name="header",
                    ),
                ),
                (
                    "token_prefix",
                    models.CharField(
                        blank=True,
                        help_text="The word before the token in its header, such as Bearer. Empty: none; for a dynamic token, Bearer.",
                        max_length=50,
                        verbose_name="prefix of the token",
                    ),
                ),
                ("previous_auth_mode", models.CharField(blank=True, editable=False, max_length=20)),
                ("previous_auth_header", models.CharField(blank=True, editable=False, max_length=100)),
                ("previous_token_prefix", models.CharField(blank=True, editable=False, max_length=50)),
                ("previous_ends_at", models.DateTimeField(editable=False, null=True)),
                (
                    "signature_tolerance",
                    models.PositiveIntegerField(
                        default=300,
                        help_text="How far the timestamp of a signature may be from this server's clock; an older signature may be a replay.",
                        verbose_name="tolerance in seconds",
                    ),
                ),
                (
                    "allowed_networks",
                    models.TextField(
                        blank=True,
                        help_text="One address or network per line; requests from elsewhere are rejected. Empty: any address, or, for a new source, the addresses that its provider publishes.",
                        validators=[webhooks.networks.validate_networks],
                        verbose_name="allowed networks",
                    ),
                ),
                (
                    "deep_link",
                    models.CharField(
                        blank=True,
                        help_text="The URL where your shop shows an order, as in https://shop.example/orders/{job_id}. It may contain {job_id}, {client_reference} and {conversation_id}.",
                        max_length=500,
                        validators=[webhooks.deep_links.validate_link_template],
                        verbose_name="link to your shop",
                    ),
                ),
                (
                    "keep_bodies_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after which the bodies of finished events are deleted, if no further event of the same job or conversation was received during that time. The jobs and conversations stay. Empty: indefinitely.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="keep bodies for",
                    ),
                ),
                (
                    "keep_events_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after which such events are deleted completely. Empty: indefinitely.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="keep events for",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Host and process ID.", max_length=100, verbose_name="name")),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started"),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="last seen"
                    ),
                ),
            ],
            options={
                "verbose_name": "worker",
                "verbose_name_plural": "workers",
            },
        ),
        migrations.CreateModel(
            name="PurgedSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=50)),
                ("subject", models.CharField(max_length=200)),
                ("purged_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "subject"), name="one_purged_subject")],
            },
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "auth_mode",
                    models.CharField(
                        choices=webhooks.auth_modes.get_auth_mode_choices,
                        editable=False,
                        max_length=20,
                        verbose_name="authentication",
                    ),
                ),
                ("encrypted_value", models.BinaryField()),
                ("fingerprint", models.CharField(editable=False, max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("retiring", "Retiring"), ("revoked", "Revoked")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("retires_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secrets", to="webhooks.source"
                    ),
                ),
            ],
            options={
                "verbose_name": "secret",
                "verbose_name_plural": "secrets",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.BinaryField(help_text="SHA-256 of 256 random bits.", max_length=32, unique=True)),
                (
                    "issued_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="issued"),
                ),
                ("issued_to", models.GenericIPAddressField(null=True, verbose_name="issued to")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
                ("last_used_at", models.DateTimeField(help_text="To the minute.", null=True, verbose_name="last used")),
                ("last_used_from", models.GenericIPAddressField(null=True, verbose_name="last used from")),
                (
                    "secret",
                    models.ForeignKey(
                        help_text="The client secret that it was issued for.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="webhooks.secret",
                        verbose_name="client secret",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "access token",
                "verbose_name_plural": "access tokens",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Rejection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(help_text="The end of the requested URL.", max_length=100, verbose_name="address"),
                ),
                (
                    "endpoint",
                    models.CharField(
                        choices=[("event", "Event"), ("token", "Token")], max_length=5, verbose_name="endpoint"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                ("code", models.CharField(max_length=30, verbose_name="reason")),
                ("status", models.PositiveSmallIntegerField(verbose_name="response status")),
                ("detail", models.TextField(verbose_name="response")),
                (
                    "explanation",
                    webhooks.messages.TranslatableMessageField(
                        default=webhooks.messages.TranslatableMessage, verbose_name="likely cause"
                    ),
                ),
                ("method", models.CharField(max_length=20, verbose_name="method")),
                ("headers", models.JSONField(default=dict, help_text="Without credentials.", verbose_name="headers")),
                ("remote_address", models.GenericIPAddressField(null=True, verbose_name="remote address")),
                ("body", models.BinaryField(help_text="Its first bytes.", verbose_name="body")),
                ("body_length", models.PositiveIntegerField(verbose_name="body length in bytes")),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejections",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "rejection",
                "verbose_name_plural": "rejections",
                "ordering": ["-id"],
                "default_permissions": ("add", "change", "delete", "view", "export"),
            },
        ),
        migrations.CreateModel(
            name="RefusalCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("code", models.CharField(max_length=30)),
                ("count", models.PositiveBigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusal_counts",
                        to="webhooks.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HourOfTraffic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField(help_text="Its beginning.")),
                ("accepted", models.PositiveIntegerField()),
                ("median_delay", models.FloatField(help_text="Seconds from received to processed.", null=True)),
                ("p95_delay", models.FloatField(help_text="Seconds; the 95th percentile.", null=True)),
                (
                    "waiting",
                    models.PositiveIntegerField(help_text="Events that were not processed yet when it was counted."),
                ),
                ("first_event", models.BigIntegerField(null=True)),
                ("last_event", models.BigIntegerField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        help_text="None: all together.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "hours of traffic",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(blank=True, max_length=100, verbose_name="type")),
                (
                    "subject",
                    models.CharField(
                        blank=True,
                        help_text="The ID of a job or a conversation, for example.",
                        max_length=200,
                        verbose_name="subject",
                    ),
                ),
                ("external_id", models.CharField(blank=True, max_length=200, verbose_name="provider's event ID")),
                ("dedup_key", models.BinaryField(max_length=32)),
                ("body_hash", models.BinaryField(max_length=32)),
                ("body", webhooks.payloads.compression.BodyField()),
                ("headers", models.JSONField(default=dict, help_text="Without credentials.", verbose_name="headers")),
                ("remote_address", models.GenericIPAddressField(null=True, verbose_name="remote address")),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                (
                    "occurred_at",
                    models.DateTimeField(help_text="The provider's time.", null=True, verbose_name="occurred"),
                ),
                ("auth_mode", models.CharField(max_length=20, verbose_name="verified by")),
                ("signed_content", models.CharField(max_length=200, verbose_name="signed content")),
                ("delivery_count", models.PositiveIntegerField(db_default=1, verbose_name="deliveries")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("processed", "Processed"),
                            ("ignored", "Ignored"),
                            ("retrying", "Retrying"),
                            ("dead", "Dead"),
                            ("conflict", "Conflict"),
                            ("dismissed", "Dismissed"),
                            ("unreadable", "Unreadable"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="next attempt"
                    ),
                ),
                ("error", models.TextField(blank=True, db_default="", verbose_name="error")),
                ("processed_at", models.DateTimeField(null=True, verbose_name="processed")),
                ("purged_at", models.DateTimeField(null=True, verbose_name="body deleted")),
                (
                    "access_token",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="webhooks.accesstoken",
                        verbose_name="access token",
                    ),
                ),
                (
                    "conflict_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="webhooks.event",
                        verbose_name="conflict of",
                    ),
                ),
                (
                    "secret",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="webhooks.secret",
                        verbose_name="secret",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["-id"],
                "default_permissions": ("add", "change", "delete", "view", "export"),
            },
        ),
        migrations.AddConstraint(
            model_name="secret",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "retiring"), _negated=True), ("retires_at__isnull", False), _connector="OR"
                ),
                name="retiring_secret_has_an_end",
            ),
        ),
        migrations.AddIndex(
            model_name="rejection",
            index=models.Index(fields=["source", "-id"], name="rejection_source"),
        ),
        migrations.AddConstraint(
            model_name="refusalcount",
            constraint=models.UniqueConstraint(
                fields=("source", "hour", "code"), name="one_refusal_count_per_hour", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="houroftraffic",
            constraint=models.UniqueConstraint(
                fields=("hour", "source"), name="one_row_per_hour_and_source", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "retrying"])), fields=["id"], name="event_queue"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["subject", "id"], name="event_subject"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["pending", "ignored", "retrying", "dead", "conflict", "dismissed", "unreadable"])
                ),
                fields=["status", "-id"],
                name="event_status",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["source", "-id"], name="event_source"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["type", "-id"], name="event_type"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["received_at", "id"], name="event_received"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("conflict_of__isnull", False)), fields=["conflict_of"], name="event_conflicts"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["secret", "-id"], name="event_secret"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("conflict_of", None)), fields=("source", "dedup_key"), name="one_original_per_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("conflict_of__isnull", False)),
                fields=("source", "dedup_key", "body_hash"),
                name="one_conflict_per_body",
            ),
        ),
        migrations.AddIndex(
            model_name="accesstoken",
            index=models.Index(fields=["source", "-id"], name="access_token_source"),
        ),
        # The application compresses bodies; PostgreSQL would try again, in vain.
        migrations.RunSQL(
            sql="ALTER TABLE webhooks_event ALTER COLUMN body SET STORAGE EXTERNAL",
            reverse_sql="ALTER TABLE webhooks_event ALTER COLUMN body SET STORAGE EXTENDED",
        ),
    ]
