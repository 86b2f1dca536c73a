"""SourceAuthentication: an endpoint of one's own that a provider calls with the same credentials as its events."""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from tests import payloads
from webhooks.auth import live_sources
from webhooks.models import Event, Rejection
from webhooks.receiving.drf import SourceAuthentication, SourceUser

pytestmark = pytest.mark.urls(__name__)


class Availability(APIView):
    authentication_classes = [SourceAuthentication]
    permission_classes = [IsAuthenticated]

    def post(self, request, slug):
        return Response({"source": request.user.source.slug, "mode": request.auth.mode, "id": request.data["id"]})


urlpatterns = [
    path("availability/<slug:slug>/", Availability.as_view()),
    path("admin/", admin.site.urls),
    path("webhooks/", include("webhooks.receiving.urls")),
]


def call(client, slug, **headers):
    return client.post(
        f"/availability/{slug}/", payloads.body(payloads.SAMPLE), content_type="application/json", headers=headers
    )


def test_takes_what_the_source_signed(source_of, client):
    source_of("instaleap", slug="mine")
    answer = call(client, "mine", **dict([payloads.SIGNATURES[payloads.SAMPLE]]))
    assert answer.json() == {"source": "mine", "mode": "signature", "id": payloads.load(payloads.SAMPLE)["id"]}
    assert not Event.objects.exists()


def test_takes_a_static_and_a_dynamic_token(source_of, client):
    source_of("instaleap", slug="static", auth_mode="static_token")
    secret = payloads.SECRET.encode().decode("iso-8859-1")
    assert call(client, "static", Authorization=secret).json()["mode"] == "static_token"
    source_of("instaleap", slug="dynamic", auth_mode="dynamic_token")
    fields = {"client_id": "dynamic", "client_secret": payloads.SECRET, "grant_type": "client_credentials"}
    token = client.post("/webhooks/dynamic/token/", fields).json()["access_token"]
    assert call(client, "dynamic", Authorization=f"Bearer {token}").json()["mode"] == "dynamic_token"


@pytest.mark.parametrize(
    ("slug", "headers", "status", "error", "detail"),
    [
        ("mine", {}, 401, "no_proof", "The header InstaLeap-Signature is missing"),
        ("mine", {"InstaLeap-Signature": "0" * 64}, 401, "wrong_proof", "The signature matches none of this source's"),
        ("nobody", {}, 404, "unknown_source", "No source has this address"),
        ("static", {"Authorization": "wrong"}, 401, "wrong_proof", "The header Authorization does not begin with"),
    ],
)
def test_refuses_as_the_front_door_does(source_of, client, slug, headers, status, error, detail):
    source_of("instaleap", slug="mine")
    source_of("instaleap", slug="static", auth_mode="static_token", token_prefix="Bearer")
    answer = call(client, slug, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert Rejection.objects.get().code == error
    rejection = Rejection.objects.get()
    assert (rejection.endpoint, rejection.source and rejection.source.slug) == (
        "event",
        None if status == 404 else slug,
    )
    assert answer.json()["detail"].startswith(detail)
    if slug == "static":
        assert answer["WWW-Authenticate"] == 'Bearer realm="static"'


def test_its_user_is_the_source_and_no_person(source_of):
    source_of("instaleap", slug="mine")
    user = SourceUser(live_sources.get("mine"))
    assert (user.pk, user.is_authenticated) == (f"source-{user.source.id}", True)


@pytest.mark.django_db(transaction=True)
def test_a_request_that_cannot_be_verified_is_sent_again(source_of, client, caplog):
    source_of("instaleap", slug="mine")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE webhooks_secret RENAME TO gone")
        try:
            answer = call(client, "mine", **dict([payloads.SIGNATURES[payloads.SAMPLE]]))
        finally:
            cursor.execute("ALTER TABLE gone RENAME TO webhooks_secret")
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": "unavailable", "detail": "The event could not be stored just now; please send it again."},
    )
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("webhooks.receiving")]
    assert messages == ["A request for mine could not be verified"]
