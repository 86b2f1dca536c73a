"""Sources: where events come from, and the secrets that prove it."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from config.admin import day_and_time
from config.badges import badge
from webhooks import providers
from webhooks.models import Event, Secret, Source

STATE_COLOURS = {Source.State.ACTIVE: "green", Source.State.PAUSED: "amber", Source.State.DISABLED: "red"}


OLD_SECRETS = [
    (24, "go on for 24 hours"),
    (1, "go on for an hour"),
    (168, "go on for 7 days"),
    ("", "go on until I revoke them"),
    (0, "stop at once"),
]


class SourceForm(forms.ModelForm):
    new_secret = forms.CharField(
        label="Add a secret",
        required=False,
        strip=True,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Paste the secret that the provider gave you. It is encrypted, works within a second, and is never"
        " shown again. Empty: nothing changes.",
    )
    old_secrets = forms.TypedChoiceField(
        label="The secrets that are there now",
        choices=OLD_SECRETS,
        coerce=int,
        empty_value=None,
        required=False,
        initial=24,
        widget=UnfoldAdminSelectWidget,
        help_text="Only with a new one: both work meanwhile, so that no event is lost while the provider changes over.",
    )

    class Meta:
        model = Source
        fields = [
            "name",
            "provider",
            "slug",
            "environment",
            "state",
            "auth_mode",
            "proof_header",
            "token_prefix",
            "signature_tolerance",
            "allowed_networks",
            "deep_link",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.fields["new_secret"].label = "Secret"
            self.fields["new_secret"].required = True
            del self.fields["old_secrets"]
            self.fields["provider"].choices = [("", "Choose a provider"), *providers.choices()]


class SecretInline(TabularInline):
    model = Secret
    verbose_name_plural = "Secrets"
    fields = ["fingerprint", "is_accepted", "state", "retires_at", "last_used", "advice", "created_at", "created_by"]
    readonly_fields = ["fingerprint", "is_accepted", "last_used", "advice", "created_at", "created_by"]
    extra = 0
    can_delete = False
    show_title = False

    def has_add_permission(self, request, obj=None):
        return False  # by the source's form, which never shows a value

    def get_queryset(self, request):
        used = Event.objects.filter(secret=OuterRef("pk")).order_by("-id").values("received_at")[:1]
        newer = Secret.objects.live().filter(source=OuterRef("source"), created_at__gt=OuterRef("created_at"))
        return (
            super()
            .get_queryset(request)
            .defer("encrypted_value")
            .select_related("created_by")
            .annotate(
                last_used_at=Subquery(used),
                newest_used_at=Subquery(
                    newer.annotate(last_used_at=Subquery(used))
                    .order_by(F("last_used_at").desc(nulls_last=True))
                    .values("last_used_at")[:1]
                ),
            )
        )

    @admin.display(description="last used")
    def last_used(self, secret):
        return day_and_time(secret.last_used_at) if secret.last_used_at else "never"

    @admin.display(description="what it is good for")
    def advice(self, secret):
        """Say in words whether it can go."""
        if not secret.is_live():
            return "Nothing any more."
        if secret.newest_used_at is None:
            return "It is needed: no newer one has been used."
        if secret.last_used_at is None or secret.last_used_at < secret.newest_used_at:
            return "It may go: a newer one has been used since."
        return "Still in use: the provider has not changed over."

    @admin.display(description="accepted")
    def is_accepted(self, secret):
        is_live = secret.is_live()
        return badge("Yes" if is_live else "No", "green" if is_live else "red")


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    form = SourceForm
    inlines = [SecretInline]
    list_display = ["name", "provider", "colored_state", "environment", "url", "last_event"]
    list_filter = ["state", "environment"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    warn_unsaved_form = True

    def get_fieldsets(self, request, obj=None):
        hand_over = [(None, {"fields": ["hand_over"]})] if obj else []
        return [
            *hand_over,
            (None, {"fields": ["name", "provider", "slug", "environment", "state"]}),
            (
                "What proves a request",
                {
                    "fields": [
                        "auth_mode",
                        "new_secret",
                        *(["old_secrets"] if obj else []),
                        "allowed_networks",
                        "proof_header",
                        "token_prefix",
                        "signature_tolerance",
                    ]
                },
            ),
            ("What it links to", {"fields": ["deep_link"]}),
        ]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        # Stored events are read by the provider that they came for, and whoever posts knows the slug.
        return ["hand_over", "provider", "slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def get_queryset(self, request):
        last = Event.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
        return super().get_queryset(request).annotate(last_event_at=Subquery(last))

    def has_delete_permission(self, request, obj=None):
        # Its events would go with it: a source that is no longer wanted is disabled.
        return super().has_delete_permission(request, obj) and obj is not None and not obj.events.exists()

    @transaction.atomic
    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        form.retired, form.added = [], None
        if value := form.cleaned_data["new_secret"]:
            hours = form.cleaned_data.get("old_secrets")
            if hours is not None:
                form.retired = obj.secrets.all().retire(hours)
            form.added = Secret(source=obj, created_by=request.user)
            form.added.value = value
            form.added.save()

    def construct_change_message(self, request, form, formsets, add=False):
        """The history names secrets by their fingerprints."""
        added = [{"added": {"name": "secret", "object": str(form.added)}}] if form.added else []
        retired = [
            {"changed": {"name": "secret", "object": str(secret), "fields": ["state"]}} for secret in form.retired
        ]
        return [*super().construct_change_message(request, form, formsets, add), *added, *retired]

    @admin.display(description="To hand to the provider")
    def hand_over(self, source):
        return format_html(
            "<code class='console-copy'>{}</code><br>POST, JSON; {} in the header <code>{}</code>",
            source.get_url(),
            source.get_auth_mode_display().lower(),
            " or ".join(source.get_proof_headers()),
        )

    @admin.display(description="state", ordering="state")
    def colored_state(self, source):
        return badge(source.get_state_display().partition(":")[0], STATE_COLOURS[source.state])

    @admin.display(description="URL")
    def url(self, source):
        return source.get_absolute_url()

    @admin.display(description="last event", ordering="last_event_at", empty_value="never")
    def last_event(self, source):
        return source.last_event_at
