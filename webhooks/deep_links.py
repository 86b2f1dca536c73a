"""Links from a job or a conversation to its page in the retailer's own shop."""

import re
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NAMES = ("job_id", "client_reference", "conversation_id")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def validate_link_template(template: str) -> None:
    """Raise ValidationError, in the active language, where a URL with placeholders would not become a safe link."""
    for name in _PLACEHOLDER.findall(template):
        if name not in NAMES:
            known = ", ".join(f"{{{name}}}" for name in NAMES)
            raise ValidationError(
                _("{name} is an unknown placeholder; known are {known}.").format(name=f"{{{name}}}", known=known)
            )
    if re.search(r"[{}\s]", _PLACEHOLDER.sub("", template)):
        raise ValidationError(_("The URL contains an unmatched brace or a space."))
    try:
        parts = urlsplit(_PLACEHOLDER.sub("x", template))
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValidationError(_("Enter a URL that begins with https:// and a host name."))
    if _PLACEHOLDER.search(template.partition("://")[2].partition("/")[0]):
        raise ValidationError(_("The host name must not contain a placeholder, as providers send the values."))


def build_link(template: str, **values: str) -> str:
    """Return the link, or "" where there is no template or a value that it needs is missing."""
    names = _PLACEHOLDER.findall(template)
    if not template or not all(values.get(name) for name in names):
        return ""
    return _PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), template)
