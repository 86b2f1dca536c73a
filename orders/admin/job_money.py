"""Views of a job's amounts of money, for its page."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from webhooks.payloads import jobs


@dataclass(frozen=True)
class AmountView:
    """An amount when the job was ordered and now; None if it is not known."""

    label: str
    ordered: Decimal | None
    now: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        if self.ordered is None or self.now is None or self.ordered == self.now:
            return None
        return self.now - self.ordered


def build_amounts(job: jobs.Job) -> list[AmountView]:
    """Return the amounts that are known and, as the last, the amount to pay."""
    ordered, updated = job.original_prices or jobs.Prices(), job.updated_prices or jobs.Prices()
    to_pay = updated.payment_value if updated.payment_value is not None else job.payment_value
    parts = [
        AmountView(_("Subtotal"), ordered.subtotal, updated.subtotal),
        AmountView(_("Shipping"), ordered.shipping_fee, updated.shipping_fee),
        AmountView(_("Discounts"), ordered.discounts, updated.discounts),
        AmountView(_("Taxes"), ordered.taxes, updated.taxes),
    ]
    known = [amount for amount in parts if amount.ordered is not None or amount.now is not None]
    return [*known, AmountView(_("To pay"), ordered.payment_value, to_pay)]
