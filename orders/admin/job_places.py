"""Views of a job's store and destination, for its page, and links to maps."""

from dataclasses import dataclass
from urllib.parse import quote

from console.formatting.text import collapse_whitespace
from webhooks.payloads import jobs

MAX_ADDRESS = 500  # characters of an address that is looked up on a map


@dataclass(frozen=True)
class PlaceView:
    title: str
    name: str
    reference: str
    street: str
    region: str  # postal code, city, state and country
    description: str
    address: str  # street and region
    map_url: str


def build_place(title: str, place: jobs.Place | None) -> PlaceView | None:
    if place is None:
        return None
    street = _joined(", ", place.address, place.address_two)
    region = _joined(", ", _joined(" ", place.zip_code, place.city), place.state, place.country)
    address = _joined(", ", street, region)
    searched = coordinates(place) or address[:MAX_ADDRESS]
    return PlaceView(
        title=title,
        name=collapse_whitespace(place.name),
        reference=collapse_whitespace(place.store_reference),
        street=street,
        region=region,
        description=collapse_whitespace(place.description),
        address=address,
        map_url=map_url(searched) if searched else "",
    )


def coordinates(place: jobs.Place | jobs.Position) -> str:
    """Return "latitude,longitude"; "" if one is missing or there is no such place on Earth."""
    if place.latitude is None or place.longitude is None or abs(place.latitude) > 90 or abs(place.longitude) > 180:
        return ""
    return f"{place.latitude:f},{place.longitude:f}"


def map_url(place: str) -> str:
    """Return the URL of a map that shows an address or "latitude,longitude"."""
    return f"https://www.google.com/maps/search/?api=1&query={quote(place, safe='')}"


def _joined(separator: str, *texts: str | None) -> str:
    return separator.join(text for text in map(collapse_whitespace, texts) if text)
