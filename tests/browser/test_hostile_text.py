"""What strangers write comes out as text: on each kind of page nothing runs, leads elsewhere or breaks out.

What stands in the pages' HTML, for many more values: tests/test_hostile_text.py.
"""

import itertools
import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests import hostile, payloads
from tests.running import wait_for
from webhooks.providers import registry

# Ids, times, and what chooses among things or has to be short; the rest is free text.
KEPT = re.compile(
    r"((^|_)(id|ids|at|time|from|to|start|end|iv|encrypted_data|position|status|type|event|t|items|currency_code"
    r"|contacts|attachments|chatId)|[aA]t|Activity)$"
)
# By provider, what is sent one after the other.
SENT = {
    "instaleap": [
        *(f"life-full-service/{name}.json" for name in ("01-CREATED", "17-PICKING_STARTED", "34-CLIENT_RECEIVED")),
        "chat-documented-sample.json",
    ],
    "oneroute": ["new-message-documented-sample.json", "new-message-image.json", "campaign-report.json"],
    "tawk": ["chat-start.json", "chat-transcript-created.json", "ticket-create.json"],
    "docssmith": [f"{name}-created.json" for name in ("contact", "conversation", "message", "attachment", "group")],
}
# What on a page is not as its templates have it, though a browser made it of text.
BROKEN = r"""run => {
  const broken = [];
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const button of document.querySelectorAll("[data-copy]")) button.focus();
  if (window.ran) broken.push("a script ran");
  for (const element of document.querySelectorAll("*")) {
    for (const {name, value} of element.attributes) {
      if (/^(on|srcdoc|style$)/.test(name) && value.includes("ran")) broken.push(`${name}=${value}`);
      if (/^(x-|@|:)/.test(name) && value.includes(run)) broken.push(`${name}=${value}`);
      if (/^(href|src|action|formaction|data|xlink:href)$/.test(name)) {
        const {protocol} = new URL(value, location);
        if (!["http:", "https:", "tel:", "mailto:"].includes(protocol)) broken.push(`${name}=${value}`);
      }
    }
    const turns = [...element.childNodes].some(node => node.nodeType === 3 && /[\u202a-\u202e]/.test(node.data));
    const kept = /isolate|plaintext/.test(getComputedStyle(element).unicodeBidi);
    if (turns && !kept) broken.push(`turns what is around it: ${element.outerHTML}`);
    if (element.matches("script:not([src])") && element.text.includes(run)) broken.push(element.outerHTML);
  }
  if (document.documentElement.scrollWidth > innerWidth) broken.push(`${document.documentElement.scrollWidth} wide`);
  return [broken, document.body.innerText];
}"""


def made_hostile(value, addresses, key=""):
    """Return the value with every free text and every address in it replaced by a hostile one."""
    if isinstance(value, dict):
        return {name: made_hostile(inner, addresses, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [made_hostile(inner, addresses, key) for inner in value]
    if isinstance(value, str | None) and re.search("url$", key, re.IGNORECASE):
        return next(addresses)
    return hostile.SCRIPTS if isinstance(value, str) and not KEPT.search(key) else value


@pytest.fixture
def send(running):
    """Return a function that sends one of a provider's samples, made hostile, and returns its event's address."""
    slugs, addresses = {}, itertools.cycle(hostile.addresses(hostile.ASSIGNMENT))

    def send(provider, name, **changes):
        if provider not in slugs:
            slugs[provider] = f"{provider}-{uuid4().hex[:8]}"
            options = ["--secret-stdin", "--name", hostile.SCRIPTS[:100]]
            options += [f"--allow-network={network}" for network in ("127.0.0.0/8", "::1")]
            running.manage("add_source", provider, "--slug", slugs[provider], *options, input=payloads.SECRET)
        body = payloads.dump(made_hostile(payloads.load(name, provider), addresses) | changes)
        headers = registry()[provider].sign(payloads.SECRET, body) | {"Content-Type": "application/json"}
        answer = requests.post(f"{running.url}/webhooks/{slugs[provider]}/", body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return f"/admin/webhooks/event/{answer.json()['event']}/change/"

    return send


@pytest.fixture
def rows_of(running):
    """Return a function that returns where the rows are that an event became, by model, once it is read."""
    browser = running.browse()

    def rows_of(event):
        html = wait_for(lambda: ">Processed</span>" in (text := browser.get(running.url + event).text) and text)
        return {
            row.split("/")[3]: row for row in re.findall('href="(/admin/(?:orders|chat)/[a-z]+/[0-9]+/change/)', html)
        }

    return rows_of


@pytest.fixture
def look(running, page):
    """Return a function that opens an address on a phone, fails where text became more than text, and returns it."""
    page.set_viewport_size({"width": 390, "height": 800})

    def look(address):
        page.goto(running.url + address)
        return looked_at(page)

    return look


def looked_at(page):
    broken, text = page.evaluate(BROKEN, hostile.ASSIGNMENT)
    assert broken == [], page.url
    return text


def test_what_providers_pass_on_is_text(page, send, look, rows_of):
    events = [send(provider, name) for provider, names in SENT.items() for name in names]
    rows = {}
    for event in events:
        rows |= rows_of(event)
    assert set(rows) == {"job", "conversation", "contact", "ticket", "group", "campaignreport"}
    for address in [events[0], *rows.values()]:
        assert hostile.SCRIPT in look(address), address
    look(rows["job"])
    moment = page.locator("#timeline a[href*='at=']").first.get_attribute("href")
    assert hostile.SCRIPT in look(f"{rows['job']}{moment}")
    for model in [*rows, "message"]:
        look(f"/admin/{'orders' if model == 'job' else 'chat'}/{model}/")
    for address in ("/admin/webhooks/source/", "/admin/", f"/admin/search/?{urlencode({'q': hostile.SCRIPTS})}"):
        look(address)
    with page.expect_response("**/search/panel/**"):
        page.locator("#search").fill("window")
    looked_at(page)


def test_a_message_of_100_kb_is_cut_until_it_is_asked_for(page, send, look, rows_of):
    event = send("instaleap", "chat-documented-sample.json", notification_message=hostile.SCRIPT + "y" * 100_000)
    row = rows_of(event)["conversation"]
    assert len(look(event)) < 50_000
    shown = look(row)
    assert hostile.SCRIPT in shown
    assert len(shown) < 20_000
    page.get_by_role("link", name=re.compile("Show .* more characters")).last.click()
    expect(page.locator("#messages .desk-text").last).to_have_text(hostile.SCRIPT + "y" * 100_000)
    looked_at(page)
