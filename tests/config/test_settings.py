"""Bad settings stop the start with one readable line; good ones are clean for production."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.running import ROOT

GOOD = {
    "PRODUCTION": "true",
    "SECRET_KEY": "k" * 30 + "0123456789-abcdefghij-0123456789",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "hooks.shop.example",
    "DATABASE_URL": "postgres://user:hunter2@localhost/desk",
    "BASE_URL": "https://hooks.shop.example",
}
BAD = {
    "SECRET_KEY": ("", "PRODUCTION is on, so SECRET_KEY must be set (see .env.example)"),
    "ENCRYPTION_KEYS": ("hunter2", "ENCRYPTION_KEYS: key 1 of 1 is no Fernet key (32 bytes in URL-safe base64)"),
    "ALLOWED_HOSTS": ("", "PRODUCTION is on, so ALLOWED_HOSTS must be set (see .env.example)"),
    "DATABASE_URL": ("hunter2", "DATABASE_URL must name a PostgreSQL, as in postgres://user:password@host:5432/name"),
    "PRODUCTION": ("yess", "PRODUCTION must be true or false"),
    "DEBUG": ("true", "DEBUG shows settings and code to anyone who meets an error: not with PRODUCTION"),
    "HSTS_PRELOAD": ("true", "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true"),
    "PORT": ("http", "PORT must be a whole number"),
    "TIME_ZONE": ("Mars", "TIME_ZONE must be a time zone, as in America/Bogota"),
    "LOG_LEVEL": ("loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
}


def check(*options, **settings):
    return manage("check", *options, **settings)


def manage(*arguments, **settings):
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "DATA_DIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=inherited | GOOD | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_good_ones_are_clean_for_production():
    result = check("--deploy", "--fail-level", "WARNING")

    assert result.stdout + result.stderr == "System check identified no issues (2 silenced).\n"
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "true"}, "max-age=31536000; includeSubDomains"),
        (
            {"HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"},
            "max-age=31536000; includeSubDomains; preload",
        ),
        ({"PRODUCTION": "false", "HSTS_INCLUDE_SUBDOMAINS": "true"}, "None"),
    ],
)
def test_production_sends_hsts_of_a_year_and_more_if_asked(settings, header):
    ask = """if True:
        from django.http import HttpResponse
        from django.middleware.security import SecurityMiddleware
        from django.test import RequestFactory
        request = RequestFactory().get("/", secure=True)
        print(SecurityMiddleware(lambda request: HttpResponse())(request).get("Strict-Transport-Security"))
    """
    assert manage("shell", "--no-imports", "--command", ask, **settings).stdout.strip() == header


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_is_one_line_that_names_it(name):
    value, sentence = BAD[name]

    result = check(**{name: value})

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"Not started: {sentence}")
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr
