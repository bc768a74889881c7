"""A line of the log is JSON for machines, and can be shown to people."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from eeds.config import logs

LINE = logs.JsonLine()


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """What a request before said of itself is not of ours."""
    token = logs.about.set({})
    yield
    logs.about.reset(token)


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("eeds.test", logging.INFO, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


def test_a_line_says_when_what_and_about_which_request() -> None:
    logs.about.set({"request_id": "abc"})
    line = LINE.format(record("%d rows\n", 3, about={"run": 7, "odd": {1}}))
    assert "\n" not in line
    event = json.loads(line)
    assert event.pop("time").endswith("Z")
    assert event == {
        "level": "INFO",
        "logger": "eeds.test",
        "message": "3 rows\n",
        "request_id": "abc",
        "run": 7,
        "odd": "{1}",
    }


def test_an_exception_is_part_of_the_line() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        line = LINE.format(record("failed", exc_info=sys.exc_info()))
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError")
    assert logs.humanise(line).startswith("INFO failed\nTraceback")


@pytest.mark.parametrize("line", ["", "plain text", "[1, 2]", '{"message": "of something else"}', "{"])
def test_what_is_not_ours_is_shown_as_it_is(line: str) -> None:
    assert logs.humanise(line) == line


def test_a_line_for_people() -> None:
    assert logs.humanise(LINE.format(record("ready", about={"run": 7}))) == "INFO ready (run=7)"


def test_what_an_exception_says_of_a_body_is_not_logged() -> None:
    try:
        try:
            float("secret of a body")
        except ValueError as error:
            raise KeyError("another secret") from error
    except KeyError:
        exception = json.loads(LINE.format(record("failed", exc_info=sys.exc_info())))["exception"]
    types = [line for line in exception.splitlines() if line.startswith("builtins.")]
    assert types == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_logs.py" in exception
    assert "could not convert" not in exception
    assert exception.count("secret") == 2  # in the lines of code above


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\x1b[2K", "\ud800", "\0"])
def test_nobody_writes_a_line_of_their_own(end: str) -> None:
    line = LINE.format(record("GET %s", f"/a{end}ERROR forged", about={"path": end}))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"GET /a{end}ERROR forged"
    assert logs.humanise(line).isprintable()
