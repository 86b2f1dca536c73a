"""Processing again what was ticked in the list of events, or all that it filters: what would change first, then it."""

from django.contrib import admin
from django.contrib.admin import helpers
from django.utils.formats import number_format

from console.audit_log import record
from console.changelist.changelist import normalised
from webhooks.models import Event
from webhooks.processing import dry_run
from webhooks.processing.replay import replay, replayable

MOST = 100_000  # events at a time, the newest; `manage.py replay_events` has no bound
_AT_ONCE = 5000


class BulkReplay:
    """The action "Process again…" for EventAdmin; it asks on the page of EventPages."""

    def has_replay_permission(self, request):
        return request.user.has_perm("webhooks.change_event")

    def get_list_tools(self, request):
        tools = ["admin/webhooks/event/replay_tool.html"] if self.has_replay_permission(request) else []
        return [*tools, *super().get_list_tools(request)]

    @admin.action(description="Process again…", permissions=["replay"])
    def replay(self, request, queryset):
        """Show what would change, and ask; the answer comes here again."""
        events = replayable(queryset)
        ids = list(events.values_list("pk", flat=True)[: MOST + 1])
        is_cut, ids = len(ids) > MOST, ids[:MOST]
        if "confirmed" in request.POST:
            count = _replay(ids)
            query = normalised(request.META.get("QUERY_STRING", ""))
            record(request.user, Event, f"To be processed again: {count} events of ?{query}")
            said = (
                f"{number_format(count, force_grouping=True)} event{'' if count == 1 else 's'} will be processed again."
            )
            if is_cut:
                said += " More fit: once these are processed, do the rest."
            self.message_user(request, said)
            return None
        left_out = 0 if is_cut else queryset.values("pk")[: MOST + 1].count() - len(ids)
        return self._replay_page(
            request,
            count=len(ids),
            is_cut=is_cut,
            left_out=left_out,
            preview=dry_run.preview(Event.objects.filter(pk__in=ids[: dry_run.MAX_EVENTS])) if ids else None,
            query=normalised(request.META.get("QUERY_STRING", "")),
            posted=[
                (name, value)
                for name in ("action", "select_across", helpers.ACTION_CHECKBOX_NAME)
                for value in request.POST.getlist(name)
            ],
        )


def _replay(ids: list[int]) -> int:
    # In steps, so that workers wait for none of them long.
    steps = [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
    return sum(replay(Event.objects.filter(pk__in=step)) for step in steps)
