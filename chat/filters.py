"""The filter and the view of chat in the list of jobs."""

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation
from console.changelist import filters
from console.changelist.extensions import ListExtension, list_extensions
from console.changelist.saved_views import View
from orders.models import Job

UNANSWERED_LIMIT = 5_000  # conversations, the most recently active


class UnansweredChatFilter(filters.BooleanFilter):
    """Jobs with an unanswered conversation."""

    title = _("chat is unanswered")
    parameter_name = "unanswered"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value and request.method == "GET" and _latest()[UNANSWERED_LIMIT : UNANSWERED_LIMIT + 1].exists():
            note = _("Showing the jobs of the {count} most recently active unanswered conversations; there are more.")
            messages.info(request, note.format(count=number_format(UNANSWERED_LIMIT)))
        return super().queryset(request, queryset)

    def apply(self, queryset: QuerySet[Job]) -> QuerySet[Job]:
        unanswered = Conversation.objects.filter(unanswered=True)
        about = unanswered.filter(
            Q(account="") | Q(account=OuterRef("client_id")),
            job_id=OuterRef("external_id"),
            source__provider=OuterRef("provider"),
        )
        # The ids of an array are found by the index of jobs; PostgreSQL would run a subquery for each job.
        ids = ArraySubquery(_latest().values("job_id")[:UNANSWERED_LIMIT])
        is_one = Func(
            "external_id", ids, template="(%(expressions)s))", arg_joiner=" = ANY (", output_field=BooleanField()
        )
        return queryset.filter(is_one, Exists(about))


def _latest() -> QuerySet[Conversation]:
    """Return the unanswered conversations, the most recently active first."""
    return Conversation.objects.filter(unanswered=True).order_by(F("active_at").desc(nulls_last=True), "-id")


@list_extensions.register
class JobListExtension(ListExtension):
    model = "orders.job"
    views = (View(_("Unanswered chat"), "unanswered=yes"),)
    filters = (UnansweredChatFilter,)
