"""Lists and pages of conversations, messages, contacts, tickets, groups and campaign reports."""

import pytest

from chat.models import Contact, Conversation
from orders.models import Job
from tests import payloads
from tests.factories import UserFactory

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "[x-data]",
    "javascript:alert(1)",
    "\u202eevil\u202c",
    "x" * 100_000,
]


@pytest.fixture
def whatsapp(source_of, post, process):
    def whatsapp(**message):
        source = source_of("oneroute", deep_link="https://shop.example/chats/{conversation_id}?from=desk")
        payload = payloads.load("new-message-documented-sample.json", "oneroute")
        payload["message"] |= message
        post(payload, to=source)
        process()
        return Conversation.objects.get()

    return whatsapp


@pytest.fixture
def look(client, ivo):
    client.force_login(ivo)

    def look(url):
        answer = client.get(url)
        assert answer.status_code == 200
        return answer.content.decode()

    return look


def test_shows_the_customer_the_channel_and_a_link_into_the_shop(whatsapp, look):
    page = look(whatsapp().get_admin_url())

    for words in ("Customer name", "customer@example.com", "WhatsApp", "Channel name", "Hello World!", "Unanswered"):
        assert words in page
    assert 'href="https://shop.example/chats/bf9d96d9-e495-489a-a22a-206b0ea44d90?from=desk"' in page


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_strangers_are_text(whatsapp, look, text):
    conversation = whatsapp(content=text, sender={"name": text[:190], "authUser": False})
    for url in (conversation.get_admin_url(), "/admin/chat/conversation/", "/admin/chat/message/"):
        page = look(url)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert ">49<" not in page


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://cdn.example.com/receipt.jpg", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("https://assets.DocsSmith Demo2.chat/a.pdf", False),
        ("//cdn.example.com/x", False),
        ("https://[", False),
    ],
)
def test_only_web_addresses_are_links(whatsapp, look, url, is_link):
    page = look(whatsapp(content=None, imageUrl=url, contentType="IMAGE").get_admin_url())
    assert (f'href="{url}"' in page) == is_link


def test_a_picture_of_a_host_that_is_not_allowed_is_a_link_and_no_picture(whatsapp, look, settings):
    settings.IMAGE_HOSTS = ["https://res.cloudinary.com"]
    conversation = whatsapp(content=None, imageUrl="https://tracker.example/p.png", contentType="IMAGE")
    assert '<img src="https://tracker.example' not in look(conversation.get_admin_url())


def test_the_job_page_shows_its_chat(post, process, look):
    chat = payloads.load("life-full-service-chat/03.json")
    sample = payloads.sample(client_id=chat["client_id"])
    sample["job"] |= {"id": chat["job_id"]}
    post(sample)
    post(chat)
    process()

    conversation = Conversation.objects.get()
    page = look(Job.objects.get().get_admin_url())
    assert "Ya voy en camino 🚗" in page
    assert conversation.get_admin_url() in page
    for url in (conversation.get_admin_url(), "/admin/chat/conversation/", "/admin/chat/message/"):
        page = look(url)
        assert sample["job"]["client_reference"] in page
        assert " ".join(sample["job"]["recipient"]["name"].split()) in page


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("hel wor", True),
        ("CUSTOMER", True),
        ("customer@exam", True),
        ("bf9d96d9-e495-489a-a22a-206b0ea44d90", True),
        ("goodbye", False),
        ("world hello friend", False),
        ("%", False),
        ("&|!:*()", False),
    ],
)
def test_finds_conversations_by_customer_and_words(whatsapp, look, term, found):
    whatsapp()
    page = look(f"/admin/chat/conversation/?q={term.replace('&', '%26').replace('%', '%25', 1)}")
    assert ("WhatsApp<br>" in page) == found


def test_finds_messages_by_their_words_without_accents(whatsapp, look):
    whatsapp(content="¿Me traes café molido, por favor?")
    assert "café molido" in look("/admin/chat/message/?q=CAFE+mol")
    assert "café molido" not in look("/admin/chat/message/?q=te")


def test_contact_ticket_group_and_report_have_pages(source_of, post, process, look):
    for provider in ("docssmith", "tawk", "oneroute"):
        source = source_of(provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=source)
    process()
    for model, words in {
        "contact": "KevinMcCallister",
        "ticket": "#3 Testing",
        "group": "Plaza Hotel",
        "campaignreport": "campaign completed.",
    }.items():
        page = look(f"/admin/chat/{model}/")
        assert words in page
        link = page.partition(f'href="/admin/chat/{model}/')[2].partition('"')[0]
        assert words.removeprefix("#3 ") in look(f"/admin/chat/{model}/{link}")
    kevin = Contact.objects.get(name="KevinMcCallister")
    assert "DocsSmith" in look(kevin.get_admin_url())


def test_conversations_need_a_permission(whatsapp, client):
    conversation = whatsapp()
    client.force_login(UserFactory(username="eve"))
    for url in (conversation.get_admin_url(), "/admin/chat/conversation/", "/admin/chat/message/"):
        assert client.get(url).status_code == 403


def test_lists_and_pages_take_few_queries(whatsapp, look, django_assert_max_num_queries):
    conversation = whatsapp()
    for url in (conversation.get_admin_url(), "/admin/chat/conversation/", "/admin/chat/message/"):
        with django_assert_max_num_queries(12):
            look(url)
