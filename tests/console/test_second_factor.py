"""The second factor, from setting it up to losing it, through the pages and the API."""

import base64
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.factories import UserFactory
from tests.phone import Phone

LOGIN, CODE, PAGE = "/admin/login/", "/admin/login/code/", "/admin/second-factor/"
NEXT = "next=%2Fadmin%2Fchat%2Fcontact%2F"
NOT_ACCEPTED = "This code is not accepted."


@pytest.fixture
def ana(db):
    ana = UserFactory()
    ana.groups.add(Group.objects.get(name="Support"))
    return ana


@pytest.fixture
def phone(client, ana):
    """Ana's phone: she has set the second factor up, and logged out."""
    client.force_login(ana)
    phone, phone.recovery_codes = set_up(client)
    client.post("/admin/logout/")
    return phone


def set_up(client):
    """Set the second factor up as who is logged in; return the phone, and the recovery codes."""
    phone = Phone("".join(client.get(PAGE).context["key"]))
    return phone, client.post(PAGE, {"code": phone.code()}).context["codes"]


def password(client, **extra):
    return client.post(LOGIN, {"username": "ana", "password": "pw"}, **extra)


def wait(seconds=60):
    """As if the last wrong code had been a while ago."""
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(seconds=seconds))


def basic(client):
    return client.get("/api/jobs/", headers={"Authorization": f"Basic {base64.b64encode(b'ana:pw').decode()}"})


def test_is_set_up_with_the_key_and_a_code_of_it(client, ana):
    client.force_login(ana)
    assert PAGE in client.get("/admin/").content.decode()
    page = client.get(PAGE)
    assert "<svg" in page.content.decode()
    key = "".join(page.context["key"])
    phone = Phone(key)

    assert "This is not the code of this key." in client.post(PAGE, {"code": phone.wrong_code()}).content.decode()
    assert not TOTPDevice.objects.exists()
    code = phone.code()
    done = client.post(PAGE, {"code": f"{code[:3]} {code[3:]}"})

    codes = done.context["codes"]
    assert len(set(codes)) == 8
    assert all(code in done.content.decode() for code in codes)
    again = client.get(PAGE).content.decode()
    assert "8 of 8 recovery codes are left" in again
    assert not any(code in again for code in codes)
    assert "second_factor_key" not in client.session
    assert client.get("/admin/").status_code == 200


def test_the_login_asks_for_the_code_and_who_has_none_sees_nothing_of_it(client, phone):
    UserFactory(username="ivo")
    assert client.post(LOGIN, {"username": "ivo", "password": "pw"}).url == "/admin/"
    client.post("/admin/logout/")

    asked = password(client, query_params={"next": "/admin/chat/contact/"})
    assert asked.url == f"{CODE}?{NEXT}"
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/jobs/").status_code == 403
    assert client.get(PAGE).url.startswith(LOGIN)
    assert "script-src 'self'" in client.get(asked.url)["Content-Security-Policy"]

    assert client.post(asked.url, {"code": phone.code()}).url == "/admin/chat/contact/"
    assert client.get("/admin/chat/contact/").status_code == 200
    assert client.get("/api/jobs/").status_code == 200


def test_a_code_works_once(client, ana):
    client.force_login(ana)
    phone = Phone("".join(client.get(PAGE).context["key"]))
    set_up_with, next_one = phone.code(), phone.code()
    client.post(PAGE, {"code": set_up_with})
    client.post("/admin/logout/")
    password(client)
    assert NOT_ACCEPTED in client.post(CODE, {"code": set_up_with}).content.decode()
    wait()
    assert client.post(CODE, {"code": next_one}).url == "/admin/"
    client.post("/admin/logout/")
    password(client)
    assert NOT_ACCEPTED in client.post(CODE, {"code": next_one}).content.decode()


def test_nor_is_a_right_one_taken_right_after_a_wrong_one(client, phone):
    password(client)
    right = phone.code()
    for code in (phone.wrong_code(), right):
        assert NOT_ACCEPTED in client.post(CODE, {"code": code}).content.decode()
    wait()
    assert client.post(CODE, {"code": right}).url == "/admin/"


def test_wrong_codes_lock_out_as_wrong_passwords_do(client, phone):
    password(client)
    right = phone.code()
    for _ in range(4):
        assert client.post(CODE, {"code": phone.wrong_code()}).status_code == 200
        password(client)  # does not reset the count: the login is not complete
    assert client.post(CODE, {"code": phone.wrong_code()}).status_code == 429
    wait()
    assert client.post(CODE, {"code": right}).status_code == 429
    assert password(client).status_code == 429

    AccessAttempt.objects.all().delete()
    password(client)
    assert client.post(CODE, {"code": right}).url == "/admin/"


def test_the_code_is_asked_only_after_the_password_and_not_for_long(client, phone, ana):
    assert client.post(CODE, {"code": phone.code()}).url.startswith(LOGIN)
    client.post(LOGIN, {"username": "ana", "password": "wrong"})
    assert client.post(CODE, {"code": phone.code()}).url.startswith(LOGIN)

    password(client)
    session = client.session
    session["second_factor_pending"] |= {"until": time.time()}
    session.save()
    assert client.post(CODE, {"code": phone.code()}).url.startswith(LOGIN)

    password(client)
    ana.set_password("another")
    ana.save()
    assert client.post(CODE, {"code": phone.code()}).url.startswith(LOGIN)


def test_the_code_does_not_lead_elsewhere(client, phone):
    password(client)
    assert client.post(f"{CODE}?next=https://evil.example/", {"code": phone.code()}).url == "/admin/"


def test_a_recovery_code_logs_in_once(client, phone):
    code = phone.recovery_codes[0]
    password(client)
    done = client.post(CODE, {"code": f" {code.upper()} "}, follow=True)
    assert "You used a recovery code; 7 of them are left." in done.content.decode()
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    password(client)
    assert NOT_ACCEPTED in client.post(CODE, {"code": code}).content.decode()


def test_wrong_recovery_codes_do_not_make_the_phone_wait(client, phone):
    password(client)
    client.post(CODE, {"code": "abcd-efgh"})
    assert client.post(CODE, {"code": phone.code()}).url == "/admin/"


def test_is_removed_with_a_code(client, phone, ana):
    password(client)
    client.post(CODE, {"code": phone.code()})
    assert NOT_ACCEPTED in client.post(PAGE, {"code": phone.wrong_code()}).content.decode()
    assert AccessAttempt.objects.get().failures_since_start == 1
    assert client.post(PAGE, {"code": phone.recovery_codes[1]}).url == PAGE

    assert "Set up a second factor" in client.get(PAGE).content.decode()
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    client.post("/admin/logout/")
    assert password(client).url == "/admin/"


def test_a_session_of_before_must_give_the_code(client, ana):
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(ana)
    set_up(client)
    assert elsewhere.get("/admin/").status_code == 302
    assert elsewhere.get(PAGE).url.startswith(LOGIN)
    assert elsewhere.get("/api/jobs/").status_code == 403


def test_basic_does_not_go_round_it(client, phone):
    refused = basic(client)
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("This user logs in with a second factor")


class TestRequired:
    @pytest.fixture(autouse=True)
    def _required(self, settings):
        settings.REQUIRE_SECOND_FACTOR = True

    def test_a_login_without_one_leads_to_the_page_and_to_nothing_else(self, client, ana):
        done = client.post(f"{LOGIN}?next=/admin/chat/contact/", {"username": "ana", "password": "pw"}, follow=True)
        page = done.redirect_chain[-1][0]
        assert page == f"{PAGE}?{NEXT}"
        assert "Everybody here needs a second factor." in done.content.decode()
        assert "/admin/chat/" not in done.content.decode()
        for url in ("/admin/", "/admin/chat/contact/", "/admin/search/?s=a", "/admin/password_change/"):
            assert client.get(url).status_code == 302, url
        assert client.get("/api/jobs/").status_code == 403

        phone = Phone("".join(done.context["key"]))
        done = client.post(page, {"code": phone.code()})
        assert done.context["next"] == "/admin/chat/contact/"
        assert client.get("/admin/chat/contact/").status_code == 200
        assert client.get("/api/jobs/").status_code == 200

    def test_one_may_log_out_instead(self, client, ana):
        client.force_login(ana)
        assert client.post("/admin/logout/").status_code == 200
        assert client.get(PAGE).url.startswith(LOGIN)

    def test_basic_is_for_programs_that_are_no_staff(self, client, ana):
        assert basic(client).status_code == 403
        ana.is_staff = False
        ana.save()
        assert basic(client).status_code == 200


def user_form(client, user):
    url = f"/admin/auth/user/{user.pk}/change/"
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    joined = timezone.localtime(user.date_joined)
    return url, data | {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}


def test_a_superuser_removes_a_lost_one(client, phone, ana, ivo):
    client.force_login(ivo)
    url, data = user_form(client, ana)
    assert "Remove the second factor" in client.get(url).content.decode()
    assert client.post(url, data).status_code == 302
    assert TOTPDevice.objects.exists()
    assert client.post(url, data | {"remove_second_factor": "on"}).status_code == 302
    assert not TOTPDevice.objects.exists()
    assert "Remove the second factor" in LogEntry.objects.latest("pk").get_change_message()
    assert "Remove the second factor" not in client.get(url).content.decode()
    client.post("/admin/logout/")
    assert password(client).url == "/admin/"


def test_nobody_else_does(client, phone, ana):
    boss = UserFactory(username="boss")
    boss.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    client.force_login(boss)
    url, data = user_form(client, ana)
    assert "Remove the second factor" not in client.get(url).content.decode()
    assert client.post(url, data | {"remove_second_factor": "on"}).status_code == 302
    assert TOTPDevice.objects.exists()


def test_a_command_prints_a_recovery_code_that_works_once(client, phone):
    code = call_command("add_recovery_code", "ana")
    assert code.replace("-", "") not in str(list(StaticToken.objects.values()))
    password(client)
    assert client.post(CODE, {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    password(client)
    assert NOT_ACCEPTED in client.post(CODE, {"code": code}).content.decode()


def test_the_command_says_why_there_is_none(ana):
    with pytest.raises(CommandError, match="ana has no second factor"):
        call_command("add_recovery_code", "ana")
    with pytest.raises(CommandError, match="There is no user eve"):
        call_command("add_recovery_code", "eve")


def test_nothing_secret_is_listed_logged_or_kept_in_clear(client, ana, ivo, caplog):
    caplog.set_level("DEBUG")
    client.force_login(ana)
    phone, codes = set_up(client)
    key = TOTPDevice.objects.get().key
    password(client)
    wrong = phone.wrong_code()
    client.post(CODE, {"code": wrong})
    client.post(CODE, {"code": codes[0]})
    secrets = {key, wrong, *codes, *(code.replace("-", "") for code in codes)}

    kept = [*StaticToken.objects.values(), *AccessAttempt.objects.values(), *LogEntry.objects.values()]
    assert not [secret for secret in secrets if secret in caplog.text + str(kept)]
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Set up a second factor."]
    assert not [model for model in admin.site._registry if model._meta.app_label.startswith("otp_")]
