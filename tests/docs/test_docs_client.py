"""docs/client.md has every call and every error of the client; the notebook is as it should be committed."""

import inspect
import json
import re

import pytest

from eeds import client
from eeds.client import ApiError, Client
from eeds.client.loads import Loads
from eeds.client.portfolio import Portfolio
from eeds.client.projects import Projects
from eeds.client.record_frames import Weather
from eeds.client.results import Result, Results
from eeds.client.runs import Run
from eeds.client.traces import Traces
from eeds.errors import EedsError
from tests.docs.notebook import NOTEBOOK, cells, sources
from tests.docs.pages import ROOT, blocks, code, prose, table

PAGE = ROOT / "docs" / "client.md"
# Those of the HTTP layer, which the page only mentions, are not Client's own.
ROOMS = {
    "client": Client,
    "client.projects": Projects,
    "client.traces": Traces,
    "client.loads": Loads,
    "client.weather": Weather,
    "client.results": Results,
    "client.portfolio": Portfolio,
    "run": Run,
    "result": Result,
}
ATTRIBUTES = {"result.data"}


def calls() -> set[str]:
    """Every public method and property of the client, as the page writes them."""
    return {
        f"{room}.{name}"
        for room, kind in ROOMS.items()
        for name, member in vars(kind).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }


def test_every_call_and_no_other_is_in_the_tables() -> None:
    rows = [table(PAGE, "Client: data frames in and out"), table(PAGE, "Runs and results")]
    named = {call.partition("(")[0] for part in rows for row in part for call in code(row[0])}
    assert named == calls() | ATTRIBUTES


def test_every_error_and_no_other_is_in_the_table() -> None:
    offered = {name: getattr(client, name) for name in client.__all__}
    kinds = {name for name, kind in offered.items() if inspect.isclass(kind) and issubclass(kind, EedsError)}
    assert {code(row[0])[0] for row in table(PAGE, "When something is wrong")} == kinds - {ApiError.__name__}


def test_the_errors_of_the_api_come_first() -> None:
    kinds = [getattr(client, code(row[0])[0]) for row in table(PAGE, "When something is wrong")]
    assert [issubclass(kind, ApiError) for kind in kinds] == [True] * 4 + [False] * 4


def test_the_notebook_carries_no_outputs() -> None:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in cells(NOTEBOOK):
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
    assert NOTEBOOK.read_text(encoding="utf-8") == json.dumps(book, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    "link", re.findall(r"\[[^]]*\]\(([^)]+)\)", "".join(dict(sources(NOTEBOOK, "markdown")).values()))
)
def test_links_of_the_notebook_lead_somewhere(link: str) -> None:
    assert (NOTEBOOK.parent / link).exists()


def test_the_notebook_uses_the_client_only() -> None:
    text = "\n".join(dict(sources(NOTEBOOK, "code")).values())
    assert sorted(re.findall(r"^(?:import|from) (\S+)", text, re.MULTILINE)) == [
        "eeds.client",
        "eeds.server.demo",
        "os",
        "pandas",
    ]


def test_the_page_is_in_python() -> None:
    assert {block.language for block in blocks(PAGE)} == {"python", "text"}
    assert "tutorial.ipynb" in prose(PAGE)
