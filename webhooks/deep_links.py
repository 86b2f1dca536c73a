"""From a job or a conversation to where the retailer's own shop shows it."""

import re
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError

NAMES = ("job_id", "client_reference", "conversation_id")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def validate_link_template(template: str) -> None:
    """Raise ValidationError where `template` would not become a link that may be followed."""
    for name in _PLACEHOLDER.findall(template):
        if name not in NAMES:
            raise ValidationError(f"{{{name}}} is not known here; there are {', '.join(f'{{{n}}}' for n in NAMES)}.")
    if re.search(r"[{}\s]", _PLACEHOLDER.sub("", template)):
        raise ValidationError("There is a brace without its other half, or a space, in it.")
    try:
        parts = urlsplit(_PLACEHOLDER.sub("x", template))
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValidationError("Begin with https:// and the name of a host.")
    if _PLACEHOLDER.search(template.partition("://")[2].partition("/")[0]):
        raise ValidationError("What a provider sends may not choose the host: no braces before the first /.")


def build_link(template: str, **values: str) -> str:
    """Return the link, or "" where there is no template or a value that it needs is missing."""
    names = _PLACEHOLDER.findall(template)
    if not template or not all(values.get(name) for name in names):
        return ""
    return _PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), template)
