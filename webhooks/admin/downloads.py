"""What strangers sent, as a file that nothing opens or runs."""

from django.http import HttpResponse

from webhooks.payloads import parsing

_POLICY = "default-src 'none'; sandbox"  # also where somebody makes a browser show it all the same


def as_it_came(body: bytes, name: str) -> HttpResponse:
    """Return the bytes to be saved under `name`, which is ours, with the ending that fits."""
    ending = "bin" if parsing.Parsed.of(body).problem else "json"
    return HttpResponse(
        body,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{ending}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "private, no-store",
        },
    )
