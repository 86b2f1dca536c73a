"""What strangers write comes out as text: on every page that shows it nothing runs, leads elsewhere or breaks out."""

import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests import payloads
from tests.running import wait_for
from webhooks.providers import registry

RUN = "window.ran=1"
MARKUP = f"<script>{RUN}</script><img src=x onerror={RUN}>" + "{{ 7*7 }}"
HOSTILE = (
    f"""{MARKUP}{{% now "Y" %}}" x-data="{RUN}" x-init="{RUN}" @click="{RUN}" autofocus onfocus="{RUN}" '>"""
    f"""<svg onload='{RUN}'></textarea></title></template><iframe srcdoc="<script>{RUN}</script>"> """
    f"javascript:{RUN} =1+1 "
    "\u202egpj.exe\u202c \u2067\u200f\u0627\u0644\u200b" + "W" * 200
)
ADDRESSES = [
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}//https://",
    f"\tjava\nscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f'https://example.com/"onerror="{RUN}" x-init="{RUN}',
    "//example.com/\u202egpj.exe",
]
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
  return broken;
}"""


def hostile(value, key=""):
    """Return the value with every text in it that is free replaced by a hostile one."""
    if isinstance(value, dict):
        return {name: hostile(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, key) for inner in value]
    if isinstance(value, str | None) and re.search("url$", key, re.IGNORECASE):
        return ADDRESSES[len(key) % len(ADDRESSES)]
    return HOSTILE if isinstance(value, str) and not KEPT.search(key) else value


@pytest.fixture
def send(running):
    """Return a function that sends one of a provider's samples, made hostile, and returns its event once it is read."""
    browser = running.browse()
    slugs = {}

    def send(provider, name, **changes):
        if provider not in slugs:
            slugs[provider] = f"{provider}-{uuid4().hex[:8]}"
            options = ["--secret-stdin", "--name", HOSTILE[:100]]
            options += [f"--allow-network={network}" for network in ("127.0.0.0/8", "::1")]
            running.manage("add_source", provider, "--slug", slugs[provider], *options, input=payloads.SECRET)
        body = payloads.dump(hostile(payloads.load(name, provider)) | changes)
        headers = registry()[provider].sign(payloads.SECRET, body) | {"Content-Type": "application/json"}
        answer = requests.post(f"{running.url}/webhooks/{slugs[provider]}/", body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        address = f"{running.url}/admin/webhooks/event/{answer.json()['event']}/change/"
        wait_for(lambda: ">Processed</span>" in browser.get(address).text)
        return address

    return send


@pytest.fixture
def look(page):
    """Return a function that opens an address on a phone, fails where text became more than text, and returns it."""
    page.set_viewport_size({"width": 390, "height": 800})

    def look(address):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        page.evaluate("document.querySelectorAll('[data-copy]').forEach(button => button.focus())")
        assert page.evaluate(BROKEN, RUN) == [], address
        return page.inner_text("body")

    return look


def test_what_providers_pass_on_is_text(running, page, send, look):
    rows = set()
    for provider, names in SENT.items():
        for name in names:
            event = send(provider, name)
            assert MARKUP in look(event)
            links = page.eval_on_selector_all("#event a", "links => links.map(link => link.pathname)")
            rows |= {link for link in links if re.match("/admin/(orders|chat)/.*/change/", link)}
    models = {row.split("/")[3] for row in rows}
    assert models == {"job", "conversation", "contact", "ticket", "group", "campaignreport"}
    for row in sorted(rows):
        assert MARKUP in look(running.url + row)
    job = next(row for row in rows if "/job/" in row)
    page.goto(running.url + job)
    moment = page.locator("#timeline a[href*='at=']").first.get_attribute("href")
    assert MARKUP in look(f"{running.url}{job}{moment}")

    for model in models | {"message"}:
        page.goto(f"{running.url}/admin/{'orders' if model == 'job' else 'chat'}/{model}/")
        look(page.url)
    look(f"{running.url}/admin/webhooks/source/")
    look(f"{running.url}/admin/")
    for term in ("window", "{{ 7*7 }}", HOSTILE):
        page.goto(f"{running.url}/admin/search/?{urlencode({'q': term})}")
        look(page.url)
    with page.expect_response("**/search/panel/**"):
        page.locator("#search").fill("window")
    assert page.evaluate(BROKEN, RUN) == []


def test_a_message_of_100_kb_is_cut_until_it_is_asked_for(running, page, send, look):
    event = send("instaleap", "chat-documented-sample.json", notification_message=MARKUP + "y" * 100_000)
    assert len(look(event)) < 50_000
    page.locator("#event a[href*='/chat/conversation/']").first.click()
    shown = look(page.url)
    assert MARKUP in shown
    assert len(shown) < 20_000
    page.get_by_role("link", name=re.compile("Show all")).last.click()
    expect(page.locator("#messages .desk-text").last).to_have_text(MARKUP + "y" * 100_000)
    assert page.evaluate(BROKEN, RUN) == []
