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
        "proof_header": "X-Token",
    },
    "json": {"credentials_in": "body", "token_formats": ["application/json"]},
    "form-data": {"credentials_in": "body", "token_formats": ["multipart/form-data"], "token_prefix": "Token"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_collection_passes(running, newman, tmp_path, name):
    slug = f"postman-{name}"
    said = running.manage("add_source", "instaleap", f"--slug={slug}", "--auth-mode=dynamic_token")
    secret = said.rsplit(": ", 1)[1].strip()
    change = f"s.__dict__.update({SETTINGS[name]!r}); s.full_clean(); s.save()"
    source = f"from webhooks.models import Source; s = Source.objects.get(slug={slug!r})"
    running.manage("shell", "-c", f"{source}; {change}")
    pages = running.browse()
    found = running.manage("shell", "-c", f"{source}; print(s.pk)").split()[-1]
    answer = pages.get(f"{running.url}/admin/webhooks/source/{found}/postman/")
    file = tmp_path / "collection.json"
    file.write_bytes(answer.content)

    ran = subprocess.run(
        [newman, "run", file, "--env-var", f"client_secret={secret}", "--color=off"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("✓") == 4, ran.stdout
