"""Links that pages, commands and reports offer to pages of the admin."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    text: str
    url: str  # in the admin
