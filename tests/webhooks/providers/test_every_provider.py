"""What must hold for every provider: each is asked over its own payloads, signed by its own recipe, at its real URL."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from tests import payloads, rows
from tests.factories import SecretFactory
from webhooks.models import Event, Secret
from webhooks.payloads.parsing import MissingFieldError, NotJSONError, parse_json
from webhooks.payloads.schema import UnreadableError
from webhooks.providers import registry

FILES = [(provider, name) for provider, signed in payloads.SIGNED.items() for name in signed]
NOT_JSON = {("oneroute", "campaign-report-as-printed.txt")}
READABLE = [file for file in FILES if file not in NOT_JSON]
# One file of each type is enough where a file stands for its type, not for its values.
ONE_OF_EACH_TYPE = list(
    {
        (provider, registry()[provider].type_of(payloads.load(name, provider))): (provider, name)
        for provider, name in READABLE
    }.values()
)


def shape(value):
    """Return which keys there are, whatever their values; the things in a list are alike."""
    if isinstance(value, dict):
        return {key: shape(value[key]) for key in sorted(value)}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else None


def reader_and_keys(provider, name):
    payload = payloads.load(name, provider)
    types = registry()[provider].event_types
    return provider, types[registry()[provider].type_of(payload)].reader, str(shape(payload))


# Nor is more than one needed of those that the same reader reads, where each has the same keys.
ONE_OF_EACH_SHAPE = list({reader_and_keys(*file): file for file in ONE_OF_EACH_TYPE}.values())
each_file = pytest.mark.parametrize(("provider", "name"), FILES, ids=["-".join(file) for file in FILES])
each_type = pytest.mark.parametrize(
    ("provider", "name"), ONE_OF_EACH_TYPE, ids=["-".join(file) for file in ONE_OF_EACH_TYPE]
)
each_shape = pytest.mark.parametrize(
    ("provider", "name"), ONE_OF_EACH_SHAPE, ids=["-".join(file) for file in ONE_OF_EACH_SHAPE]
)


@pytest.mark.parametrize("provider", registry())
class TestItsFolder:
    def test_has_signed_payloads(self, provider):
        assert provider in payloads.SIGNED, f"Put its payloads into tests/payloads/{provider}/, with their signatures."

    def test_has_a_payload_for_each_reader(self, provider):
        types = registry()[provider].event_types
        seen = {types[t].reader for t in map(registry()[provider].type_of, self.of(provider)) if t in types}
        unseen = sorted(type for type, known in types.items() if known.reader and known.reader not in seen)
        assert not unseen, f"Put a payload of each of these into tests/payloads/{provider}/."

    def test_has_no_payload_of_a_type_that_is_not_declared(self, provider):
        assert {registry()[provider].type_of(payload) for payload in self.of(provider)} <= set(
            registry()[provider].event_types
        )

    def of(self, provider):
        return [payloads.load(name, provider) for one, name in READABLE if one == provider]


@each_file
def test_takes_what_the_providers_own_recipe_signed(source_of, post, provider, name):
    answer = post(name, to=source_of(provider))

    event = Event.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted", "event": event.pk})
    assert bytes(event.body) == payloads.body(name, provider)
    assert event.status == (Event.Status.UNREADABLE if (provider, name) in NOT_JSON else Event.Status.PENDING)
    assert event.signed_content


@each_file
def test_a_second_time_is_a_duplicate(source_of, post, provider, name):
    source = source_of(provider)
    first = post(name, to=source).json()["event"]

    assert post(name, to=source).json() == {"status": "duplicate", "event": first}
    assert Event.objects.get().delivery_count == 2


@each_type
class TestBreakOneThing:
    @pytest.fixture
    def send(self, source_of, client, provider, name):
        """Return a function that sends the file as its provider would, but for what is given."""
        source = source_of(provider)
        header, value = payloads.SIGNED[provider][name]
        networks = registry()[provider].networks

        def send(*, body=None, headers=None, address=networks[0] if networks else "203.0.113.1"):
            answer = client.post(
                source.get_webhook_path(),
                payloads.body(name, provider) if body is None else body,
                content_type="application/json",
                headers={header: value} if headers is None else headers,
                REMOTE_ADDR=address,
            )
            if answer.status_code != 200:
                assert answer.json()["detail"]
                assert not Event.objects.exists()
            return answer.status_code

        send.header, send.value = header, value
        return send

    def test_nothing(self, send):
        assert send() == 200

    def test_no_header(self, send):
        assert send(headers={}) == 401

    def test_another_signature(self, send):
        last = "0" if send.value[-1] != "0" else "1"
        assert send(headers={send.header: send.value[:-1] + last}) == 401

    def test_the_start_of_the_signature(self, send):
        assert send(headers={send.header: send.value[:-1]}) == 401

    def test_another_secret(self, send):
        Secret.objects.all().delete()
        SecretFactory(value="another")
        assert send() == 401

    def test_a_revoked_secret(self, send):
        Secret.objects.update(state=Secret.State.REVOKED)
        assert send() == 401

    def test_what_is_signed_is_changed(self, send, provider, name):
        payload = payloads.load(name, provider)
        changed = {"job_id": "x"} if "notification_message" in payload else {"type": "X"}
        assert send(body=payloads.dump(payload | changed)) == 401

    def test_from_elsewhere(self, send, provider):
        assert send(address="203.0.113.2") == (403 if registry()[provider].networks else 200)


@each_type
def test_during_a_rotation_both_secrets_pass(source_of, post, provider, name):
    source = source_of(provider)
    SecretFactory(source=source, value="the new one")
    body = payloads.body(name, provider)

    assert post(body, to=source).status_code == 200
    assert post(body, to=source, secret="the new one").json()["status"] == "duplicate"


@each_type
def test_reading_does_not_depend_on_the_order_of_keys(provider, name):
    """Without a database: pytest-django refuses it to a test that does not ask for it."""

    def turned(value):
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(value.items())}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    body = payloads.body(name, provider)
    values = registry()[provider].read(body)
    assert values
    assert registry()[provider].read(payloads.dump(turned(json.loads(body)))) == values


def variants(value):
    """Yield `value` with each thing inside of it replaced by each of what nobody would expect there."""
    yield from (None, "", "\x00", "\ud800", [], {}, 10**400, -1, 1.5, True, "x" * 10_000)
    if isinstance(value, dict):
        for key in value:
            yield {other: inner for other, inner in value.items() if other != key}
            for variant in variants(value[key]):
                yield value | {key: variant}
    elif isinstance(value, list) and value:
        for variant in variants(value[0]):
            yield [variant, *value[1:]]


@each_shape
def test_any_value_in_any_place_is_read_or_reported_as_unreadable(provider, name):
    for variant in variants(payloads.load(name, provider)):
        body = json.dumps(variant).encode()
        registry()[provider].envelope(body, parse_json(body))
        with suppress(NotJSONError, UnreadableError):
            registry()[provider].read(body)


fuzzed = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@each_shape
@settings(fuzzed, max_examples=16)
@given(data=st.data())
def test_any_value_in_any_place_is_answered_and_stored(source_of, post, process, provider, name, data):
    variant = data.draw(st.sampled_from(list(variants(payloads.load(name, provider)))))
    rows.forget()
    source = source_of(provider)
    body = json.dumps(variant).encode()
    try:
        answer = post(body, to=source)
    except MissingFieldError:
        reject()  # what is signed is gone, so that nobody can sign it

    assert answer.status_code == 200
    process()
    assert bytes(Event.objects.get().body) == body
    assert Event.objects.get().status not in Event.WAITING


@pytest.mark.parametrize("provider", registry())
class TestAnyOrder:
    expected = {}

    @settings(fuzzed, max_examples=12)
    @given(data=st.data())
    def test_and_any_duplicates_give_the_same_rows(self, source_of, post, process, provider, data):
        names = [name for one, name in FILES if one == provider and not name.startswith("life-")] + [
            name for one, name in FILES if one == provider and name.startswith("life-full-service-chat")
        ]
        if provider not in self.expected:
            rows.forget()
            source = source_of(provider)
            for name in names:
                post(name, to=source)
            process()
            self.expected[provider] = without_sources(rows.everything())
            assert any(self.expected[provider].values())

        rows.forget()
        source = source_of(provider)
        shuffled = data.draw(st.permutations(names)) + data.draw(st.lists(st.sampled_from(names), max_size=5))
        cuts = data.draw(st.sets(st.integers(0, len(shuffled)), max_size=4))
        for number, name in enumerate(shuffled):
            post(name, to=source)
            if number in cuts:
                process(batch=data.draw(st.integers(1, 10)))
        process(batch=data.draw(st.integers(1, 10)))

        assert without_sources(rows.everything()) == self.expected[provider]


def without_sources(all_rows):
    """Each run has a source of its own."""
    return {
        model: sorted(({k: v for k, v in row.items() if k != "source"} for row in of_model), key=repr)
        for model, of_model in all_rows.items()
    }


@pytest.mark.parametrize("provider", registry())
def test_the_admin_shows_each_event_with_its_label_and_what_it_became(source_of, post, process, ivo, client, provider):
    source = source_of(provider)
    for name in (name for one, name in ONE_OF_EACH_TYPE if one == provider):
        post(name, to=source)
    process()
    client.force_login(ivo)

    links = set()
    for event in Event.objects.select_related("source"):
        page = client.get(f"/admin/webhooks/event/{event.pk}/change/").content.decode()
        assert event.label in page
        assert "Processed" in page
        became = re.findall(r'<h3>\s*<a class="desk-link" href="([^"]+)"', page)
        assert became, f"{event.label} links to what it became."
        links.update(became)
    assert {client.get(link).status_code for link in links} == {200}


def test_the_source_form_offers_every_provider(ivo, client):
    client.force_login(ivo)

    page = client.get("/admin/webhooks/source/add/").content.decode()

    assert all(f'<option value="{slug}">{provider.name}</option>' in page for slug, provider in registry().items())
