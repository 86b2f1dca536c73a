"""The simulators of OneRoute, tawk.to and DocsSmith Demo2 tell stories in the providers' own shapes."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests import payloads
from tests.running import ROOT
from webhooks.payloads.conversations import Contact, Conversation
from webhooks.providers import registry
from webhooks.providers.story import Customer

START = datetime(2026, 3, 2, 15, 7, 31, 250987, tzinfo=UTC)
SEEDS = range(40)
MEXICAN = Customer("Érika  Peña", "erika@example.com", "222 555 0199", "Mexico", "Calle 5 Poniente 12")
BRAZILIAN = Customer("Inês Prado", "ines@example.com", "(11) 95555-0199", "Brasil", "Rua Harmonia 7")
SAMPLES = {  # by provider and type
    "oneroute": {"newMessage": "new-message-from-agent", "compaignDeliveryReport": "campaign-report"},
    "tawk": {type: type.replace(":", "-").replace("_", "-") for type in registry()["tawk"].event_types},
    "docssmith": {type: type.replace(".", "-") for type in registry()["docssmith"].event_types},
}
UNTIMED = {"compaignDeliveryReport", "message.deleted"}

each_provider = pytest.mark.parametrize("slug", SAMPLES)
each_seed = pytest.mark.parametrize("seed", SEEDS)


def simulate(slug, seed, **options):
    return registry()[slug].simulate(seed=seed, start=START, **options)


def types(slug, seed):
    return [registry()[slug].type_of(payload) for payload in simulate(slug, seed)]


def assert_shape(payload, sample, added=()):
    """Compare the keys at every level and their order, wherever the sample has an object; `added` may be last."""
    if isinstance(payload, dict) and isinstance(sample, dict):
        assert [key for key in payload if key not in added] == list(sample)
        for key in sample:
            assert_shape(payload[key], sample[key], ("phone",) if key == "customer" else ())
    elif isinstance(payload, list) and isinstance(sample, list):
        for one in payload:
            assert_shape(one, next((like for like in sample if kind(like) == kind(one)), None))


def kind(member):
    """A transcript's messages have other keys by who wrote them."""
    return isinstance(member, dict) and member.get("sender", {}).get("t")


@each_provider
@each_seed
def test_the_same_seed_gives_the_same_story_and_another_seed_another(slug, seed):
    assert simulate(slug, seed) == simulate(slug, seed)
    assert simulate(slug, seed) != simulate(slug, seed + 1)


@each_provider
@each_seed
def test_each_payload_has_the_keys_of_its_sample_and_is_read(slug, seed):
    provider = registry()[slug]
    for payload in simulate(slug, seed):
        type = provider.type_of(payload)
        assert type in provider.event_types
        assert_shape(payload, payloads.load(f"{SAMPLES[slug][type]}.json", slug))
        assert provider.subject_of(payload)
        assert provider.read(payloads.dump(payload))


@each_provider
@each_seed
def test_times_go_forward_from_the_start_and_end_within_two_hours(slug, seed):
    provider = registry()[slug]
    story = simulate(slug, seed)
    times = [time for payload in story if (time := provider.time_of(payload))]
    assert {provider.type_of(payload) for payload in story if not provider.time_of(payload)} <= UNTIMED
    assert times == sorted(times)
    # Their clocks have milliseconds or seconds.
    assert START - timedelta(seconds=1) < times[0] <= times[-1] < START + timedelta(hours=2)


@each_provider
@each_seed
@pytest.mark.parametrize("customer", [MEXICAN, BRAZILIAN], ids=["es", "pt"])
def test_the_story_is_about_the_given_customer(slug, seed, customer):
    provider = registry()[slug]
    values = [v for payload in simulate(slug, seed, customer=customer) for v in provider.read(payloads.dump(payload))]
    contacts = {value.contact for value in values if isinstance(value, Conversation)}
    theirs = [value for value in values if isinstance(value, Contact) and value.id in contacts]
    assert len(contacts) == 1
    found = {
        field: {getattr(contact, field) for contact in theirs} - {None}
        for field in ("name", "email", "phone_number", "country")
    }
    assert found == {
        "name": {customer.name},
        "email": {customer.email} if slug != "docssmith" else set(),
        "phone_number": {customer.phone} if slug != "tawk" else set(),
        "country": {customer.country_code} if slug != "docssmith" else set(),
    }


@each_seed
def test_oneroute_has_a_conversation_that_is_resolved(seed):
    story = [payload for payload in simulate("oneroute", seed) if payload["event"] == "newMessage"]
    messages = [payload["message"] for payload in story]
    conversations = [payload["conversation"] for payload in story]
    assert 6 <= len(story) <= 9
    assert list(dict.fromkeys(c["status"] for c in conversations)) == ["in-queue", "in-progress", "resolved"]
    assert all((c["agent"] is None) == (c["status"] == "in-queue") for c in conversations)
    assert len({c["id"] for c in conversations} | {m["conversation_id"] for m in messages}) == 1
    for field in ("lastMessageAt", "updatedAt"):
        moments = [c[field] for c in conversations]
        assert moments == sorted(set(moments))
    [picture] = [m for m in messages if m["contentType"] == "IMAGE"]
    assert picture["content"] is None
    assert picture["imageUrl"].startswith("https://res.cloudinary.com/")
    for number, quoted in enumerate(m["quoted_message_id"] for m in messages):
        assert quoted is None or quoted in [m["externalId"] for m in messages[:number]]
    assert sum(m["quoted_message_id"] is not None for m in messages) == 1


@each_seed
def test_tawk_tells_a_chat_whose_transcript_repeats_its_first_message(seed):
    start, *rest = simulate("tawk", seed)
    [transcript] = [payload for payload in rest if payload["event"] == "chat:transcript_created"]
    messages = transcript["chat"]["messages"]
    assert (messages[0]["msg"], messages[0]["time"]) == (start["message"]["text"], start["time"])
    assert messages[0]["sender"]["t"] == "v"
    assert 4 <= len(messages) <= 8
    assert {message["sender"]["t"] for message in messages} == {"v", "a", "s"}
    times = [message["time"] for message in messages]
    assert times == sorted(times)
    assert times[-1] < min(payload["time"] for payload in rest)
    assert {transcript["chat"]["id"]} == {payload["chatId"] for payload in [start, *rest] if "chatId" in payload}


@each_seed
def test_docssmith_tells_a_conversation_with_all_that_may_happen_to_a_message(seed):
    story = simulate("docssmith", seed)
    counts = Counter(event["type"] for event in story)
    assert types("docssmith", seed)[:2] == ["contact.created", "conversation.created"]
    assert 4 <= counts["message.created"] <= 6
    assert (counts["attachment.created"], counts["message.deleted"]) == (1, 1)

    by_type = {type: [event["payload"] for event in story if event["type"] == type] for type in counts}
    created = {message["id"]: message for message in by_type["message.created"]}
    assert len({message["contact"]["id"] for message in created.values()}) == 2
    [attachment], [deleted] = by_type["attachment.created"], by_type["message.deleted"]
    assert created[attachment["message_id"]]["attachments"] == [attachment["id"]]
    assert list(deleted) == ["id"]
    assert deleted["id"] in created
    changed = Counter()
    for message in by_type["message.updated"]:
        before = created[message["id"]]
        assert message["updated_at"] > before["updated_at"]
        changed.update(key for key in ("message", "reactions", "read_at") if message[key] != before[key])
    assert changed == {"message": 1, "reactions": 1, "read_at": 1}
    ids = [event["id"] for event in story] + list(created)
    assert len(set(ids)) == len(ids)
    assert all(len(id) == 16 and id.isalnum() for id in ids)


def test_seeds_differ_in_what_happens():
    assert {"compaignDeliveryReport" in types("oneroute", seed) for seed in SEEDS} == {True, False}
    assert {tuple(types("tawk", seed)[1:3]) for seed in SEEDS} == {
        ("chat:end", "chat:transcript_created"),
        ("chat:transcript_created", "chat:end"),
    }
    assert {"ticket:create" in types("tawk", seed) for seed in SEEDS} == {True, False}
    assert {"group.created" in types("docssmith", seed) for seed in SEEDS} == {True, False}


def test_a_web_process_imports_no_simulator():
    code = "import sys, config.wsgi, config.urls; print([name for name in sys.modules if name.endswith('.simulator')])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
