"""schemathesis sends to every operation what the OpenAPI document allows, and what it does not: no answer may be an
error of the server's, and each must be one that the document tells of."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from eeds.db.engine import Database
from tests.api.conftest import Api
from tests.api.test_access_matrix import OPERATIONS
from tests.api.test_project_results import finish
from tests.api.test_result_parts import DAYS, with_savings

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 25


@pytest.fixture
def document(app: Flask, api: Api, database: Database) -> Any:
    """The document, with something in the database that the requests may hit."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"})
    api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"})
    finish(api, database, 1, with_savings(DAYS))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation(document: Any, method: str, path: str, pytestconfig: pytest.Config) -> None:
    wanted = pytestconfig.getoption("--fuzz")

    @hypothesis.given(
        document[path][method].as_strategy() | document[path][method].as_strategy(GenerationMode.NEGATIVE)
    )
    @hypothesis.settings(
        max_examples=wanted or EXAMPLES,
        derandomize=not wanted,  # the same examples in every run, so that a change is to blame for a failure
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def send(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers={"Authorization": "Bearer token-of-admin"})

    send()
