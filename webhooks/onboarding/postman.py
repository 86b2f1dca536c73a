"""A Postman collection (v2.1), with tests, that shows a provider how to send events; InstaLeap asks for one."""

import json
from datetime import UTC, datetime
from typing import Any

from webhooks.models import Source
from webhooks.models.token_endpoint import TokenRequestFormat
from webhooks.onboarding.client import token_request

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_VARIABLES = {"client_id": "{{client_id}}", "client_secret": "{{client_secret}}"}


def collection(source: Source) -> dict[str, Any]:
    """Return the collection; the secret is a variable, to be filled in by the provider."""
    gives_tokens = source.get_auth_mode().issues_tokens
    event = source.get_provider().simulate(seed=1, start=datetime.now(UTC))[0]
    secret = "client_secret" if gives_tokens else "token"
    variables = {"url": source.get_url(), secret: ""}
    if gives_tokens:
        variables |= {"token_url": source.get_token_url(), "client_id": source.get_client_id(), "token": ""}
    return {
        "info": {
            "name": f"{source.name}: events",
            "description": f"Fill in the variable {secret}, then run the requests from top to bottom.",
            "schema": SCHEMA,
        },
        "variable": [{"key": key, "value": value} for key, value in variables.items()],
        "item": [
            *([_token_item(source)] if gives_tokens else []),
            _event_item(source, "Send an event", "{{token}}", event, _ACCEPTED),
            _event_item(source, "A wrong token is refused", "wrong", event, _REFUSED),
        ],
    }


_ACCEPTED = """\
pm.test("The event is stored", () => {
    pm.response.to.have.status(200);
    pm.expect(pm.response.json().status).to.be.oneOf(["accepted", "duplicate"]);
});"""
_REFUSED = """\
pm.test("It is refused, so that a new token is asked for", () => {
    pm.response.to.have.status(401);
});"""


def _token_item(source: Source) -> dict[str, Any]:
    keys = json.dumps(source.token_field.split("."))
    lines = [
        f'pm.test("A token is given", () => {{ pm.response.to.have.status({source.token_status}); }});',
        f"const token = {keys}.reduce((value, key) => value[key], pm.response.json());",
        'pm.test("It is a text", () => { pm.expect(token).to.be.a("string").and.not.empty; });',
        'pm.collectionVariables.set("token", token);',
    ]
    return {"name": "Get a token", "event": [_test(lines)], "request": _token_request(source)}


def _token_request(source: Source) -> dict[str, Any]:
    """Write what webhooks.onboarding.client would send as Postman does."""
    placed = token_request(source, _VARIABLES["client_secret"])
    client_id = source.get_client_id()
    request: dict[str, Any] = {"method": "POST", "url": "{{token_url}}", "header": []}

    def pairs(values: dict[str, str]) -> list[dict[str, str]]:
        return [
            {"key": key, "value": _VARIABLES["client_id"] if client_id and value == client_id else value}
            for key, value in values.items()
        ]

    if "auth" in placed:
        values = {"username": _VARIABLES["client_id"], "password": _VARIABLES["client_secret"]}
        request["auth"] = {
            "type": "basic",
            "basic": [{"key": key, "value": value, "type": "string"} for key, value in values.items()],
        }
    request["header"] = pairs(placed.get("headers", {}))
    if "data" in placed:
        request["body"] = {"mode": "urlencoded", "urlencoded": pairs(placed["data"])}
    elif "json" in placed:
        request["header"].append({"key": "Content-Type", "value": TokenRequestFormat.JSON.value})
        request["body"] = {"mode": "raw", "raw": json.dumps(placed["json"], indent=2)}
    elif "files" in placed:
        fields = {name: value for name, (_, value) in placed["files"].items()}
        request["body"] = {"mode": "formdata", "formdata": [{**pair, "type": "text"} for pair in pairs(fields)]}
    return request


def _event_item(source: Source, name: str, token: str, event: dict[str, Any], script: str) -> dict[str, Any]:
    credentials = source.get_auth_mode().sign(source, token, b"")
    return {
        "name": name,
        "event": [_test(script.splitlines())],
        "request": {
            "method": "POST",
            "url": "{{url}}",
            "header": [
                {"key": "Content-Type", "value": "application/json"},
                *({"key": name, "value": value} for name, value in credentials.items()),
            ],
            "body": {"mode": "raw", "raw": json.dumps(event, ensure_ascii=False, indent=2)},
        },
    }


def _test(lines: list[str]) -> dict[str, Any]:
    return {"listen": "test", "script": {"type": "text/javascript", "exec": lines}}
