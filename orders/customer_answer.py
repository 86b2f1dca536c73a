"""What to say to a customer who asks for their order, and what is wrong with it: rules over a job, no database.

A sentence is whole, so that it can be translated and read out as it stands. What is not known is not guessed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.formatting.datetimes import between
from console.formatting.durations import format_duration
from console.formatting.money import format_money
from console.formatting.text import collapse_whitespace, shorten
from orders.labels import words
from webhooks.payloads import jobs

LATE_FROM = timedelta(minutes=1)
SILENT_FROM = timedelta(hours=1)  # without an event while it is under way
LONGEST = 80  # characters of a name in a sentence
NAMED = 3  # things that a sentence names before it counts them

# What is being done about an order. How far each step of InstaLeap's has brought it, begun and done:
STAGES = {
    "GOING_TO_ORIGIN": ("to_store", "at_store"),
    "ZONE_PICKING": ("picking", "picking"),
    "PICKING": ("picking", "paying"),
    "CHECKING_OUT": ("paying", "packed"),
    "PARKING": ("packed", "packed"),
    "STORING": ("packed", "packed"),
    "TRANSFERRING": ("handing", "packed"),
    "GOING_TO_DESTINATION": ("on_the_way", "at_the_door"),
    "DELIVERING": ("at_the_door", "at_the_door"),
}
# What is said at each stage: where it is planned for a time, where it is late, and where neither is known.
SENTENCES = {
    "waiting": (
        gettext_lazy("We have your order; it is planned for {slot}, and nobody has started on it yet."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and nobody has started on it yet."),
        gettext_lazy("We have your order, and nobody has started on it yet; I cannot see a time for it."),
    ),
    "assigned": (
        gettext_lazy("We have your order; it is planned for {slot}, and {who} will take care of it."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}, and {who}, who will take care of it, has not"
            " started yet."
        ),
        gettext_lazy("We have your order, and {who} will take care of it; I cannot see a time for it."),
    ),
    "to_store": (
        gettext_lazy("{who} is going to the store for your order, which is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and {who} is going to the store now."),
        gettext_lazy("{who} is going to the store for your order; I cannot see a time for it."),
    ),
    "at_store": (
        gettext_lazy("{who} is at the store for your order, which is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and {who} is at the store for it."),
        gettext_lazy("{who} is at the store for your order; I cannot see a time for it."),
    ),
    "picking": (
        gettext_lazy("{who} is picking your order in the store; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}, and {who} is still picking it in the store."
        ),
        gettext_lazy("{who} is picking your order in the store; I cannot see a time for it."),
    ),
    "paying": (
        gettext_lazy("Your order is picked and is being checked out; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is picked and is being checked out now."
        ),
        gettext_lazy("Your order is picked and is being checked out; I cannot see a time for it."),
    ),
    "packed": (
        gettext_lazy("Your order is packed and waits in the store; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is packed and still waits in the store."
        ),
        gettext_lazy("Your order is packed and waits in the store; I cannot see a time for it."),
    ),
    "handing": (
        gettext_lazy("Your order is packed and is being handed to who brings it; it is planned for {slot}."),
        gettext_lazy(
            "I am sorry, your order is late: it was planned for {slot}; it is packed and is being handed to who brings"
            " it."
        ),
        gettext_lazy("Your order is packed and is being handed to who brings it; I cannot see a time for it."),
    ),
    "on_the_way": (
        gettext_lazy("Your order is on its way to you with {who}; it is planned for {slot}."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and is on its way to you with {who}."),
        gettext_lazy("Your order is on its way to you with {who}; I cannot see a time for it."),
    ),
    "at_the_door": (
        gettext_lazy("{who} has arrived with your order and is handing it over."),
        gettext_lazy(
            "I am sorry that your order is late: it was planned for {slot}; {who} has arrived and is handing it over."
        ),
        gettext_lazy("{who} has arrived with your order and is handing it over."),
    ),
    "ready": (
        gettext_lazy("Your order is ready to be collected at {store}; your time is {slot}."),
        gettext_lazy("Your order is ready at {store} and has not been collected yet; your time was {slot}."),
        gettext_lazy("Your order is ready to be collected at {store}."),
    ),
    "collecting": (
        gettext_lazy("Your order is being handed over at {store}."),
        gettext_lazy("Your order is being handed over at {store}; your time was {slot}."),
        gettext_lazy("Your order is being handed over at {store}."),
    ),
    "unknown": (
        gettext_lazy("Your order is being worked on and is planned for {slot}; I cannot see how far it is."),
        gettext_lazy("I am sorry, your order is late: it was planned for {slot}, and I cannot see how far it is."),
        gettext_lazy("Your order is being worked on; I can see neither how far it is nor a time for it."),
    ),
}


@dataclass(frozen=True)
class Situation:
    """How a job stands at a moment (`now`), as far as an answer depends on it."""

    status: str
    now: datetime
    heard_at: datetime | None = None  # when its last event happened
    is_collected: bool = False  # the customer comes for it
    cancelled_by: str = ""
    slot_from: datetime | None = None
    slot_to: datetime | None = None
    stage: str = "unknown"  # a key of SENTENCES
    doing: str = ""  # the step that goes on
    doing_until: datetime | None = None  # when that should be over
    who: str = ""  # who has it now, or will
    store: str = ""
    ended_at: datetime | None = None
    missing: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)  # what, by what
    price: tuple[Decimal, Decimal] | None = None  # when ordered, now; None where one of them is not known
    currency: str = ""
    payment_status: str = ""

    @property
    def is_over(self) -> bool:
        return self.status in ("CANCELLED", "FINISHED", "REFUSED")

    @property
    def is_in_time(self) -> bool:
        """Whether it has a slot, and keeps or kept it as far as is known."""
        return self.slot_to is not None and self.status not in ("CANCELLED", "REFUSED") and not self.late_by

    @property
    def late_by(self) -> timedelta | None:
        """How long after its slot it ended, or still goes on; None where it is in time, or never will end."""
        if self.slot_to is None or self.status in ("CANCELLED", "REFUSED"):
            return None
        until = self.ended_at if self.status == "FINISHED" else self.now
        late = until - self.slot_to if until else None
        return late if late and late >= LATE_FROM else None


@dataclass(frozen=True)
class Answer:
    sentence: str
    also: list[str]  # what else the customer should hear


def answer(situation: Situation) -> Answer:
    """Return what to say to the customer."""
    if situation.status in ("CANCELLED", "REFUSED"):
        return Answer(_ended_badly(situation), [])
    sentence = _finished(situation) if situation.status == "FINISHED" else _under_way(situation)
    return Answer(sentence, [*_items(situation), *_money(situation)])


def problems(situation: Situation) -> list[str]:
    """Return what is wrong, in words, the worst first."""
    found = []
    if situation.status == "CANCELLED":
        found.append(
            {
                "CUSTOMER": _("Cancelled by the customer"),
                "CONTROL_TOWER": _("Cancelled by the control tower"),
                "": _("Cancelled; by whom did not come"),
            }.get(situation.cancelled_by)
            or _("Cancelled by {who}").format(who=words(situation.cancelled_by))
        )
    elif situation.status == "REFUSED":
        found.append(_("Refused"))
    if late := situation.late_by:
        words_ = _("It came {time} late") if situation.is_over else _("It is {time} late")
        found.append(words_.format(time=format_duration(late, "min")))
    if situation.missing:
        names = _named(situation.missing)
        found.append(
            ngettext("Not found: {names}", "{count} not found: {names}", len(situation.missing)).format(
                count=len(situation.missing), names=names
            )
        )
    if situation.payment_status in ("DECLINED", "FAILED", "REJECTED"):
        found.append(_("The payment is {status}").format(status=words(situation.payment_status).lower()))
    if not situation.is_over:
        found += _stuck(situation)
    return found


def _stuck(situation):
    now = situation.now
    if situation.stage == "waiting" and situation.slot_from and situation.slot_from <= now:
        yield _("Its slot has begun, and nobody has it")
    if situation.doing_until and now - situation.doing_until >= LATE_FROM:
        yield _("{step} should have been over {time} ago").format(
            step=words(situation.doing), time=format_duration(now - situation.doing_until, "min")
        )
    if situation.heard_at and now - situation.heard_at >= SILENT_FROM:
        yield _("Nothing was heard of it for {time}").format(time=format_duration(now - situation.heard_at, "min"))


def _ended_badly(situation):
    if situation.status == "REFUSED":
        return _("I am sorry, your order was refused and will not come; the reason is not given here.")
    if situation.cancelled_by == "CUSTOMER":
        return _("Your order was cancelled at your own request; it will not come.")
    if situation.cancelled_by == "CONTROL_TOWER":
        return _("I am sorry, we had to cancel your order; the reason is not given here.")
    if situation.cancelled_by:
        return _("Your order was cancelled by {who}; the reason is not given here.").format(
            who=words(situation.cancelled_by)
        )
    return _("Your order was cancelled; I cannot see by whom, nor why.")


def _finished(situation):
    ended, slot = situation.ended_at, (situation.slot_from, situation.slot_to)
    if ended is None:
        return _("Your order was collected.") if situation.is_collected else _("Your order was delivered.")
    if situation.late_by:
        sentence = (
            _("Your order was collected {when}, {late} after your time.")
            if situation.is_collected
            else _("I am sorry that your order was late: it was delivered {when}, {late} after your time.")
        )
        return sentence.format(when=_when(ended, situation.now), late=format_duration(situation.late_by, "min"))
    if slot[1] is None:
        sentence = (
            _("Your order was collected {when}.") if situation.is_collected else _("Your order was delivered {when}.")
        )
    elif slot[0] and ended < slot[0]:
        sentence = (
            _("Your order was collected {when}, before your time.")
            if situation.is_collected
            else _("Your order was delivered {when}, before your time.")
        )
    else:
        sentence = (
            _("Your order was collected {when}, in time.")
            if situation.is_collected
            else _("Your order was delivered {when}, in time.")
        )
    return sentence.format(when=_when(ended, situation.now))


def _under_way(situation):
    if situation.status not in ("CREATED", "PROCESSING"):
        status = words(situation.status) if situation.status else ""
        if not status:
            return _("I see your order, but not how it stands; let me find out.")
        return _("I see your order, but it stands at “{status}”, which says nothing to me; let me find out.").format(
            status=status
        )
    planned, late, untimed = SENTENCES[situation.stage]
    sentence = late if situation.late_by else planned if situation.slot_to else untimed
    said = str(sentence).format(
        slot=slot_in_words(situation.slot_from, situation.slot_to, situation.now),
        who=situation.who or _("somebody from our team"),
        store=situation.store or _("the store"),
    )
    return said[:1].upper() + said[1:]


def _items(situation):
    if missing := situation.missing:
        yield ngettext(
            "One thing could not be found: {names}.", "{count} things could not be found: {names}.", len(missing)
        ).format(count=len(missing), names=_named(missing))
    replaced = situation.replaced
    for what, by in replaced[:NAMED]:
        if by:
            yield _("{what} was replaced by {by}.").format(what=what, by=by)
        else:
            yield _("{what} was replaced; I cannot see by what.").format(what=what)
    if (more := len(replaced) - NAMED) > 0:
        yield ngettext("{count} more was replaced.", "{count} more were replaced.", more).format(count=more)


def _money(situation):
    if situation.price and situation.price[0] != situation.price[1]:
        before, after = (format_money(amount, situation.currency) for amount in situation.price)
        yield _("It comes to {after} instead of {before}.").format(before=before, after=after)


def _named(names):
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    return (
        ngettext("{names} and {count} more", "{names} and {count} more", more).format(names=shown, count=more)
        if more > 0
        else shown
    )


def slot_in_words(start: datetime | None, end: datetime | None, now: datetime | None = None) -> str:
    """14:00–15:00 today, 3 Mar 14:00–15:00 on another day, – where it is not known."""
    if not end:
        return date_format(timezone.localtime(start), "DAY_AND_TIME") if start else "–"
    local_end = timezone.localtime(end)
    if not start:
        return date_format(local_end, "DAY_AND_TIME")
    local_start = timezone.localtime(start)
    if now is None or timezone.localtime(now).date() != local_start.date():
        return between(start, end)
    begins = date_format(local_start, "TIME_FORMAT")
    if local_start.date() == local_end.date():
        return f"{begins}–{date_format(local_end, 'TIME_FORMAT')}"
    return f"{begins} – {date_format(local_end, 'DAY_AND_TIME')}"


def _when(time, now):
    local = timezone.localtime(time)
    if local.date() == timezone.localtime(now).date():
        return _("at {time}").format(time=date_format(local, "TIME_FORMAT"))
    return _("on {day} at {time}").format(
        day=date_format(local, "MONTH_DAY_FORMAT"), time=date_format(local, "TIME_FORMAT")
    )


def situation(job: jobs.Job, now: datetime, heard_at: datetime | None = None) -> Situation:
    """Return how a job stands at `now`, from its values: those of all its events until then, merged (orders.state)."""
    slot = job.slot or jobs.Slot()
    tasks = [task for task in job.tasks if not is_removed(task)]
    is_collected = (job.operational_model or "").startswith("PICK_AND_COLLECT")
    stage, task, step = _stage(tasks, is_collected=is_collected)
    items = [item for item in job.job_items if not is_removed(item)]
    names = {item.id: _short(item.name or item.id) for item in job.job_items}
    before = job.original_prices and job.original_prices.payment_value
    after = job.updated_prices and job.updated_prices.payment_value
    payment_info = job.payment_info or jobs.PaymentInfo()
    return Situation(
        status=_short(job.status),
        now=now,
        heard_at=heard_at,
        is_collected=is_collected,
        cancelled_by=_short(job.cancellation_source),
        slot_from=slot.from_,
        slot_to=slot.to,
        stage=stage,
        doing=_short(step.type) if step and step.status == "DOING" else "",
        doing_until=step.optimal_end if step and step.status == "DOING" else None,
        who=_short(name_of(task.resource)) if task else "",
        store=_short(job.origin.name) if job.origin else "",
        ended_at=_ended_at(tasks, heard_at) if job.status == "FINISHED" else None,
        missing=[names[item.id] for item in items if item.status == "NOT_FOUND"],
        replaced=[
            (names[item.id], ", ".join(names.get(id) or _short(id) for id in ids_of(item.replacements)[:NAMED]))
            for item in items
            if item.status == "REPLACED"
        ],
        price=(before, after) if before is not None and after is not None else None,
        currency=payment_info.currency_code or "",
        payment_status=(payment_info.payment and payment_info.payment.payment_status) or "",
    )


def _stage(tasks, *, is_collected):
    """Return how far it is, whose task that is, and the step; the last that goes on counts, else the last done."""
    steps = [(task, step) for task in tasks for step in task.steps if not is_removed(step)]
    doing = [(task, step) for task, step in steps if step.status == "DOING"]
    done = [(task, step) for task, step in steps if step.status == "DONE"]
    if not (doing or done):
        task = next((task for task in tasks if task.resource and name_of(task.resource)), None)
        started = any(task.status in ("DOING", "DONE") for task in tasks)
        return ("unknown" if started else "assigned" if task else "waiting"), task, None
    task, step = (doing or done)[-1]
    stage = STAGES.get(step.type or "", ("unknown", "unknown"))[0 if doing else 1]
    if is_collected and stage == "at_the_door":
        stage = "collecting"
    elif is_collected and not doing and stage == "packed" and _only_pick_up_is_left(tasks):
        stage = "ready"
    return stage, task, step


def _only_pick_up_is_left(tasks):
    return all(task.type == "PICK_UP" or task.status == "DONE" for task in tasks)


def _ended_at(tasks, heard_at):
    ends = [step.actual_end for task in tasks for step in task.steps if step.actual_end]
    return max(ends) if ends else heard_at


def _short(text: str | None) -> str:
    return shorten(collapse_whitespace(text), LONGEST)


def is_removed(part: jobs.Value) -> bool:
    """Return whether a later event no longer had it (orders.state)."""
    return bool((part.model_extra or {}).get("removed"))


def ids_of(ids) -> list[str]:
    """Return what a provider wrote where ids of other things should stand; what are none is left out."""
    return [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []


def name_of(resource: jobs.Resource | None) -> str:
    return collapse_whitespace(f"{resource.first_name or ''} {resource.last_name or ''}") if resource else ""
