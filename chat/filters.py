"""Filters that chat gives to the lists of others."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation
from config import filters

MOST_UNANSWERED = 10_000  # conversations, those that were active last


class UnansweredChatFilter(filters.Switch):
    """Jobs of which a conversation waits for an answer."""

    title = _("chat is unanswered")
    parameter_name = "unanswered"

    def narrow(self, queryset):
        unanswered = Conversation.objects.filter(unanswered=True)
        # First their jobs' ids, which an index finds, however many jobs there are; then whether it is that very job.
        latest = unanswered.order_by(F("active_at").desc(nulls_last=True), "-id").values("pk")[:MOST_UNANSWERED]
        ids = Conversation.objects.filter(pk__in=latest).exclude(job_id="").order_by().values("job_id")
        about = unanswered.filter(
            Q(account="") | Q(account=OuterRef("client_id")),
            job_id=OuterRef("external_id"),
            source__provider=OuterRef("provider"),
        )
        return queryset.filter(Exists(about), external_id__in=ids)
