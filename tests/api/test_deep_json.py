"""A body that is nested too deeply is refused like any other that cannot be read."""

import pytest

from tests.api.conftest import Api

DEEP = 40_000  # fewer than the objects that a body may have
PATHS = ["projects/", "projects/sync/", "consumption_records/", "consumption_records/sync2/", "weather_records/sync2/"]
BODIES = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "cut short": b"[" * DEEP,
    "in a field": b'[{"other":' + b"[" * DEEP + b"]" * DEEP + b"}]",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_nested_too_deeply(api: Api, path: str, body: bytes) -> None:
    answer = api.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.json) == (
        400,
        {"detail": "JSON parse error - the text is nested too deeply"},
    )
