"""Template tags that display a request body: {% load json_viewer %}."""

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from console.formatting.badges import badge
from webhooks.json_viewer import EscapedText, JSONLine

register = template.Library()
_MAX_INDENTATION = 24  # levels


@register.simple_tag
def render_text(text: EscapedText) -> SafeString:
    """Return a text from outside as HTML, with its escapes marked as such."""
    parts = format_html_join(
        "",
        "{}",
        ((format_html('<span class="desk-odd">{}</span>', part) if escaped else part,) for part, escaped in text.parts),
    )
    if not text.left_out:
        return parts
    more = ngettext("… {count} more character", "… {count} more characters", text.left_out)
    return format_html('{}<span class="desk-quiet">{}</span>', parts, more.format(count=intcomma(text.left_out)))


@register.simple_tag
def json_lines(lines: list[JSONLine]) -> SafeString:
    """Return lines of JSON as items of a tree, which webhooks/json_viewer.js folds, searches and copies from."""
    return mark_safe("\n".join(_render_line(number, line) for number, line in enumerate(lines)))  # noqa: S308 - escaped


def _render_line(number: int, line: JSONLine) -> SafeString:
    depth = min(line.depth, _MAX_INDENTATION)
    if line.kind == "end":
        return format_html(
            '<div class="desk-json-line" role="none" style="--depth:{}">{}</div>', depth, render_text(line.value)
        )
    key = format_html('<span class="desk-json-key"><bdi>{}</bdi></span>: ', render_text(line.key)) if line.key else ""
    quote = mark_safe('<span class="desk-json-quote">&quot;</span>') if line.kind == "string" else ""
    notes = [format_html('<span class="desk-json-note">{}</span>', _count(line))] if line.is_open else []
    notes += [badge(str(mark.text), mark.colour) for mark in line.marks]
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
        render_text(line.value),
        quote,
        format_html_join("", " {}", ((note,) for note in notes)),
    )


def _count(line: JSONLine) -> str:
    if line.kind == "object":
        text = ngettext("{count} key", "{count} keys", line.count)
    else:
        text = ngettext("{count} value", "{count} values", line.count)
    return text.format(count=intcomma(line.count))
