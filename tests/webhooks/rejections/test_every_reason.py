"""Each reason for which a request is rejected, put to the same questions."""

import pytest
from django.utils import translation

from tests import payloads
from webhooks.models import Rejection, Source
from webhooks.receiving.token_endpoint import TokenThrottle
from webhooks.rejections.reasons import all_reasons, find_remedy

CHAT = next(name for name, (header, _) in payloads.SIGNED["instaleap"].items() if header.endswith("V3"))
SIGN = {"InstaLeap-Signature": "0" * 64}
CREDENTIALS = {"grant_type": "client_credentials", "client_id": "dyn", "client_secret": payloads.SECRET}
RECORDED = sorted(code for code, reason in all_reasons().items() if reason.is_recorded)


class BrokenInput:
    """The body of a request whose connection breaks."""

    def read(self, *_):
        raise OSError("Connection reset by peer")

    readline = read


@pytest.fixture
def reject(client, source, source_of, monkeypatch):
    """Return a function that has a request rejected for a reason, through the front door."""
    source_of("instaleap", slug="dyn", auth_mode="dynamic_token")

    def send(body=b"{}", headers=SIGN, to="instaleap", **extra):
        return client.post(f"/webhooks/{to}/", body, content_type="application/json", headers=headers, **extra)

    def ask_token(to="dyn", **fields):
        return client.post(f"/webhooks/{to}/token/", CREDENTIALS | fields, content_type="application/json")

    def send_from_elsewhere():
        Source.objects.update(allowed_networks="192.0.2.0/24")
        return send()

    def send_to_disabled():
        Source.objects.update(state="disabled")
        return send()

    def ask_twice():
        monkeypatch.setattr(TokenThrottle, "rate", "1/min")
        ask_token()
        return ask_token()

    requests = {
        "no_proof": lambda: send(headers={}),
        "wrong_proof": lambda: send(payloads.body(payloads.SAMPLE)),
        "stale_proof": lambda: send(payloads.body(CHAT), dict([payloads.SIGNED["instaleap"][CHAT]])),
        "wrong_network": send_from_elsewhere,
        "not_json": lambda: send(b"{"),
        "no_envelope": lambda: send(b'{"job": {}}'),
        "source_disabled": send_to_disabled,
        "method_not_allowed": lambda: client.get("/webhooks/instaleap/"),
        "unknown_source": lambda: send(to="instalep"),
        "too_large": lambda: send(b" ", CONTENT_LENGTH=str(10**9)),
        "refused": lambda: send(**{"wsgi.input": BrokenInput()}),
        "no_tokens": lambda: ask_token(to="instaleap"),
        "invalid_client": lambda: ask_token(client_secret="wrong"),
        "invalid_request": lambda: ask_token(grant_type=None),
        "unsupported_grant_type": lambda: ask_token(grant_type="password"),
        "too_many_requests": ask_twice,
    }

    def reject(code):
        answer = requests[code]()
        rejection = Rejection.objects.latest("id")
        assert (rejection.code, rejection.status) == (code, answer.status_code)
        assert answer.json()["error"] == code
        return rejection

    return reject


def test_each_has_a_code_of_its_own_and_a_status():
    reasons = all_reasons()
    assert len({(reason.__module__, reason.__name__) for reason in reasons.values()}) == len(reasons)
    assert all(400 <= reason.status < 600 for reason in reasons.values())
    assert all(reason.__doc__ for reason in reasons.values())
    assert len({str(reason.label) for reason in reasons.values()}) == len(reasons)
    assert [code for code, reason in reasons.items() if not reason.is_recorded] == ["unavailable"]


@pytest.mark.parametrize("code", RECORDED)
def test_a_request_is_rejected_for_it_and_the_answer_has_no_secret(reject, code):
    rejection = reject(code)
    assert rejection.detail
    right = [payloads.SECRET, *(value for _, value in payloads.SIGNED["instaleap"].values())]
    shown = f"{rejection.detail} {rejection.explanation} {find_remedy(rejection)}"
    assert not [secret for secret in right if secret in shown]


@pytest.mark.parametrize("code", RECORDED)
def test_its_cause_and_its_remedy_are_in_three_languages(reject, code):
    rejection = reject(code)
    causes, remedies = set(), set()
    for language in ("en", "es", "pt-br"):
        with translation.override(language):
            remedy = find_remedy(rejection)
            assert remedy.requirements
            causes.add(str(rejection.explanation))
            remedies.add((*remedy.requirements, *remedy.links))
    assert len(causes) == len(remedies) == 3
    assert all(causes)
