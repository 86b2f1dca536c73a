"""What the admin answers where it has no page: what is wrong, and what to do, in the reader's language."""

import pytest
from django.db import connection
from django.test import Client

from console import site
from tests.factories import UserFactory

SPANISH = {"Accept-Language": "es"}


def test_a_page_that_is_not_there_or_not_open(client, ivo):
    client.force_login(ivo)
    missing = client.get("/admin/nowhere/", headers=SPANISH).content.decode()
    assert "Esta página no existe" in missing
    assert 'id="search"' in missing  # from where one goes on
    client.force_login(UserFactory(username="ana"))
    answer = client.get("/admin/webhooks/source/")
    assert answer.status_code == 403
    assert "You don&#x27;t have access" in answer.content.decode()
    assert "/admin/orders/job/" not in answer.content.decode()  # the menu has only what is open to her


@pytest.mark.parametrize(
    "path", ["orders/job/?q=%00", "orders/job/?store=a%00b", "chat/conversation/?q=%00", "search/?q=%00"]
)
def test_a_null_character_in_the_address_cannot_be_read(client, ivo, path):
    client.force_login(ivo)
    answer = client.get(f"/admin/{path}", headers=SPANISH)
    assert answer.status_code == 400
    assert "This request cannot be read" not in answer.content.decode()
    assert 'lang="es"' in answer.content.decode()


def test_a_form_that_was_opened_before_a_login(ivo):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ivo)
    answer = client.post("/admin/preferences/", {"language": "es"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers
    assert "CSRF" in client.post("/").content.decode()  # outside of the admin


def test_what_is_too_much_at_once(client, ivo):
    client.force_login(ivo)
    fields = {f"a{number}": "1" for number in range(1_001)}
    for answer in (client.post("/admin/preferences/", fields), client.get("/admin/search/", fields)):
        assert answer.status_code == 400
        assert "This request cannot be read" in answer.content.decode()
    outside = client.get("/api/jobs/", fields)
    assert outside.status_code == 400
    assert "Bad Request" in outside.content.decode()


def test_a_fault_of_ours_says_so_and_shows_nothing_of_it(client, ivo, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError("of the secret")

    monkeypatch.setattr(site, "search_page", broken)
    client.force_login(ivo)
    client.raise_request_exception = False
    answer = client.get("/admin/search/?q=a")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_without_a_database_there_is_an_answer_still(client, ivo):
    client.force_login(ivo)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")
    answer = client.get("/admin/")
    assert answer.status_code == 500
    assert "Server Error" in answer.content.decode()
