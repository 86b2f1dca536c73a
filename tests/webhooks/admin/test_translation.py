"""Every text of the integration console is translated: pages whose translations are marked contain no other text."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils.translation.trans_real import DjangoTranslation

from tests import payloads
from webhooks.auth import access_tokens
from webhooks.models import Event, Rejection, Source, Worker
from webhooks.payloads import parsing
from webhooks.providers import registry

LANGUAGES = ["es", "pt-br"]
# Elements with data: code, bodies, times, choices of data, and characters that are drawn as icons.
DATA_TAGS = {"bdi", "code", "del", "ins", "kbd", "option", "pre", "script", "style", "svg", "time"}
DATA_CLASSES = {"desk-comparison", "desk-ids", "material-symbols-outlined"}
TEXT_ATTRIBUTES = {"aria-label", "alt", "placeholder", "title"}
WITHOUT_END = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Names that are the same in every language.
NAMES = {
    *("4xx", "Delivery desk", "form-data", "HMAC", "ID", "JSON", "POST", "SHA-256", "SHA256", "URL", "urlencoded"),
    *("client_secret", "application/json", "active", "revoked"),  # as the database has a secret's state
}


class Texts(HTMLParser):
    """The texts and text attributes of a page's content, without those of elements with data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(page[page.index(">", page.index('id="main"')) + 1 :])

    @property
    def _is_data(self) -> bool:
        return any(is_data for _tag, is_data in self._open)

    def handle_starttag(self, tag, attributes):
        if not self._is_data:
            self.found += [value for name, value in attributes if name in TEXT_ATTRIBUTES and value]
        if tag not in WITHOUT_END:
            classes = set((dict(attributes).get("class") or "").split())
            self._open.append((tag, tag in DATA_TAGS or bool(classes & DATA_CLASSES)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self._is_data:
            self.found.append(" ".join(data.split()))


@pytest.fixture
def marked(monkeypatch):
    """Put every translation between brackets."""
    for name in ("gettext", "ngettext", "npgettext", "pgettext"):
        translate = getattr(DjangoTranslation, name)
        monkeypatch.setattr(
            DjangoTranslation, name, lambda self, *values, translate=translate: f"⟦{translate(self, *values)}⟧"
        )


@pytest.fixture
def urls(source, source_of, post, process, client, ivo):
    """The pages of the integration console, for sources, events and rejections of each kind."""
    tokens = source_of("instaleap", slug="dynamic", name="Dynamic", auth_mode="dynamic_token")
    token = access_tokens.issue(tokens.pk, tokens.secrets.get().pk, 3600, "192.0.2.1")
    source.keep_previous_auth(source.auth, None)
    source.save()
    source.secrets.create(auth_mode="signature", encrypted_value=b"x", fingerprint="0" * 12, state="revoked")
    Worker.objects.create(name="here:1")
    post(payloads.SAMPLE)
    process()
    post(payloads.sample(id="one"))
    post(payloads.sample(id="one", client_id="another"))
    post(payloads.sample(id="two", job={"payment_value": "much"}))
    post(payloads.sample(id="three"), secret="another")
    client.post(tokens.get_webhook_path(), b"{", content_type="application/json", headers={"Authorization": "Bearer x"})
    client.post(
        tokens.get_webhook_path(),
        payloads.body(payloads.SAMPLE),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    client.post("/webhooks/nowhere/", b"{}", content_type="application/json")
    process()
    client.force_login(ivo)
    urls = ["/admin/", reverse("admin:webhooks_source_add")]
    for model in admin.site._registry:
        if model._meta.app_label == "webhooks":
            page = f"admin:webhooks_{model._meta.model_name}"
            urls += [reverse(f"{page}_changelist")]
            urls += [reverse(f"{page}_change", args=[row.pk]) for row in model.objects.all()]
    for row in Source.objects.all():
        urls += [reverse(f"admin:webhooks_source_{page}", args=[row.pk]) for page in ("hand_over", "history")]
        urls += [reverse("admin:webhooks_source_secret", args=[row.pk, secret.pk]) for secret in row.secrets.all()]
    for event in Event.objects.all():
        urls += [reverse(f"admin:webhooks_event_{page}", args=[event.pk]) for page in ("replay", "conflict")]
    assert Rejection.objects.count() == 3
    return urls


@pytest.fixture
def data(urls):
    """The values of the database's rows, and the names of the stored headers: a page shows them as they are."""
    values = set(NAMES)
    for model in apps.get_models():
        if model._meta.app_label in ("webhooks", "orders"):
            for row in model.objects.all():
                values |= {str(getattr(row, field.attname)) for field in model._meta.concrete_fields}
                values |= set(getattr(row, "headers", ())) | set(map(str, getattr(row, "headers", {}).values()))
    values |= {provider.name for provider in registry().values()}
    values |= {source.get_webhook_path() for source in Source.objects.all()}
    values |= {parsing.Parsed.of(bytes(row.body)).problem for row in Rejection.objects.all()}  # as in the response
    return sorted((value for value in values if len(value) > 1), key=len, reverse=True)


def untranslated(page: str, data: list[str]) -> list[str]:
    """Return the texts of a page's content that remain without its translations, which may span elements, and data."""
    texts = "\0".join(Texts(page).found)
    while texts != (texts := re.sub(r"⟦[^⟦⟧]*⟧", "", texts)):
        pass
    texts = texts.casefold()
    for value in data:
        texts = texts.replace(value.casefold(), "")
    return [text for text in texts.split("\0") if re.search("[a-z]{2}", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_contains_an_untranslated_text(urls, data, client, marked, language):
    found = {}
    for url in urls:
        answer = client.get(url, headers={"accept-language": language}, follow=True)
        assert answer.status_code == 200, url
        for text in untranslated(answer.text, data):
            found.setdefault(text, url)
    assert [f"{url}: {text}" for text, url in found.items()] == []


def test_a_text_that_is_not_translated_is_found():
    page = '<div id="main"><p>⟦Los eventos ⟦dos⟧ <b>de⟧</b> hoy</p><code>any</code><input title="Ours"></div>'
    assert untranslated(page, []) == ["hoy", "ours"]
