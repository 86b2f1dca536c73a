"""Events: what came, what proved it, and what became of it."""

import hashlib
import re

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from config.admin import ReadOnlyAdmin
from config.badges import badge
from webhooks import folds, payloads
from webhooks.labels import STATUS_COLOURS
from webhooks.models import Event, Source


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "label", "colored_status", "subject", "source", "received_at", "occurred_at", "deliveries"]
    list_display_links = ["id", "label"]
    list_filter = ["status", "source"]
    list_select_related = ["source"]
    search_fields = ["subject"]
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

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        found = Q(subject=term)
        # An event's own id is found by its key, which has an index behind each source.
        found |= Q(source__in=list(Source.objects.all()), dedup_key=hashlib.sha256(term.encode()).digest())
        if term.isdecimal() and len(term) < 19:
            found |= Q(pk=int(term))
        return queryset.filter(found), False

    @admin.display(description="event")
    def label(self, event):
        return event.label

    @admin.display(description="status", ordering="status")
    def colored_status(self, event):
        return badge(event.get_status_display(), STATUS_COLOURS[event.status])

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
