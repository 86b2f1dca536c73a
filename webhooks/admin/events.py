"""Events: what came, what proved it, and what became of it."""

import difflib
import itertools
import re
from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from config import filters
from config.admin import ReadOnlyAdmin
from config.badges import badge
from config.export import Column
from config.lists import View
from config.times import day_and_time
from webhooks import conflicts, folds, payloads, search
from webhooks.admin.bulk_replay import BulkReplay
from webhooks.filters import SourceFilter
from webhooks.labels import STATUS_COLOURS
from webhooks.models import Event
from webhooks.preview import preview
from webhooks.processing import replay, replayable

MOST_COMPARED = 2000  # lines, without shortcuts
LINES_AROUND = 4


class StatusFilter(filters.Choice):
    title = "status"
    parameter_name = "status"
    aliases = ["status__exact"]

    def options(self):
        return Event.Status.choices

    def narrow(self, queryset):
        return queryset.filter(status=self.value)


class TypeFilter(filters.Typed):
    """As the provider calls it."""

    title = "type"
    parameter_name = "type"

    def suggestions(self):
        return filters.distinct(Event, "type")

    def narrow(self, queryset):
        return queryset.filter(type=self.value)


class ReceivedFilter(filters.Moments):
    title = "received"
    parameter_name = "received"
    column = "received_at"


class OccurredFilter(filters.Moments):
    title = "occurred"
    parameter_name = "occurred"
    column = "occurred_at"


class ErrorFilter(filters.Typed):
    """Part of what an event failed with; suggested is what the latest failed with."""

    title = "error"
    parameter_name = "error"
    placeholder = "Any part of it"
    FAILED = [Event.Status.DEAD, Event.Status.RETRYING]  # the others have none, and these an index

    def suggestions(self):
        latest = Event.objects.filter(status__in=self.FAILED).order_by("-id").values_list("error", flat=True)[:200]
        return [error for error, _count in Counter(error[:120] for error in latest).most_common(20)]

    def narrow(self, queryset):
        return queryset.filter(status__in=self.FAILED, error__icontains=self.value)


@admin.register(Event)
class EventAdmin(BulkReplay, ReadOnlyAdmin):
    change_form_outer_before_template = "admin/webhooks/event/actions.html"
    actions = ["replay"]
    list_display = ["id", "label", "colored_status", "subject", "source", "received", "occurred", "deliveries"]
    list_display_links = ["id", "label"]
    list_filter = [SourceFilter, TypeFilter, StatusFilter, ErrorFilter, ReceivedFilter, OccurredFilter]
    sortable_by = ["id", "received", "occurred"]
    views = [
        View("Dead", "status=dead"),
        View("In conflict", "status=conflict"),
        View("Waiting", "status=pending"),
        View("Tried again", "status=retrying"),
        View("Ignored", "status=ignored"),
    ]
    export_columns = [
        Column(_("number"), "id"),
        Column(_("source"), "source__slug"),
        Column(_("type"), "type"),
        Column(_("provider's event id"), "external_id"),
        Column(_("subject"), "subject"),
        Column(_("status"), "status"),
        Column(_("error"), "error"),
        Column(_("received"), "received_at"),
        Column(_("occurred"), "occurred_at"),
        Column(_("processed"), "processed_at"),
        Column(_("attempts"), "attempts"),
        Column(_("deliveries"), "deliveries"),
        Column(_("verified by"), "proof"),
        Column(_("remote address"), "remote_address"),
    ]
    list_select_related = ["source"]
    search_fields = ["subject"]
    find = staticmethod(search.events)
    search_help_text = "An event's number, the provider's id of it, or what it is about (a job's id)"
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["label", "type", "colored_status", "error", "subject", "became", "source", "conflict_of"]}),
        (
            "Where it came from",
            {"fields": ["external_id", "proof", "covers", "secret", "access_token", "remote_address", "headers_read"]},
        ),
        ("When", {"fields": ["occurred_at", "received_at", "processed_at", "attempts", "deliveries"]}),
        ("What came", {"fields": ["body_read"]}),
    ]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name.endswith("changelist")
        return queryset.defer("body", "headers", "error") if is_list else queryset

    def get_ordering(self, request):
        # Within a time, in its order: the number's would read all that came since.
        for name in ("received", "occurred"):
            if request.GET.get(f"{name}_from") or request.GET.get(f"{name}_to"):
                return [f"-{name}_at", "-id"]
        return self.ordering

    def get_urls(self):
        pages = {"replay": self.replay_view, "conflict": self.conflict_view}
        return [
            *(
                path(f"<int:event_id>/{name}/", self.admin_site.admin_view(view), name=f"webhooks_event_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def replay_view(self, request, event_id):
        event = self._get(request, event_id)
        if request.method == "POST":
            count = replay(Event.objects.filter(pk=event.pk))
            self.log_change(request, event, "To be processed again." if count else "Cannot be processed again.")
            self.message_user(request, "It will be processed again." if count else "It cannot be processed again.")
            return redirect("admin:webhooks_event_change", event.pk)
        return self._replay_page(request, replayable(Event.objects.filter(pk=event.pk)), 1)

    def _replay_page(self, request, events, chosen):
        count = events.count()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Process again",
            "count": count,
            "left_out": chosen - count,
            "preview": preview(events) if count else None,
            "posted": [
                (name, value)
                for name in ("action", "select_across", helpers.ACTION_CHECKBOX_NAME)
                for value in request.POST.getlist(name)
            ],
        }
        return TemplateResponse(request, "admin/webhooks/event/replay.html", context)

    def conflict_view(self, request, event_id):
        """Show both bodies side by side; POST decides which one stands."""
        event = self._get(request, event_id)
        try:
            if request.method == "POST":
                decide, said = {
                    "apply": (conflicts.apply, "It stands now; the one before is dismissed."),
                    "dismiss": (conflicts.dismiss, "It is dismissed; nothing changes."),
                }[request.POST.get("decision", "dismiss")]
                decide(event)
                self.log_change(request, event, said)
                self.message_user(request, said)
                return redirect("admin:webhooks_event_change", event.pk)
            if event.conflict_of is None:
                raise conflicts.NoConflictError(conflicts.NoConflictError.__doc__)
            applied = preview(Event.objects.filter(pk=event.pk), first=lambda: conflicts.apply(event))
        except conflicts.NoConflictError as error:
            self.message_user(request, str(error), messages.WARNING)
            return redirect("admin:webhooks_event_change", event.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Conflict of {event}",
            "event": event,
            "original": event.conflict_of,
            "lines": side_by_side(pretty(bytes(event.conflict_of.body)), pretty(bytes(event.body))),
            "preview": applied,
        }
        return TemplateResponse(request, "admin/webhooks/event/conflict.html", context)

    def _get(self, request, event_id):
        if not self.has_replay_permission(request):
            raise PermissionDenied
        return get_object_or_404(Event.objects.select_related("source", "conflict_of"), pk=event_id)

    @admin.display(description="event")
    def label(self, event):
        return event.label

    @admin.display(description="status")
    def colored_status(self, event):
        return badge(event.get_status_display(), STATUS_COLOURS[event.status])

    @admin.display(description="received", ordering="received_at")
    def received(self, event):
        return day_and_time(event.received_at)

    @admin.display(description="occurred", ordering="occurred_at")
    def occurred(self, event):
        return day_and_time(event.occurred_at)

    @admin.display(description="what it became")
    def became(self, event):
        links = folds.admin_links(event.source, event.subject)
        return (
            format_html_join(
                mark_safe("<br>"), '<a href="{}" class="desk-link">{}</a>', ((link.url, link.text) for link in links)
            )
            or "–"
        )

    @admin.display(description="headers")
    def headers_read(self, event):
        return _block("\n".join(f"{name}: {value}" for name, value in event.headers.items()))

    @admin.display(description="body")
    def body_read(self, event):
        return _block(pretty(bytes(event.body)))


def side_by_side(left: str, right: str) -> list[tuple[str, str, bool]]:
    """Return the lines of two texts beside each other where they differ, with some around, and whether each does."""
    lefts, rights = left.splitlines(), right.splitlines()
    matcher = difflib.SequenceMatcher(a=lefts, b=rights, autojunk=len(lefts) > MOST_COMPARED)
    lines = []
    for group in matcher.get_grouped_opcodes(LINES_AROUND):
        lines.append(("…", "…", False))
        for kind, a, b, c, d in group:
            pairs = itertools.zip_longest(lefts[a:b], rights[c:d], fillvalue="")
            lines += [(one, other, kind != "equal") for one, other in pairs]
    return lines


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def pretty(body: bytes) -> str:
    """Return JSON indented and otherwise as it was written, to the digit; what is not JSON as it came."""
    try:
        payloads.parse(body)
    except payloads.NotJSONError:
        return body.decode(errors="replace")
    lines, depth = [""], 0
    tokens = _TOKEN.findall(body.decode())
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in "]}":
            depth -= 1
            if lines[-1].strip():
                lines.append("  " * depth)
        lines[-1] += token
        if token in "[{":
            depth += 1
        if token in "[{," and following not in ("]", "}"):
            lines.append("  " * depth)
        elif token == ":":
            lines[-1] += " "
    return "\n".join(lines)


def _block(text):
    return format_html("<pre class='console-block' tabindex='0'>{}</pre>", text)
