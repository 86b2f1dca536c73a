"""The filter and the view of chat in the list of jobs."""

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation
from console.changelist import filters
from console.changelist.extensions import ListExtension, list_extensions
from console.changelist.saved_views import View

MOST_UNANSWERED = 5_000  # conversations, those that were active last


class UnansweredChatFilter(filters.BooleanFilter):
    """Jobs of which a conversation waits for an answer."""

    title = _("chat is unanswered")
    parameter_name = "unanswered"

    def queryset(self, request, queryset):
        if self.value and request.method == "GET" and _latest()[MOST_UNANSWERED : MOST_UNANSWERED + 1].exists():
            said = _("These are the jobs of the {count} unanswered conversations that were active last: more wait.")
            messages.info(request, said.format(count=number_format(MOST_UNANSWERED)))
        return super().queryset(request, queryset)

    def apply(self, queryset):
        unanswered = Conversation.objects.filter(unanswered=True)
        about = unanswered.filter(
            Q(account="") | Q(account=OuterRef("client_id")),
            job_id=OuterRef("external_id"),
            source__provider=OuterRef("provider"),
        )
        # As an array they are looked up in the index, however many jobs there are; a subquery would be asked for each.
        one_of = {"template": "(%(expressions)s))", "arg_joiner": " = ANY (", "output_field": BooleanField()}
        return queryset.filter(
            Func("external_id", ArraySubquery(_latest().values("job_id")[:MOST_UNANSWERED]), **one_of), Exists(about)
        )


def _latest():
    """Return the conversations that wait for an answer, those that were active last first."""
    return Conversation.objects.filter(unanswered=True).order_by(F("active_at").desc(nulls_last=True), "-id")


@list_extensions.register
class JobListExtension(ListExtension):
    model = "orders.job"
    views = (View(_("Unanswered chat"), "unanswered=yes"),)
    filters = (UnansweredChatFilter,)
