"""The page of a conversation."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from chat import thread
from chat.message_views import TEXT_LIMIT
from chat.models import Attachment, Contact, Conversation, Message
from console.search import normalize
from orders.models import Job
from tests import payloads

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOSTILE = [
    "<script>alert(1)</script>",
    '" x-data="alert(1)" @click="alert(1)',
    "{{ 7*7 }}{% debug %}",
    "javascript:alert(1)",
    "\u202egpj.exe",
    "\u2066\u200b\ufeff",
    "https://evil.example/\u202e/gpj.exe",
    "x" * 190,
]


@pytest.fixture
def whatsapp(source_of):
    return Conversation.objects.create(
        source=source_of("oneroute"),
        external_id="c",
        channel="WHATSAPP",
        received_at=START,
        contact=Contact.objects.create(source=source_of("oneroute", slug="o2"), external_id="ana", name="Ana"),
    )


@pytest.fixture
def add_messages(whatsapp):
    def add_messages(count, **fields):
        start = whatsapp.messages.count()
        messages = [
            Message(
                source=whatsapp.source,
                conversation=whatsapp,
                external_id=f"m{number:06d}",
                received_at=START,
                sent_at=START + timedelta(minutes=10 * number),
                **{"direction": "in", "sender": "Ana", "kind": "text", "text": f"message-{number}."} | fields,
            )
            for number in range(start, start + count)
        ]
        for message in messages:
            message.search_text = normalize.name(message.text)
        return Message.objects.bulk_create(messages)

    return add_messages


@pytest.fixture
def look(client, ivo, whatsapp):
    client.force_login(ivo)

    def look(query="", url=None):
        answer = client.get(f"{url or whatsapp.get_admin_url()}{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    return look


def shown(page):
    return [int(number) for number in re.findall(r">message-(\d+)\.</p>", page)]


def link(page, id):
    found = re.search(rf'<a id="{id}"[^>]*href="([^"#]*)', page)
    return found and found[1].replace("&amp;", "&")


def test_opens_at_its_end_and_goes_back_to_the_beginning_by_its_own_links(add_messages, look):
    add_messages(400)
    page, seen = look(), []
    assert shown(page) == list(range(350, 400))
    assert "Start of the conversation" not in page
    pages = 0
    while link(page, "earlier"):
        seen, pages = sorted({*seen, *shown(page)}), pages + 1
        assert len(shown(page)) <= thread.MAX_MESSAGES
        page = look(link(page, "earlier"))
    assert sorted({*seen, *shown(page)}) == list(range(400))
    assert "Start of the conversation" in page
    assert pages == 7
    assert shown(look(link(page, "later"))) == list(range(49, 100))


def test_a_link_to_a_message_shows_the_messages_around_it(add_messages, look):
    messages = add_messages(200)
    page = look(messages[70].get_thread_url().removeprefix(messages[70].conversation.get_admin_url()).partition("#")[0])
    assert shown(page) == list(range(45, 95))
    assert re.search(rf'desk-target\s*"\s+id="message-{messages[70].pk}"', page)


@pytest.mark.parametrize("id", ["0", "x", "99999999999999999999", "-1", "٣"])
def test_a_missing_message_is_reported(add_messages, look, id):
    add_messages(3)
    page = look(f"?message={id}")
    assert "Message not found in this conversation" in page
    assert shown(page) == [0, 1, 2]


def test_finds_messages_by_their_words_and_marks_them(add_messages, look):
    (message,) = add_messages(1, text="Me traes café molido")
    add_messages(80)
    page = look("?find=cafe")
    assert "1 message found" in page
    assert "Me traes <mark>café</mark> molido" in page
    assert f"message={message.pk}" in link(page, f"to-{message.pk}")
    assert "No messages found" in look("?find=nothing+like+it")


def test_shows_edits_and_deletions(add_messages, look, whatsapp):
    deleted, edited = add_messages(2)
    Message.objects.filter(pk=deleted.pk).update(deleted=True, deleted_at=START + timedelta(hours=5))
    position = f"{int((START + timedelta(hours=1)).timestamp() * 1_000_000):017d}"
    Message.objects.filter(pk=edited.pk).update(versions=[["0", "<b>before</b>"], [position, "message-1."]])
    page = " ".join(look().split())
    assert '<span class="desk-badge desk-red">Deleted</span> <span> deletion received 2 Mar 15:00 </span>' in page
    assert "until 2 Mar 11:00:00 </span> <bdi>&lt;b&gt;before&lt;/b&gt;</bdi>" in page
    assert "message-0." not in look("transcript/", whatsapp.get_admin_url().removesuffix("change/"))


def test_a_quotation_shows_the_text_as_it_was_written(add_messages, look):
    add_messages(1, text="Calle <Reforma> 5, CDMX")
    add_messages(1, quoted_id="m000000")
    page = " ".join(look().split())
    assert re.search(r'<blockquote dir="auto"> <a href="[^"]+"> Calle &lt;Reforma&gt; 5, CDMX </a> </blockquote>', page)


def test_the_transcript_is_plain_text_in_which_no_text_looks_like_another_message(add_messages, client, ivo, whatsapp):
    add_messages(
        1, text="<b>hello</b>\u202e\n\n2 Mar 2026 10:01  Ana:\u2028I take it back", direction="out", sender="Ivo"
    )
    add_messages(1, text="gone", direction="out", sender="Ivo", deleted=True)
    client.force_login(ivo)
    answer = client.get(whatsapp.get_admin_url().replace("change", "transcript"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == (
        "Ana\nWhatsApp\n\n2 Mar 2026 10:00  Ivo:\n  <b>hello</b>‹RLO›\n\n"
        "  2 Mar 2026 10:01  Ana:‹U+2028›I take it back\n\n"
        "2 Mar 2026 10:10  Ivo: [deleted]\n"
    )


def test_a_message_of_100_kb_is_cut_and_expanded_on_the_same_page(add_messages, look):
    (long,) = add_messages(1, text="word " * 20_000)
    page = look()
    assert len(page) < 60_000
    assert f"Show {100_000 - TEXT_LIMIT:,} more characters".replace(",", "") in page.replace(",", "")
    whole = look(link(page, f"whole-{long.pk}"))
    assert whole.count("word ") > 19_000
    assert "Show less" in whole


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_strangers_are_text_on_every_page(add_messages, look, whatsapp, text):
    (message,) = add_messages(
        1, text=text, sender=text, quoted_id="gone", reactions=[{"emoji": text, "contact_id": "ana"}]
    )
    Attachment.objects.create(
        source=whatsapp.source, external_id="a", message=message, name=text, url=text, content_type=text[:100]
    )
    Contact.objects.update(name=text, phone_number=text[:50], city=text[:100])
    Conversation.objects.update(subject=text, channel_name=text, agent=text, last_text=text, account=text)
    urls = [whatsapp.get_admin_url(), whatsapp.contact.get_admin_url(), f"/admin/chat/message/{message.pk}/change/"]
    for url in [*urls, "/admin/chat/conversation/", "/admin/chat/message/"]:
        page = look("?find=alert" if url == urls[0] else "", url)
        body = page.partition('<div id="content"')[2] or page
        assert "<script>alert" not in page
        assert ' x-data="alert' not in page
        assert 'href="javascript:' not in page
        assert ">49<" not in page
        if url in urls:
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", body)


def test_shows_the_job_and_the_customers_other_conversations(post, process, look, source_of):
    chat = payloads.load("life-full-service-chat/03.json")
    sample = payloads.sample(client_id=chat["client_id"])
    sample["job"] |= {"id": chat["job_id"]}
    sample["job"]["recipient"] |= {"email": "customer@example.com"}
    post(sample)
    post(chat)
    post("new-message-documented-sample.json", to=source_of("oneroute", slug="another"))
    process()
    Job.objects.update(slot_to=timezone.now() - timedelta(hours=3))
    conversation = Conversation.objects.get(channel="INSTALEAP")
    other = Conversation.objects.exclude(external_id="c").get(channel="WHATSAPP")

    page = look(url=conversation.get_admin_url())
    job = page.partition('id="about-job"')[2].partition("</details>")[0]
    for words in (sample["job"]["client_reference"], "Slot", "Store"):
        assert words in job
    assert "Hello World!" not in page.partition('class="desk-related-thread"')[2]
    opened = look(link(page, f"related-{other.pk}"), conversation.get_admin_url())
    assert "Hello World!" in opened.partition('class="desk-related-thread"')[2]
    assert "Ya voy en camino 🚗" in opened


def test_is_asked_for_again_at_little_cost_until_something_is_new(
    add_messages, client, ivo, whatsapp, process, post, django_assert_max_num_queries
):
    add_messages(60)
    client.force_login(ivo)
    first = client.get(whatsapp.get_admin_url())
    with django_assert_max_num_queries(8):
        again = client.get(whatsapp.get_admin_url(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code in (304, 200)  # 200 where another minute has begun
    payload = payloads.load("new-message-documented-sample.json", "oneroute")
    payload["message"]["conversation_id"] = payload["conversation"]["id"] = "c"
    payload["conversation"] |= {"lastMessageAt": "2026-03-03T10:00:00Z", "updatedAt": "2026-03-03T10:00:00Z"}
    post(payload, to=whatsapp.source)
    process()
    news = client.get(whatsapp.get_admin_url(), headers={"If-None-Match": first["ETag"]})
    assert news.status_code == 200
    assert "Hello World!" in news.content.decode()


def test_takes_few_queries_however_long_it_is(add_messages, look, django_assert_max_num_queries):
    add_messages(700, reactions=[{"emoji": "👍", "contact_id": "ana"}], quoted_id="m000001")
    first = Message.objects.earliest("pk")
    for parameters in ("", f"?since={first.pk}", f"?message={first.pk}&find=message&related=1"):
        with django_assert_max_num_queries(25):
            look(parameters)
