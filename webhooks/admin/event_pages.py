"""The pages of an event: what came, what proved it, what it changed; replay; two bodies under one id."""

import difflib
import itertools
import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from webhooks import json_viewer
from webhooks.admin.downloads import as_it_came
from webhooks.labels import what_became
from webhooks.models import Event
from webhooks.processing import conflicts, projections
from webhooks.processing.dry_run import preview
from webhooks.processing.replay import replay, replayable
from webhooks.providers.base import SIGNATURE

MOST_COMPARED = 2000  # lines, without shortcuts
LINES_AROUND = 4
MOST_OTHER_BODIES = 20
MOST_EFFECTS = 40  # things that an event changed
SIGNED = json_viewer.Mark("signed", "green")
NOT_READ = json_viewer.Mark("the error is about this", "red")
# What UnreadableError names: paths from somewhere within the payload.
_NAMED_IN_ERROR = re.compile(r"(?:^|; )([\w.\[\]]+): ")


class EventPages:
    """A mixin of EventAdmin."""

    page_template = "admin/webhooks/event/page.html"

    def get_urls(self):
        pages = {"replay": self.replay_view, "conflict": self.conflict_view, "body": self.body_view}
        return [
            *(
                path(f"<int:event_id>/{name}/", self.admin_site.admin_view(view), name=f"webhooks_event_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def get_page(self, request, event):
        signature = signature_of(event)
        marks = dict.fromkeys(signature.signed_paths if signature else (), SIGNED)
        if event.status == Event.Status.DEAD:
            marks |= {f"…{path}": NOT_READ for path in _NAMED_IN_ERROR.findall(event.error)}
        effects = projections.effects(event) if event.status == Event.Status.PROCESSED else []
        return {
            "title": f"{event.label}, event {event.pk}",
            "event": event,
            "became": what_became(event),
            "links": projections.admin_links(event.source, event.subject),
            "effects": effects[:MOST_EFFECTS],
            "effects_left_out": len(effects) - MOST_EFFECTS,
            "other_bodies": event.conflicts.defer("body", "headers").order_by("id")[:MOST_OTHER_BODIES],
            "before": _beside(event, "-id", id__lt=event.pk),
            "after": _beside(event, "id", id__gt=event.pk),
            "signature": signature,
            "signs_timestamp": signature is not None and "{timestamp}" in signature.value,
            "covers_all": signature is not None and not signature.of_fields,
            "marks_signed": bool(signature and signature.signed_paths),
            "body": None if event.purged_at else json_viewer.shown(bytes(event.body), marks),
            "raw_url": reverse("admin:webhooks_event_body", args=[event.pk]),
            "may_replay": self.has_replay_permission(request)
            and replayable(Event.objects.filter(pk=event.pk)).exists(),
            "may_decide": self.has_replay_permission(request) and event.conflict_of_id is not None,
        }

    def body_view(self, request, event_id):
        """Hand out the body as it came, to the byte."""
        event = get_object_or_404(Event, pk=event_id)
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        if event.purged_at:
            raise Http404("Its body was dropped.")
        return as_it_came(bytes(event.body), f"event-{event.pk}")

    def replay_view(self, request, event_id):
        event = self._get(request, event_id)
        if request.method == "POST":
            count = replay(Event.objects.filter(pk=event.pk))
            self.log_change(request, event, "To be processed again." if count else "Cannot be processed again.")
            self.message_user(request, "It will be processed again." if count else "It cannot be processed again.")
            return redirect("admin:webhooks_event_change", event.pk)
        events = replayable(Event.objects.filter(pk=event.pk))
        count = events.count()
        return self._replay_page(request, count=count, left_out=1 - count, preview=preview(events) if count else None)

    def _replay_page(self, request, **context):
        """Show what would change, and ask."""
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": "Process again"}
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
                raise conflicts.NoConflictError
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
            "lines": side_by_side(_as_lines(event.conflict_of), _as_lines(event)),
            "preview": applied,
        }
        return TemplateResponse(request, "admin/webhooks/event/conflict.html", context)

    def _get(self, request, event_id):
        if not self.has_replay_permission(request):
            raise PermissionDenied
        return get_object_or_404(Event.objects.select_related("source", "conflict_of"), pk=event_id)


def side_by_side(lefts: list[str], rights: list[str]) -> list[tuple[str, str, bool]]:
    """Return the lines of two texts beside each other where they differ, with some around, and whether each does."""
    matcher = difflib.SequenceMatcher(a=lefts, b=rights, autojunk=len(lefts) > MOST_COMPARED)
    lines = []
    for group in matcher.get_grouped_opcodes(LINES_AROUND):
        lines.append(("…", "…", False))
        for kind, a, b, c, d in group:
            pairs = itertools.zip_longest(lefts[a:b], rights[c:d], fillvalue="")
            lines += [(one, other, kind != "equal") for one, other in pairs]
    return lines


def signature_of(event: Event):
    """Return the signature that proved it, or None: where a token did, or its provider has that signature no more."""
    signatures = event.source.get_provider().signatures if event.auth_mode == SIGNATURE else ()
    return next((signature for signature in signatures if signature.signed_content == event.signed_content), None)


def _beside(event, order, **numbers):
    """Return the event that came before or after this one about the same, or None."""
    if not event.subject:
        return None
    events = Event.objects.filter(subject=event.subject, source__provider=event.source.provider, **numbers)
    return events.select_related("source").defer("body", "headers").order_by(order).first()


def _as_lines(event):
    return json_viewer.as_lines(json_viewer.shown(bytes(event.body)))
