"""What is tried again until the database answers, and what is not."""

from collections.abc import Iterator

import psycopg
import pytest

from workers.database_retry import until_database_answers


def attempts_of(outcomes: Iterator[Exception | None]) -> None:
    """Attempts with these outcomes, as far as there are any."""
    for attempt in until_database_answers():
        with attempt:
            error = next(outcomes)
            if error is not None:
                raise error


def test_it_is_tried_until_it_succeeds() -> None:
    refused, stopping = psycopg.OperationalError("connection refused"), psycopg.errors.AdminShutdown("stopping")
    full, crowded = psycopg.errors.DiskFull("no space left on device"), psycopg.errors.TooManyConnections("too many")
    left = iter([refused, stopping, full, crowded, None, None])
    attempts_of(left)
    assert list(left) == [None]


@pytest.mark.parametrize("error", [psycopg.errors.QueryCanceled("too slow"), ValueError("no outage")])
def test_what_is_no_outage_goes_up_at_once(error: Exception) -> None:
    left = iter([error, None])
    with pytest.raises(type(error)):
        attempts_of(left)
    assert list(left) == [None]
