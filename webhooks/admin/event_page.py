"""The page of an event: its payload, its verification, its effects, and the events before and after it."""

import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks import json_viewer
from webhooks.admin.downloads import BodyDownloadView
from webhooks.auth_modes import find_auth_mode
from webhooks.labels import describe_result
from webhooks.models import Event
from webhooks.processing import projections
from webhooks.processing.replay import replayable
from webhooks.providers.signatures import Signature

MAX_OTHER_BODIES = 20
MAX_EFFECTS = 40
SIGNED = json_viewer.Mark(_("signed"), "green")
UNREADABLE = json_viewer.Mark(_("the error is about this"), "red")
# The paths that the message of an UnreadableError begins with; each may begin within the payload.
_PATH_IN_ERROR = re.compile(r"(?:^|; )([\w.\[\]]+): ")


class EventBodyView(BodyDownloadView):
    route = "<int:pk>/body/"
    name = "webhooks_event_body"
    queryset = Event.objects.filter(purged_at=None)


def build_event_context(event: Event, *, may_replay: bool) -> dict[str, Any]:
    """Return the context of admin/webhooks/event/page.html; `may_replay`: whether the user may process events again."""
    signature = signature_of(event)
    marks = dict.fromkeys(signature.signed_paths if signature else (), SIGNED)
    if event.status == Event.Status.DEAD:
        marks |= {f"…{path}": UNREADABLE for path in _PATH_IN_ERROR.findall(event.error)}
    effects = projections.effects(event) if event.status == Event.Status.PROCESSED else []
    return {
        "title": gettext("{label}, event {number}").format(label=event.label, number=event.pk),
        "event": event,
        "result": describe_result(event),
        "links": projections.admin_links(event.source, event.subject),
        "effects": effects[:MAX_EFFECTS],
        "effects_left_out": len(effects) - MAX_EFFECTS,
        "other_bodies": event.conflicts.defer("body", "headers").order_by("id")[:MAX_OTHER_BODIES],
        "before": _neighbour(event, "-id", id__lt=event.pk),
        "after": _neighbour(event, "id", id__gt=event.pk),
        "signature": signature,
        "signs_timestamp": signature is not None and "{timestamp}" in signature.value,
        "covers_all": signature is not None and not signature.of_fields,
        "marks_signed": bool(signature and signature.signed_paths),
        "body": None if event.purged_at else json_viewer.render_body(bytes(event.body), marks),
        "raw_url": reverse("admin:webhooks_event_body", args=[event.pk]),
        "may_replay": may_replay and replayable(Event.objects.filter(pk=event.pk)).exists(),
        "may_decide": may_replay and event.conflict_of_id is not None,
    }


def signature_of(event: Event) -> Signature | None:
    """Return the signature that the event was verified by; None for a token, or where the provider has it no more."""
    mode = find_auth_mode(event.auth_mode)
    return mode.find_signature(event.source.get_provider(), event.signed_content) if mode else None


def _neighbour(event: Event, order: str, **numbers: int) -> Event | None:
    """Return the event before or after this one with the same subject, or None."""
    if not event.subject:
        return None
    events = Event.objects.filter(subject=event.subject, source__provider=event.source.provider, **numbers)
    return events.select_related("source").defer("body", "headers").order_by(order).first()
