"""Savings as files, from every page that shows some."""

import csv
import io
import re

import pytest

from eeds.db.engine import Database
from eeds.formats.workbooks import read_workbook
from tests.api.test_exports import SAVED
from tests.api.test_project_results import finish
from tests.portal.conftest import Browser
from tests.portal.projects import MakePerson, Person, person  # noqa: F401

LINK = re.compile(r'href="(/portal/[^"]*savings\.(?:csv|xlsx)[^"]*)"')


@pytest.fixture
def ada(person: MakePerson, database: Database) -> Person:  # noqa: F811
    """Ada, with two results of ABC and one of XYZ; and somebody else, with one of theirs."""
    ada, bob = person("ada"), person("bob")
    for who, project in ((ada, ada.project()), (ada, 1), (ada, ada.project(project_id="XYZ")), (bob, bob.project())):
        finish(who.api, database, project, SAVED)
    return ada


def links_on(browser: Browser, page: str) -> list[str]:
    return [link.replace("&amp;", "&").removeprefix("/portal/") for link in LINK.findall(browser.get(page).text)]


def results_in(browser: Browser, link: str) -> list[tuple[str, str]]:
    """Project and result of each row of metered savings, in either format."""
    data = browser.get(link).data
    if "xlsx" in link:
        heads, *sheet = read_workbook(data, 100, 10**6, None).rows
        rows = [dict(zip(heads, cells, strict=False)) for cells in sheet]
    else:
        rows = list(csv.DictReader(io.StringIO(data.decode())))
    return [(row["project_id"], row["project_result"]) for row in rows if row["kind"] == "metered"]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("projects/", [("ABC", "2"), ("XYZ", "3")]),
        ("projects/?q=xy", [("XYZ", "3")]),
        ("projects/?status=SUCCESS&page=1", [("ABC", "2"), ("XYZ", "3")]),
        ("portfolio/", [("ABC", "2"), ("XYZ", "3")]),
        ("portfolio/?q=ab", [("ABC", "2")]),
        ("projects/1/", [("ABC", "2")]),
        ("projects/1/?result=1", [("ABC", "1")]),
    ],
)
def test_a_page_links_to_the_savings_that_it_shows(ada: Person, page: str, found: list[tuple[str, str]]) -> None:
    as_csv, as_xlsx = links_on(ada.browser, page)
    assert results_in(ada.browser, as_csv) == results_in(ada.browser, as_xlsx) == found


def test_a_file_has_a_name(ada: Person) -> None:
    answer = ada.browser.get("projects/savings.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="savings.xlsx"'


def test_what_is_not_there(ada: Person, person: MakePerson) -> None:  # noqa: F811
    bob = person("carol")
    bare = bob.project(project_id="BARE")
    for path in (f"projects/{bare}/savings.csv", "projects/1/savings.csv", "projects/savings.json"):
        assert bob.browser.get(path).status_code == 404
    assert links_on(bob.browser, f"projects/{bare}/") == []
