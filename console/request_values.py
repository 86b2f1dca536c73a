"""Values out of a request's address."""

MAX_PK_DIGITS = 18  # so that it is below 2**63, PostgreSQL's largest bigint


def parse_pk(text: str) -> int | None:
    """Return the primary key that a text spells in ASCII digits, or None where it spells none that could exist."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_PK_DIGITS else None
