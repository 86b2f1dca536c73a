"""The sentences for a customer who asks about an order, and the problems that support should see, from a Situation.

Each sentence is a whole, so that it can be translated and read out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from console.formatting.durations import format_duration
from console.formatting.money import format_money
from orders.labels import code_label, format_slot
from orders.lateness import LATE_FROM
from orders.situation import Progress, Situation

SILENT_FROM = timedelta(hours=1)  # without an event while the job is under way
MAX_NAMES = 3  # that a sentence lists; the others are counted


@dataclass(frozen=True)
class Sentences:
    """The sentences for a job under way: on time, late, and without a slot."""

    planned: Promise
    late: Promise
    untimed: Promise


SENTENCES = {
    Progress.WAITING: Sentences(
        gettext_lazy("We have your order; it is planned for {slot}, and nobody has started on it yet."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and nobody has started on it yet."),
        gettext_lazy("We have your order, and nobody has started on it yet; I don't have a time yet."),
    ),
    Progress.ASSIGNED: Sentences(
        gettext_lazy("We have your order; it is planned for {slot}, and {who} will take care of it."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}, and {who}, who will take care of it, has not"
            " started yet."
        ),
        gettext_lazy("We have your order, and {who} will take care of it; I don't have a time yet."),
    ),
    Progress.GOING_TO_STORE: Sentences(
        gettext_lazy("{who} is going to the store for your order, which is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and {who} is going to the store now."),
        gettext_lazy("{who} is going to the store for your order; I don't have a time yet."),
    ),
    Progress.AT_STORE: Sentences(
        gettext_lazy("{who} is at the store for your order, which is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and {who} is at the store for it."),
        gettext_lazy("{who} is at the store for your order; I don't have a time yet."),
    ),
    Progress.PICKING: Sentences(
        gettext_lazy("{who} is picking your order in the store; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}, and {who} is still picking it in the store."
        ),
        gettext_lazy("{who} is picking your order in the store; I don't have a time yet."),
    ),
    Progress.CHECKING_OUT: Sentences(
        gettext_lazy("Your order is picked and is being checked out; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is picked and is being checked out now."
        ),
        gettext_lazy("Your order is picked and is being checked out; I don't have a time yet."),
    ),
    Progress.PACKED: Sentences(
        gettext_lazy("Your order is packed and waiting in the store; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is packed and still waiting in the store."
        ),
        gettext_lazy("Your order is packed and waiting in the store; I don't have a time yet."),
    ),
    Progress.TRANSFERRING: Sentences(
        gettext_lazy("Your order is packed and is being handed to the driver; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is packed and is being handed to the driver."
        ),
        gettext_lazy("Your order is packed and is being handed to the driver; I don't have a time yet."),
    ),
    Progress.ON_THE_WAY: Sentences(
        gettext_lazy("Your order is on its way to you with {who}; it is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and is on its way to you with {who}."),
        gettext_lazy("Your order is on its way to you with {who}; I don't have a time yet."),
    ),
    Progress.AT_THE_DOOR: Sentences(
        gettext_lazy("{who} has arrived with your order and is handing it over."),
        gettext_lazy(
            "I am sorry that your order is late: it was planned for {slot}; {who} has arrived and is handing it over."
        ),
        gettext_lazy("{who} has arrived with your order and is handing it over."),
    ),
    Progress.READY_TO_COLLECT: Sentences(
        gettext_lazy("Your order is ready to be collected at {store}; your time slot is {slot}."),
        gettext_lazy("Your order is ready at {store} and has not been collected yet; your time slot was {slot}."),
        gettext_lazy("Your order is ready to be collected at {store}."),
    ),
    Progress.COLLECTING: Sentences(
        gettext_lazy("Your order is being handed over at {store}."),
        gettext_lazy("Your order is being handed over at {store}; your time slot was {slot}."),
        gettext_lazy("Your order is being handed over at {store}."),
    ),
    Progress.UNKNOWN: Sentences(
        gettext_lazy("Your order is being worked on and is planned for {slot}; I cannot see how far along it is."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}, and I cannot see how far along it is."
        ),
        gettext_lazy("Your order is being worked on; I don't have a time yet and cannot see how far along it is."),
    ),
}


@dataclass(frozen=True)
class Answer:
    sentence: str
    details: list[str]  # further sentences: items, and the new total


def write_answer(situation: Situation) -> Answer:
    """Return what to tell the customer."""
    if situation.status in ("CANCELLED", "REFUSED"):
        return Answer(_cancelled_or_refused(situation), [])
    sentence = _finished(situation) if situation.status == "FINISHED" else _under_way(situation)
    return Answer(sentence, [*_items(situation), *_new_total(situation)])


def find_problems(situation: Situation) -> list[str]:
    """Return a line for each problem, the worst first."""
    found = []
    if situation.status == "CANCELLED":
        found.append(
            {
                "CUSTOMER": _("Cancelled by the customer"),
                "CONTROL_TOWER": _("Cancelled by the control tower"),
                "": _("Cancelled (by whom: not given)"),
            }.get(situation.cancelled_by)
            or _("Cancelled by {who}").format(who=code_label(situation.cancelled_by))
        )
    elif situation.status == "REFUSED":
        found.append(_("Refused"))
    if late := situation.late_by:
        if not situation.is_final:
            sentence = _("{time} late")
        else:
            sentence = _("Collected {time} late") if situation.is_collected else _("Delivered {time} late")
        found.append(sentence.format(time=format_duration(late, "min")))
    if situation.missing:
        names = _list_names(situation.missing)
        found.append(
            ngettext("Not found: {names}", "{count} not found: {names}", len(situation.missing)).format(
                count=len(situation.missing), names=names
            )
        )
    if situation.payment_status in ("DECLINED", "FAILED", "REJECTED"):
        found.append(_("The payment is {status}").format(status=code_label(situation.payment_status).lower()))
    if not situation.is_final:
        found += _stuck(situation)
    return found


def _stuck(situation: Situation) -> Iterator[str]:
    now = situation.now
    if situation.progress is Progress.WAITING and situation.slot_from and situation.slot_from <= now:
        yield _("Slot started, unassigned")
    if situation.current_step_due_at and now - situation.current_step_due_at >= LATE_FROM:
        yield _("{step} is {time} over plan").format(
            step=code_label(situation.current_step), time=format_duration(now - situation.current_step_due_at, "min")
        )
    if situation.last_event_at and now - situation.last_event_at >= SILENT_FROM:
        yield _("No updates for {time}").format(time=format_duration(now - situation.last_event_at, "min"))


def _cancelled_or_refused(situation: Situation) -> str:
    if situation.status == "REFUSED":
        return _("I am sorry, your order was refused; the reason is not given here.")
    if situation.cancelled_by == "CUSTOMER":
        return _("Your order was cancelled at your request.")
    if situation.cancelled_by == "CONTROL_TOWER":
        return _("I am sorry, we had to cancel your order; the reason is not given here.")
    if situation.cancelled_by:
        return _("Your order was cancelled by {who}; the reason is not given here.").format(
            who=code_label(situation.cancelled_by)
        )
    return _("Your order was cancelled; I cannot see by whom or why.")


def _finished(situation: Situation) -> str:
    finished_at, late = situation.finished_at, situation.late_by
    if finished_at is None:
        return _("Your order was collected.") if situation.is_collected else _("Your order was delivered.")
    if late:
        collected = _("Your order was collected {when}, {late} after your time slot.")
        delivered = _("I am sorry that your order was late: it was delivered {when}, {late} after your time slot.")
    elif situation.slot_to is None:
        collected = _("Your order was collected {when}.")
        delivered = _("Your order was delivered {when}.")
    elif situation.slot_from and finished_at < situation.slot_from:
        collected = _("Your order was collected {when}, before your time slot.")
        delivered = _("Your order was delivered {when}, before your time slot.")
    else:
        collected = _("Your order was collected {when}, on time.")
        delivered = _("Your order was delivered {when}, on time.")
    return (collected if situation.is_collected else delivered).format(
        when=_when(finished_at, situation.now), late=format_duration(late, "min") if late else ""
    )


def _under_way(situation: Situation) -> str:
    if situation.status not in ("CREATED", "PROCESSING"):
        status = code_label(situation.status) if situation.status else ""
        if not status:
            return _("I see your order, but not its status; let me check.")
        return _("I see your order with the status “{status}”; let me check.").format(status=status)
    sentences = SENTENCES[situation.progress]
    on_time = sentences.planned if situation.slot_to else sentences.untimed
    text = str(sentences.late if situation.late_by else on_time).format(
        slot=_slot(situation),
        who=situation.assignee or _("somebody from our team"),
        store=pgettext("store", "{name}").format(name=situation.store) if situation.store else _("the store"),
    )
    return text[:1].upper() + text[1:]


def _slot(situation: Situation) -> str:
    """Return the slot as a part of a sentence."""
    slot = [timezone.localtime(time) for time in (situation.slot_from, situation.slot_to) if time]
    days = {time.date() for time in slot}
    if len(slot) < 2 or len(days) > 1:
        return format_slot(situation.slot_from, situation.slot_to, situation.now)
    start, end = (date_format(time, "TIME_FORMAT") for time in slot)
    if days == {timezone.localtime(situation.now).date()}:
        return _("{start}–{end}").format(start=start, end=end)
    return _("{day} {start}–{end}").format(day=date_format(slot[0], "MONTH_DAY_FORMAT"), start=start, end=end)


def _items(situation: Situation) -> Iterator[str]:
    if missing := situation.missing:
        yield ngettext(
            "1 item was unavailable: {names}.", "{count} items were unavailable: {names}.", len(missing)
        ).format(count=len(missing), names=_list_names(missing))
    replaced = situation.replaced
    for what, by in replaced[:MAX_NAMES]:
        if by:
            yield _("{what} was replaced by {by}.").format(what=what, by=by)
        else:
            yield _("{what} was replaced; I cannot see by what.").format(what=what)
    if (more := len(replaced) - MAX_NAMES) > 0:
        yield ngettext("{count} more was replaced.", "{count} more were replaced.", more).format(count=more)


def _new_total(situation: Situation) -> Iterator[str]:
    if situation.price and situation.price[0] != situation.price[1]:
        before, after = (format_money(amount, situation.currency) for amount in situation.price)
        yield _("The new total is {after} (was {before}).").format(before=before, after=after)


def _list_names(names: list[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES])
    more = len(names) - MAX_NAMES
    return (
        ngettext("{names} and {count} more", "{names} and {count} more", more).format(names=shown, count=more)
        if more > 0
        else shown
    )


def _when(time: datetime, now: datetime) -> str:
    local = timezone.localtime(time)
    if local.date() == timezone.localtime(now).date():
        return _("at {time}").format(time=date_format(local, "TIME_FORMAT"))
    return _("on {day} at {time}").format(
        day=date_format(local, "MONTH_DAY_FORMAT"), time=date_format(local, "TIME_FORMAT")
    )
