"""Sources: where events come from, and the secrets that prove it."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminPasswordWidget

from config.badges import badge
from webhooks import providers
from webhooks.models import Event, Secret, Source

STATE_COLOURS = {Source.State.ACTIVE: "green", Source.State.PAUSED: "amber", Source.State.DISABLED: "red"}


class SourceForm(forms.ModelForm):
    new_secret = forms.CharField(
        label="Add a secret",
        required=False,
        strip=True,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Paste the secret that the provider gave you. It is encrypted, works within a second, and is never"
        " shown again; those that are there go on working until you revoke them.",
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
            self.fields["provider"].choices = [("", "Choose a provider"), *providers.choices()]


class SecretInline(TabularInline):
    model = Secret
    verbose_name_plural = "Secrets"
    fields = ["fingerprint", "is_accepted", "state", "retires_at", "created_at", "created_by"]
    readonly_fields = ["fingerprint", "is_accepted", "created_at", "created_by"]
    extra = 0
    can_delete = False
    show_title = False

    def has_add_permission(self, request, obj=None):
        return False  # by the source's form, which never shows a value

    def get_queryset(self, request):
        return super().get_queryset(request).defer("encrypted_value").select_related("created_by")

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
        if value := form.cleaned_data["new_secret"]:
            secret = Secret(source=obj, created_by=request.user)
            secret.value = value
            secret.save()

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
