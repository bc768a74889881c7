"""The OpenAPI document is valid, complete and shown."""

from flask import Flask
from openapi_spec_validator import validate

from eeds.api.aliases import TAG
from tests.api.conftest import Api


def test_document_is_valid(nobody: Api) -> None:
    document = nobody.get("openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_in_it(app: Flask, nobody: Api) -> None:
    documented = {
        (path.replace("{id}", "1"), method.upper())
        for path, operations in nobody.get("openapi.json").json["paths"].items()
        for method in operations
        if method != "parameters"
    }
    served = {
        (rule.rule.replace("<int(max=9223372036854775807):id>", "1"), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert served <= documented


def test_every_operation_says_what_it_does(nobody: Api) -> None:
    for path, operations in nobody.get("openapi.json").json["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                assert operation["summary"], (method, path)
                assert {"401", "403"} <= set(operation["responses"]), (method, path)


def test_docs_page_fetches_nothing_from_elsewhere(nobody: Api) -> None:
    page = nobody.get("/docs/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text.replace("http-equiv", "")
    for asset in ("swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css", "docs.js"):
        assert f"/docs/static/{asset}" in page.text
        with nobody.get(f"/docs/static/{asset}") as served:
            assert served.status_code == 200


def test_every_body_has_an_example_that_is_accepted(api: Api) -> None:
    """Sent as it is documented, to a database with one of everything that the examples name."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    api.post("project_attribute_keys/", {"name": "area", "display_name": "Area", "data_type": "FLOAT"})
    trace = {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "first"}
    api.post("consumption_metadatas/", trace)
    for _ in range(2):
        assert api.post("project_results/", {"project": 1}).status_code == 201
    for path, operations in api.get("openapi.json").json["paths"].items():
        for method, operation in operations.items():
            if method == "parameters" or "requestBody" not in operation or operation["tags"] == [TAG]:
                continue
            if "application/json" not in operation["requestBody"]["content"]:
                continue  # takes a file
            example = operation["requestBody"]["content"]["application/json"]["example"]
            if path == "/api/v1/project_owners/":
                assert api.post(path, example).json == {"user": ["This field must be unique."]}
            elif method == "post":
                answer = api.post(path.replace("{id}", "1"), example)
                assert answer.status_code in (200, 201), (path, answer.text)
                for made in [answer.json] if path == "/api/v1/consumption_records/" else []:
                    api.delete(f"consumption_records/{made['id']}/")
