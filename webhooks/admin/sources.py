"""The list of sources, and the form of one with its overview; the other pages of one are registered here."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from console.changelist import filters
from console.changelist.modeladmin import ListAdmin
from console.formatting.badges import badge
from console.formatting.durations import format_elapsed
from webhooks import labels
from webhooks.admin import source_views
from webhooks.admin.filters import SourceProviderFilter
from webhooks.admin.source_form import SourceForm, apply_retirement
from webhooks.auth_modes import AUTH_MODES
from webhooks.models import Event, Secret, Source
from webhooks.models.token_endpoint import TOKEN_ENDPOINT_FIELDS
from webhooks.monitoring import alerts, secret_usage, traffic
from webhooks.onboarding import handover, test_events

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _OfPage(TypedDict):
        hours: list[traffic.Hour]  # the last 24
        alerts: list[alerts.Alert]
        last_event_at: datetime | None

    type ListedSource = WithAnnotations[Source, _OfPage]

MAX_REFUSALS = 3  # on a source's page


class StateFilter(filters.ChoiceFilter):
    title = _("state")
    parameter_name = "state"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return [(state.value, labels.short_state(state)) for state in Source.State]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value)


class EnvironmentFilter(filters.ChoiceFilter):
    title = _("environment")
    parameter_name = "environment"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return Source.Environment.choices

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(environment=self.value)


@admin.register(Source)
class SourceAdmin(ListAdmin, ModelAdmin):
    form = SourceForm
    change_form_outer_before_template = "admin/webhooks/source/overview.html"
    list_display = ["name", "provider", "colored_state", "health", "last_day", "last_event", "url", "environment"]
    list_filter = [StateFilter, SourceProviderFilter, EnvironmentFilter]
    search_fields = ["name", "slug"]
    search_help_text = _("Part of a name, or of the end of the URL")
    prepopulated_fields = {"slug": ["name"]}
    warn_unsaved_form = True

    @property
    def conditional_fields(self) -> dict[str, str]:
        """The settings that the form shows for certain authentication modes only, with Unfold's condition."""
        modes = defaultdict(list)
        for mode in AUTH_MODES:
            for field in mode.settings:
                modes[field].append(f"auth_mode == '{mode.slug}'")
        return {field: " || ".join(conditions) for field, conditions in modes.items()}

    def get_urls(self) -> list[URLPattern]:
        return [*(view.as_url(self) for view in source_views.VIEWS), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Source | None = None) -> Any:
        more = ["retire_after", "newest_secret", "change_preview"] if obj else []
        return [
            (None, {"fields": ["name", "provider", "slug", "environment", "state"]}),
            (
                _("Authentication"),
                {
                    "fields": [
                        "auth_mode",
                        "new_secret",
                        "make_secret",
                        *more,
                        "allowed_networks",
                        "auth_header",
                        "token_prefix",
                        "signature_tolerance",
                        *TOKEN_ENDPOINT_FIELDS,
                    ]
                },
            ),
            (_("Links"), {"fields": ["deep_link"]}),
            (_("Retention"), {"fields": ["keep_bodies_days", "keep_events_days"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        # Stored events need their provider's reader, and the provider posts to the slug.
        return ["provider", "slug", "change_preview"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Source | None = None) -> dict[str, list[str]]:
        return {} if obj else self.prepopulated_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        last = Event.objects.latest_of("source", OuterRef("pk")).values("received_at")[:1]
        queryset: QuerySet[Source] = super().get_queryset(request)
        return queryset.annotate(last_event_at=Subquery(last))

    def annotate_page(self, sources: list["ListedSource"]) -> None:
        hours = traffic.by_hour(24, [source.pk for source in sources])
        found = alerts.find_source_alerts(sources)
        for source in sources:
            source.hours = hours[source.pk]
            source.alerts = [alert for alert in found if alert.source_id == source.pk]

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        # Its events would be deleted too: disable a source that is no longer used.
        return obj is not None and super().has_delete_permission(request, obj) and not obj.events.exists()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Source, form: SourceForm, change: bool) -> None:
        hours = form.cleaned_data.get("retire_after")
        before = form.auth_before
        if before is not None and obj.auth != before:
            if hours == 0:
                obj.end_previous_auth()
            else:
                obj.keep_previous_auth(before, timezone.now() + timedelta(hours=hours) if hours else None)
        super().save_model(request, obj, form, change)
        if value := form.get_secret():
            if hours is not None:
                form.retired = list(obj.secrets.filter(state=Secret.State.ACTIVE))
                for secret in form.retired:
                    apply_retirement(secret, hours)
            form.added = Secret(source=obj, created_by_id=request.user.pk)
            form.added.value = value
            form.added.save()
        if warning := form.get_warning():
            messages.warning(request, warning)

    def construct_change_message(
        self, request: HttpRequest, form: SourceForm, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """Return the entry for the history, which has the fingerprints of added and retired secrets."""
        added = [{"added": {"name": "secret", "object": str(form.added)}}] if form.added else []
        retired = [
            {"changed": {"name": "secret", "object": str(secret), "fields": ["state"]}} for secret in form.retired
        ]
        columns = {field.name for field in Source._meta.fields}
        own = [name for name in form.changed_data if name in columns]
        with translation.override(None):  # the history stores labels in English, and translates what it shows
            labels = [str(form.fields[name].label) for name in own]
        changed = [{"changed": {"fields": labels}}] if labels and not add else []
        return [*([{"added": {}}] if add else changed), *added, *retired]

    def response_add(self, request: HttpRequest, obj: Source, post_url_continue: str | None = None) -> HttpResponse:
        return self._render_made_secret(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Source) -> HttpResponse:
        return self._render_made_secret(request, obj) or super().response_change(request, obj)

    def _render_made_secret(self, request: HttpRequest, source: Source) -> HttpResponse | None:
        """Return the page with the secret that this request has generated, or None."""
        make_secret = SourceForm.base_fields["make_secret"].widget
        if not make_secret.value_from_datadict(request.POST, request.FILES, "make_secret"):
            return None
        secret = source.secrets.filter(created_by=request.user.pk).latest("id")
        return source_views.render_made_secret(self, request, secret)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id and (source := self.get_object(request, object_id)) and self.has_view_permission(request, source):
            context |= self._overview(source)
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def _overview(self, source: Source) -> dict[str, Any]:
        hours = traffic.by_hour(48, [source.pk])[source.pk]
        return {
            "source": source,
            "facts": handover.facts(source),
            "hours": hours,
            "accepted": sum(hour.accepted for hour in hours),
            "refused": sum(hour.refused for hour in hours),
            "last_event": source.events.defer("body", "headers").order_by("-id").first(),
            "stuck": _stuck(source),
            "refusals": source.rejections.defer("body", "headers")[:MAX_REFUSALS],
            "secrets": secret_usage.of_secrets(source),
            "live_tokens": source.access_tokens.live().count(),
            "alerts": alerts.find_source_alerts([source]),
            "test_choices": test_events.get_test_event_choices(source),
            "previous_auth": source.previous_auth,
            "gives_tokens": source.get_auth_mode().issues_tokens,
            "carries_token": source.get_auth_mode().carries_token,
        }

    @admin.display(description=_("Preview"))
    def change_preview(self, source: Source) -> SafeString:
        """Return an element that htmx fills by ChangePreviewView whenever a field of the form changes."""
        return format_html(
            '<div id="change-preview" hx-post="{}" hx-trigger="change from:closest form delay:200ms"'
            ' hx-include="closest form" aria-live="polite">{}</div>',
            reverse("admin:webhooks_source_change_preview", args=[source.pk]),
            gettext("After each change in this form, this shows how many of the last requests would be accepted."),
        )

    @admin.display(description=_("state"), ordering="state")
    def colored_state(self, source: Source) -> SafeString:
        return labels.source_badge(source)

    @admin.display(description=_("health"))
    def health(self, source: "ListedSource") -> str:
        if source.state == Source.State.DISABLED:
            return "–"
        if not source.alerts:
            return badge(gettext("Healthy"), "green")
        count = len(source.alerts)
        text = ngettext("{count} alert", "{count} alerts", count).format(count=count)
        return format_html(
            "{}<br><span class='desk-quiet'>{}</span>", badge(text, "amber"), capfirst(source.alerts[0].text)
        )

    @admin.display(description=_("last 24 hours"))
    def last_day(self, source: "ListedSource") -> SafeString:
        accepted, refused = (sum(getattr(hour, name) for hour in source.hours) for name in ("accepted", "refused"))
        return format_html(
            "{}<br><span class='desk-quiet'>{}</span>",
            ngettext("{count} accepted", "{count} accepted", accepted).format(count=number_format(accepted)),
            ngettext("{count} rejected", "{count} rejected", refused).format(count=number_format(refused)),
        )

    @admin.display(description=_("URL"))
    def url(self, source: Source) -> str:
        return source.get_webhook_path()

    @admin.display(description=_("last event"))
    def last_event(self, source: "ListedSource") -> str:
        if not source.last_event_at:
            return gettext("never")
        return gettext("{time} ago").format(time=format_elapsed(source.last_event_at))


def _stuck(source: Source) -> list[tuple[str, str, int]]:
    """Return the status, its label and the number of the source's events that wait, are dead or in conflict."""
    wanted = [*Event.WAITING, Event.Status.DEAD, Event.Status.CONFLICT]
    counts = Event.objects.filter(source=source, status__in=wanted).order_by().values_list("status")
    return [(status, str(Event.Status(status).label), count) for status, count in counts.annotate(Count("pk"))]
