import re

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from console.formatting.badges import badge
from console.formatting.durations import format_duration
from webhooks.auth_modes import find_auth_mode
from webhooks.json_viewer import Line, Text
from webhooks.json_viewer import spelled as spell
from webhooks.labels import STATE_COLOURS, STATUS_COLOURS, state_of, token_state
from webhooks.models import AccessToken, Event, Secret, Source

register = template.Library()


@register.simple_tag
def secret_state(secret: Secret):
    """Whether requests may prove themselves with it, and until when."""
    if not secret.is_live():
        return badge("No: revoked" if secret.state == Secret.State.REVOKED else "No: over", "red")
    return badge("Yes", "green") if secret.state == Secret.State.ACTIVE else badge(capfirst(state_of(secret)), "amber")


@register.simple_tag
def source_state(source: Source):
    return badge(source.get_state_display().partition(":")[0], STATE_COLOURS[source.state])


@register.simple_tag
def event_status(event: Event):
    return badge(event.get_status_display(), STATUS_COLOURS[event.status])


@register.simple_tag
def token_badge(token: AccessToken):
    return badge(*token_state(token))


@register.simple_tag
def lag(before, after):
    """How much later the second came, in words."""
    return (
        f"{format_duration(after - before)} later"
        if after >= before
        else f"{format_duration(after - before)} earlier: clocks differ"
    )


@register.filter
def ago(time) -> str:
    return f"{format_duration(timezone.now() - time)} ago"


@register.filter
def auth_mode_label(slug: str) -> str:
    """The label of an authentication mode; its slug where there is no such mode any more."""
    mode = find_auth_mode(slug)
    return str(mode.label) if mode else slug


register.filter("grouped", intcomma)

_REMOVED = re.compile(r"\[removed ([0-9a-f]{12})\]")


@register.simple_tag
def header_value(value: str):
    """A header as it was kept: text, and where a proof was taken out, its fingerprint."""
    parts = _REMOVED.split(value)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("{} <code>{}</code>", badge("taken out"), part) if number % 2 else spelled(spell(part)),)
            for number, part in enumerate(parts)
            if part
        ),
    )


@register.simple_tag
def spelled(text: Text):
    """A stranger's text, with what is spelled out marked as such."""
    parts = format_html_join(
        "",
        "{}",
        ((format_html('<span class="desk-odd">{}</span>', part) if odd else part,) for part, odd in text.parts),
    )
    if not text.left_out:
        return parts
    return format_html(
        '{}<span class="desk-quiet">… {} more character{}</span>',
        parts,
        intcomma(text.left_out),
        "" if text.left_out == 1 else "s",
    )


@register.simple_tag
def json_lines(lines: list[Line]):
    """Lines of JSON as items of a tree, which webhooks/body.js folds, searches and copies from."""
    return mark_safe("\n".join(_json_line(number, line) for number, line in enumerate(lines)))  # noqa: S308 - escaped


_DEEPEST = 24  # levels that are indented


def _json_line(number, line):
    depth = min(line.depth, _DEEPEST)
    if line.kind == "end":
        return format_html(
            '<div class="desk-json-line" role="none" style="--depth:{}">{}</div>', depth, spelled(line.value)
        )
    key = format_html('<span class="desk-json-key"><bdi>{}</bdi></span>: ', spelled(line.key)) if line.key else ""
    quote = mark_safe('<span class="desk-json-quote">&quot;</span>') if line.kind == "string" else ""
    notes = [format_html('<span class="desk-json-note">{}</span>', _how_many(line))] if line.is_open else []
    notes += [badge(mark.text, mark.colour) for mark in line.marks]
    return format_html(
        '<div class="desk-json-line" role="treeitem" aria-level="{}"{} style="--depth:{}" tabindex="{}" data-step="{}"'
        ' data-at="{}-{}">{}{}{}<bdi class="desk-json-{}">{}</bdi>{}{}</div>',
        line.depth + 1,
        mark_safe(' aria-expanded="true"') if line.is_open else "",
        depth,
        -1 if number else 0,
        line.step,
        line.start,
        line.end,
        mark_safe('<span class="desk-json-caret" aria-hidden="true"></span>') if line.is_open else "",
        key,
        quote,
        line.kind,
        spelled(line.value),
        quote,
        format_html_join("", " {}", ((note,) for note in notes)),
    )


def _how_many(line):
    one, many = ("key", "keys") if line.kind == "object" else ("value", "values")
    return f"{intcomma(line.count)} {one if line.count == 1 else many}"
