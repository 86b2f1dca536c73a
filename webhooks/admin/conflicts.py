"""The page of a conflict: the two bodies under one event id side by side, and the decision which of them applies."""

import difflib
import itertools
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from webhooks import json_viewer
from webhooks.admin.views import ModelAdminView
from webhooks.models import Event
from webhooks.processing import conflicts
from webhooks.processing.dry_run import preview

MAX_LINES_COMPARED_EXACTLY = 2000  # of longer bodies, difflib skips popular lines
CONTEXT_LINES = 4  # around each difference
APPLY, DISMISS = "apply", "dismiss"
DECISIONS = {
    APPLY: (conflicts.apply_conflict, _("This version is current now; the one before is dismissed.")),
    DISMISS: (conflicts.dismiss_conflict, _("This version is dismissed; nothing changes.")),
}


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[(decision, decision) for decision in DECISIONS])


@dataclass(frozen=True)
class LinePair:
    """The lines of two texts at one place; `differs`: whether they are not the same."""

    left: str
    right: str
    differs: bool = False


class ConflictView(ModelAdminView, FormView):  # type: ignore[type-arg]  # no generic at run time
    """The comparison with the current body, and the form that decides."""

    route = "<int:pk>/conflict/"
    name = "webhooks_event_conflict"
    permission_required = ("webhooks.change_event",)
    form_class = DecisionForm
    template_name = "admin/webhooks/event/conflict.html"

    @cached_property
    def event(self) -> Event:
        return get_object_or_404(Event.objects.select_related("source", "conflict_of"), pk=self.kwargs["pk"])

    @property
    def title(self) -> str:
        return gettext("Conflict of {event}").format(event=self.event)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except conflicts.NoConflictError as error:
            self.model_admin.message_user(request, str(error), messages.WARNING)
            return redirect("admin:webhooks_event_change", self.event.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event, original = self.event, self.event.conflict_of
        if original is None:
            raise conflicts.NoConflictError
        return super().get_context_data(
            event=event,
            original=original,
            lines=compare_lines(_as_lines(original), _as_lines(event)),
            changes=preview(Event.objects.filter(pk=event.pk), first=lambda: conflicts.apply_conflict(event)),
            **kwargs,
        )

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        decide, message = DECISIONS[form.cleaned_data["decision"]]
        decide(self.event)
        with translation.override(None):  # the history is in English
            self.model_admin.log_change(self.request, self.event, str(message))
        self.model_admin.message_user(self.request, message)
        return redirect("admin:webhooks_event_change", self.event.pk)


def compare_lines(lefts: list[str], rights: list[str]) -> list[LinePair]:
    """Return the lines of two texts side by side where they differ, with CONTEXT_LINES around each difference."""
    matcher = difflib.SequenceMatcher(a=lefts, b=rights, autojunk=len(lefts) > MAX_LINES_COMPARED_EXACTLY)
    lines = []
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        lines.append(LinePair("…", "…"))
        for kind, a, b, c, d in group:
            pairs = itertools.zip_longest(lefts[a:b], rights[c:d], fillvalue="")
            lines += [LinePair(left, right, kind != "equal") for left, right in pairs]
    return lines


def _as_lines(event: Event) -> list[str]:
    return json_viewer.text_lines(json_viewer.render_body(bytes(event.body)))
