"""Processing events again, from the page of one or the list of many: a preview of the changes, then a confirmation."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView

from console.audit_log import log_list_action
from console.changelist.saved_views import normalize_query
from webhooks.admin.views import ModelAdminView
from webhooks.models import Event
from webhooks.processing import dry_run
from webhooks.processing.replay import replay_events, replayable

if TYPE_CHECKING:
    from webhooks.admin.events import EventAdmin

MAX_EVENTS = 100_000  # of one action, the newest; `manage.py replay_events` has no limit
_BATCH_SIZE = 5000  # so that no worker waits long for the rows
TEMPLATE = "admin/webhooks/event/replay.html"
TITLE = _("Process again")


class ConfirmationForm(forms.Form):
    """The answer to the action's question, which the list's own form has not."""

    confirmed = forms.BooleanField()


@dataclass(frozen=True, kw_only=True)
class ReplayPreview:
    """The number of events that would be processed again, and the changes that this would make."""

    count: int
    left_out: int  # chosen events that cannot be processed again
    changes: dry_run.Preview | None  # None where there are no events
    is_cut: bool = False  # whether more than MAX_EVENTS were chosen
    query: str = ""  # of the list that they were chosen in
    fields: list[tuple[str, str]] = field(default_factory=list)  # of the list's form, to be sent again


class ReplayView(ModelAdminView, FormView):  # type: ignore[type-arg]  # no generic at run time
    """Processing one event again."""

    route = "<int:pk>/replay/"
    name = "webhooks_event_replay"
    permission_required = ("webhooks.change_event",)
    form_class = forms.Form  # sending it is the confirmation
    template_name = TEMPLATE

    @property
    def title(self) -> str:
        return str(TITLE)

    @cached_property
    def event(self) -> Event:
        return get_object_or_404(Event.objects.select_related("source"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        events = replayable(Event.objects.filter(pk=self.event.pk))
        count = events.count()
        changes = dry_run.preview(events) if count else None
        return super().get_context_data(
            replay=ReplayPreview(count=count, left_out=1 - count, changes=changes), **kwargs
        )

    def form_valid(self, form: forms.Form) -> HttpResponse:
        is_replayed = replay_events(Event.objects.filter(pk=self.event.pk))
        self.model_admin.log_change(
            self.request, self.event, "To be processed again." if is_replayed else "Cannot be processed again."
        )
        message = _("It will be processed again.") if is_replayed else _("It cannot be processed again.")
        self.model_admin.message_user(self.request, message)
        return redirect("admin:webhooks_event_change", self.event.pk)


@admin.action(description=_("Process again…"), permissions=["replay"])
def replay(model_admin: "EventAdmin", request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
    """Show what processing the chosen events again would change; once that is confirmed, process them."""
    events = replayable(queryset)
    ids = list(events.values_list("pk", flat=True)[: MAX_EVENTS + 1])
    is_cut, ids = len(ids) > MAX_EVENTS, ids[:MAX_EVENTS]
    query = normalize_query(request.META.get("QUERY_STRING", ""))
    if ConfirmationForm(request.POST).is_valid():
        count = _replay_in_batches(ids)
        log_list_action(request.user, Event, f"To be processed again: {count} events of ?{query}")
        message = ngettext("{count} event will be processed again.", "{count} events will be processed again.", count)
        message = message.format(count=number_format(count, force_grouping=True))
        if is_cut:
            message = f"{message} {_('More events match: repeat this once these are processed.')}"
        model_admin.message_user(request, message)
        return None
    preview = ReplayPreview(
        count=len(ids),
        left_out=0 if is_cut else queryset.values("pk")[: MAX_EVENTS + 1].count() - len(ids),
        changes=dry_run.preview(Event.objects.filter(pk__in=ids[: dry_run.MAX_EVENTS])) if ids else None,
        is_cut=is_cut,
        query=query,
        fields=[
            (name, value)
            for name in ("action", "select_across", helpers.ACTION_CHECKBOX_NAME)
            for value in request.POST.getlist(name)
        ]
        + [("confirmed", "yes")],
    )
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": TITLE,
        "replay": preview,
    }
    return TemplateResponse(request, TEMPLATE, context)


def _replay_in_batches(ids: list[int]) -> int:
    batches = [ids[start : start + _BATCH_SIZE] for start in range(0, len(ids), _BATCH_SIZE)]
    return sum(replay_events(Event.objects.filter(pk__in=batch)) for batch in batches)
