"""Amounts of money as the page's language writes them."""

from decimal import Decimal

from console.formatting.numbers import localize_separators


def format_money(amount: Decimal | None, currency: str = "") -> str:
    """Return "1,768.85 MXN"; a whole amount without decimals, as some currencies have none."""
    if amount is None:
        return "–"
    text = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{localize_separators(text)} {currency}".strip()


def format_difference(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its sign: "+12.50", "−3"; nothing for none and for zero."""
    if not amount:
        return ""
    return f"{'+' if amount > 0 else '−'}{format_money(abs(amount), currency)}"
