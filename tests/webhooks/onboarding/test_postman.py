"""The Postman collection, run by Postman's own runner against the running product."""

import shutil
import subprocess

import pytest

NEWMAN = "newman@6.2.2"


@pytest.fixture(scope="module")
def newman(request):
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("No Node is installed.")
    folder = request.config.cache.mkdir("newman")
    program = folder / "node_modules/.bin/newman"
    if not program.exists():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error", NEWMAN]
        subprocess.run(command, check=True, timeout=120)
    return program


SETTINGS = {
    "as-oauth-has-it": {},
    "headers-and-nested-token": {
        "credentials_in": "headers",
        "client_id": "il",
        "client_id_name": "X-Client",
        "client_secret_name": "X-Secret",
        "grant_type": "",
        "token_status": 201,
        "token_field": "data.token",
        "auth_header": "X-Token",
    },
    "json": {"credentials_in": "body", "token_formats": ["application/json"]},
    "form-data": {"credentials_in": "body", "token_formats": ["multipart/form-data"], "token_prefix": "Token"},
}


@pytest.fixture(scope="module")
def sources(running):
    """A source with each of SETTINGS: by name, its number."""
    script = f"""
from webhooks.models import Secret, Source
for name, settings in {SETTINGS!r}.items():
    source = Source(name=name, slug=f"postman-{{name}}", provider="instaleap", auth_mode="dynamic_token", **settings)
    source.full_clean()
    source.save()
    secret = Secret(source=source)
    secret.value = f"the secret of {{name}}"
    secret.save()
    print(name, source.pk)
"""
    return dict(line.split() for line in running.manage("shell", "-v0", "-c", script).splitlines())


@pytest.mark.parametrize("name", SETTINGS)
def test_the_collection_passes(running, newman, sources, tmp_path, name):
    answer = running.browse().get(f"{running.url}/admin/webhooks/source/{sources[name]}/postman/")
    file = tmp_path / "collection.json"
    file.write_bytes(answer.content)

    ran = subprocess.run(
        [newman, "run", file, "--env-var", f"client_secret=the secret of {name}", "--color=off"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("✓") == 4, ran.stdout
