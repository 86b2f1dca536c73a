"""Whoever guesses is locked out for a quarter of an hour: user name and address together, in the admin and the API."""

import base64
import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import payloads
from tests.factories import UserFactory

LOGIN = "/admin/login/"


@pytest.fixture
def ana(db):
    ana = UserFactory()
    ana.groups.add(Group.objects.get(name="Support"))
    return ana


@pytest.fixture
def try_login(client):
    def try_login(password, username="ana", **extra):
        return client.post(LOGIN, {"username": username, "password": password}, **extra)

    return try_login


def fail(try_login, times=5, **extra):
    for _ in range(times):
        answer = try_login("wrong", **extra)
    return answer


def basic(client, password, username="ana", **extra):
    credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
    return client.get("/api/jobs/", headers={"Authorization": f"Basic {credentials}"}, **extra)


def test_five_wrong_passwords_lock_and_the_page_says_what_to_do(ana, try_login, client):
    assert fail(try_login, 4).status_code == 200
    locked = fail(try_login, 1)

    assert locked.status_code == 429
    assert 890 < int(locked["Retry-After"]) <= 900
    assert "Try again in <strong>15 minutes</strong>" in locked.content.decode()
    assert "script-src 'self'" in locked["Content-Security-Policy"]
    assert try_login("pw").status_code == 429
    assert client.get("/admin/").status_code == 302


def test_the_lock_ends_by_itself(ana, try_login):
    fail(try_login)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    locked = try_login("pw")
    assert (locked.status_code, round(int(locked["Retry-After"]), -1)) == (429, 60)
    assert "1 minute<" in locked.content.decode()

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15))
    assert try_login("pw").url == "/admin/"


def test_trying_on_does_not_make_it_longer(ana, try_login):
    fail(try_login)
    before = AccessAttempt.objects.values().get()
    fail(try_login, 3)
    assert AccessAttempt.objects.values().get() == before


def test_another_user_and_another_address_are_not_locked(ana, try_login):
    UserFactory(username="ivo")
    fail(try_login)
    assert try_login("pw", REMOTE_ADDR="192.0.2.7").url == "/admin/"
    assert try_login("pw", username="ivo").url == "/admin/"


def test_another_browser_is(ana, try_login):
    for number in range(5):
        try_login("wrong", headers={"User-Agent": f"Browser/{number}"})
    assert try_login("pw", headers={"User-Agent": "Browser/6"}).status_code == 429


def test_a_login_resets_the_count(ana, try_login):
    fail(try_login, 4)
    assert try_login("pw").url == "/admin/"
    assert not AccessAttempt.objects.exists()


def test_the_address_is_what_the_trusted_proxy_says(ana, try_login, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(5):  # what stands before the last one anybody can send
        answer = try_login("wrong", headers={"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.7"})
    assert answer.status_code == 429
    assert AccessAttempt.objects.get().ip_address == "192.0.2.7"
    assert try_login("pw", headers={"X-Forwarded-For": "198.51.100.0, 192.0.2.8"}).url == "/admin/"


def test_nothing_tells_whether_the_user_exists(ana, try_login):
    def shown(answer):
        return answer.status_code, answer.content.decode().replace("nobody", "ana").split("csrfmiddlewaretoken")[0]

    for _ in range(6):
        assert shown(try_login("wrong")) == shown(try_login("wrong", username="nobody"))


def test_basic_is_limited_and_the_lock_is_the_same(ana, client, try_login):
    assert basic(client, "pw").status_code == 200
    for _ in range(4):
        assert basic(client, "wrong").status_code == 403
    locked = basic(client, "wrong")

    assert locked.status_code == 429
    assert locked.json() == {"detail": "Too many wrong attempts. Try again in 15 minutes."}
    assert 890 < int(locked["Retry-After"]) <= 900
    assert basic(client, "pw").status_code == 429
    assert try_login("pw").status_code == 429
    assert basic(client, "pw", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.parametrize("username", ["a\0na", "a" * 300])
def test_a_name_that_nobody_can_have_is_refused(client, db, username):
    assert basic(client, "pw", username).status_code == 403
    assert not AccessAttempt.objects.exists()


def test_a_superuser_sees_and_ends_a_lock_and_nobody_else_does(ana, ivo, try_login, client):
    fail(try_login)
    fail(try_login, 2, username="ivo")
    page = "/admin/axes/accessattempt/"
    client.force_login(ana)
    assert client.get(page).status_code == 403
    assert "Failed logins" not in client.get("/admin/").content.decode()

    superuser = Client()
    superuser.force_login(UserFactory(username="root", is_superuser=True))
    assert "Failed logins" in superuser.get("/admin/").content.decode()
    shown = superuser.get(page).content.decode()
    assert "Locked until" in shown
    assert "3 tries left" in shown
    assert "Access attempts" not in shown
    attempt = AccessAttempt.objects.get(username="ana")
    done = superuser.post(page, {"action": "unlock", "_selected_action": attempt.pk}, follow=True)
    assert "Unlocked: 1." in done.content.decode()
    assert AccessAttempt.objects.get().username == "ivo"
    assert try_login("pw").url == "/admin/"


def test_no_password_is_kept_or_logged(ana, client, caplog):
    caplog.set_level("DEBUG")
    client.post(f"{LOGIN}?next=/admin/", {"username": "ana", "password": "correct horse"})
    basic(client, "correct horse")
    assert "correct horse" not in caplog.text + str(AccessAttempt.objects.values())


def test_webhooks_ask_nothing_of_it(source, post):
    post(payloads.sample(id="1"))
    with CaptureQueriesContext(connection) as queries:
        assert post(payloads.sample(id="2")).status_code == 200
    assert not [query for query in queries if re.search(r"\b(axes|otp)_", query["sql"])]
