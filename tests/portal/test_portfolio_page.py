"""The portfolio page: the sums of what its user may see, in the words of people, and the data of its plots."""

import csv
import io
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.meter.names import ALL_FUELS
from eeds.runs.portfolio.members import ELECTRICITY, GAS
from tests.api.conftest import CountStatements
from tests.portal.conftest import Browser, MakeBrowser, text_of
from tests.runs.portfolio_results import (
    add_attributes,
    add_project,
    add_result,
    both_fuels,
    found,
    owner_of,
    savings,
)

EVIL = "<script>alert(1)</script>"
FORMULA = "=1+1"
TABLES = ["months", "histogram", "realization"]


@pytest.fixture
def ada(browser_of: MakeBrowser) -> Browser:
    """The browser of a user with projects."""
    return browser_of("ada")


@pytest.fixture
def session(ada: Browser, database: Database) -> Iterator[Session]:
    """The unit of work that stores them."""
    with Session(database.engine, expire_on_commit=False) as session:
        yield session


def project(session: Session, name: str, value: float, *, owner: str = "ada", predicted: float | None = None) -> int:
    """A project that saved as much electricity as gas, and twice as much in a normal year."""
    made = add_project(session, owner_of(session, owner), name, zipcode="50321")
    add_result(session, made, *both_fuels(value, value))
    if predicted is not None:
        add_attributes(session, made, predicted_electricity_savings=predicted)
    return made.id


def rows(browser: Browser, table: str, query: str = "") -> list[dict[str, str]]:
    """The CSV of a table."""
    answer = browser.get(f"portfolio/{table}.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=portfolio-{table}.csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_empty_portfolio_says_what_to_do(ada: Browser) -> None:
    assert "upload projects first" in text_of(ada.get("portfolio/"))
    assert ada.get("portfolio/plots/").json["months"]["x"] == []
    assert [rows(ada, table) for table in TABLES] == [[], [], []]


def test_projects_without_results_lead_to_the_meter(ada: Browser, session: Session) -> None:
    add_project(session, owner_of(session, "ada"), "new")
    session.commit()
    assert "None of them has a result yet." in text_of(ada.get("portfolio/"))


def test_figures(ada: Browser, session: Session) -> None:
    project(session, "first", 1000, predicted=4000)
    project(session, "second", 3000)
    add_project(session, owner_of(session, "ada"), "without a result")
    session.commit()
    shown = text_of(ada.get("portfolio/"))
    assert "3 projects." in shown
    assert "Projects with a result 2 of 3" in shown
    assert "Metered savings, kWh 8,000 7,958 to 8,042" in shown  # 30 √2 around it
    assert "In a normal year, kWh 16,000 15,958 to 16,042" in shown
    assert "Saved of the use 10.0 % of what would have been used" in shown
    assert "Realization rate 50.0 % of what was predicted, 1 project" in shown
    assert "with bounds at 95 % confidence" in shown
    assert "shocks that many had in common" in shown

    gas = text_of(ada.get(f"portfolio/?fuel={GAS}&unit=THM"))
    assert "Metered savings, therms 137 135 to 138" in gas  # 4000 kWh
    assert "Realization rate – no predictions" in gas


def test_what_is_left_out_is_named_and_a_fuel_that_counts_is_shown(ada: Browser, session: Session) -> None:
    part = add_project(session, owner_of(session, "ada"), "part")
    electricity = found(ELECTRICITY, savings(1000, 30, 10_000), savings(2000, 30, 20_000))
    add_result(session, part, found(ALL_FUELS, None), electricity)
    new = add_project(session, owner_of(session, "ada"), "without a result")
    session.commit()
    shown = text_of(ada.get("portfolio/"))
    assert "Metered savings, kWh 1,000 970 to 1,030" in shown
    assert "Project Reasons without a result no result" in shown
    page = ada.get(f"portfolio/?fuel={ALL_FUELS}")
    assert "Nothing of all fuels is added up, for the reasons above: choose another fuel" in text_of(page)
    assert "Project Reasons part no savings without a result no result" in text_of(page)
    assert f'href="/portal/projects/{new.id}/"' in page.text


def test_the_data_of_the_plots(ada: Browser, session: Session) -> None:
    project(session, "first", 1000, predicted=4000)
    project(session, FORMULA, 3000, predicted=3000)
    session.commit()
    plots = ada.get(f"portfolio/plots/?fuel={ELECTRICITY}").json
    assert plots["months"]["x"] == [1388534400, 1391212800]  # 2014-01-01, 2014-02-01
    assert plots["months"]["series"][0]["values"] == [1000, 2000]
    assert plots["cumulative"]["series"][0]["values"] == [1000, 3000]
    assert sum(plots["histogram"]["series"][0]["values"]) == 2
    assert plots["realization"]["x"] == [3000, 4000]
    assert [series["values"] for series in plots["realization"]["series"]] == [[3000, 4000], [6000, 2000]]

    january, february = rows(ada, "months", f"?fuel={ELECTRICITY}")
    bounds = {name: float(january.pop(name)) for name in list(january) if name.endswith(("lower_kwh", "upper_kwh"))}
    assert bounds["savings_lower_kwh"] + bounds["savings_upper_kwh"] == pytest.approx(2000)
    assert bounds["cumulative_savings_lower_kwh"] == bounds["savings_lower_kwh"]
    edges = [series["values"] for series in plots["months"]["series"][1:]]
    assert edges[0][0] == pytest.approx(bounds["savings_lower_kwh"], rel=1e-5)
    assert january == {
        "month": "2014-01",
        "projects": "2",
        "savings_kwh": "1000.0",
        "cumulative_savings_kwh": "1000.0",
        "counterfactual_kwh": "10000.0",
    }
    assert float(rows(ada, "months", "?unit=THM")[1]["cumulative_savings_therms"]) == pytest.approx(6000 / 29.3001)
    assert february["cumulative_savings_kwh"] == "3000.0"
    first, second = rows(ada, "realization")
    assert (first["project_id"], first["realization_rate"]) == (f"'{FORMULA}", "2.0")
    assert (second["predicted_kwh"], second["saved_kwh"]) == ("4000.0", "2000.0")
    assert float(second["saved_lower_kwh"]) == pytest.approx(1970)
    assert float(second["saved_upper_kwh"]) == pytest.approx(2030)


def test_the_histogram_has_two_scales(ada: Browser, session: Session) -> None:
    for i in range(3):
        project(session, f"p{i}", 1000 * (i + 1))
    session.commit()
    (below, *bins, above) = rows(ada, "histogram", f"?fuel={GAS}&scale=energy")
    assert (below["from_kwh"], below["projects"], above["to_kwh"], above["projects"]) == ("", "0", "", "0")
    assert (bins[0]["from_kwh"], bins[-1]["projects"]) == ("2000.0", "1")
    assert sum(int(bin["projects"]) for bin in bins) == 3
    percent = rows(ada, "histogram", f"?fuel={GAS}")
    assert [(bin["from_percent"], bin["projects"]) for bin in percent[1:-1]] == [("10.0", "3")]


def test_others_see_nothing_and_admins_all(ada: Browser, browser_of: MakeBrowser, session: Session) -> None:
    bob, admin = browser_of("bob"), browser_of("admin", admin=True)
    project(session, "of ada", 1000, predicted=1000)
    project(session, "of bob", 5000, owner="bob", predicted=1000)
    session.commit()
    shown = {browser: text_of(browser.get("portfolio/")) for browser in (ada, bob, admin)}
    assert "Metered savings, kWh 2,000" in shown[ada]
    assert "Metered savings, kWh 10,000" in shown[bob]
    assert "Metered savings, kWh 12,000" in shown[admin]
    names = {browser: [row["project_id"] for row in rows(browser, "realization")] for browser in shown}
    assert list(names.values()) == [["of ada"], ["of bob"], ["of ada", "of bob"]]
    assert [rows(browser, "months")[0]["projects"] for browser in shown] == ["1", "1", "2"]
    assert [len(browser.get("portfolio/plots/").json["realization"]["x"]) for browser in shown] == [1, 1, 2]


def test_a_selection(ada: Browser, browser_of: MakeBrowser, session: Session) -> None:
    browser_of("bob")
    small, large = project(session, "small house", 1000), project(session, "large house", 3000)
    block = ProjectBlock(project_owner_id=owner_of(session, "ada"), name=EVIL)
    of_bob = ProjectBlock(project_owner_id=owner_of(session, "bob"), name="of bob")
    session.add_all([block, of_bob])
    session.flush()
    session.add_all(ProjectBlockProject(project_block_id=chosen, project_id=large) for chosen in (block.id, of_bob.id))
    for each, contractor in ((small, "Smith"), (large, "Miller")):
        add_attributes(session, session.get_one(Project, each), "CHAR", contractor=contractor)
    session.commit()
    for query, value in {
        "q=SMALL": "2,000",
        "q=503": "8,000",
        f"block={block.id}": "6,000",
        "key=1&value=smith": "2,000",
        "key=1": "8,000",
        f"key=1&value=smith&q=house&block={block.id}": None,
        f"block={of_bob.id}": None,
        "key=1&value=nobody": None,
        "q=_": None,
        "value=smith": "8,000",
    }.items():
        answer = ada.get(f"portfolio/?{query}")
        shown = text_of(answer)
        assert f"Metered savings, kWh {value}" in shown if value else "There is nothing to add up." in shown, query
        assert EVIL not in answer.text
    assert [row["projects"] for row in rows(ada, "months", "?q=small")] == ["1", "1"]
    assert f"in block {EVIL}" in text_of(ada.get(f"portfolio/?block={block.id}")).replace("&lt;", "<")


@pytest.mark.parametrize(
    "query",
    [
        "fuel=coal&unit=BTU&scale=log",
        "q=%00",
        "q=%25&block=x",
        "block=99999999999999999999",
        "block=-1&key=-1",
        "key=x&value=y",
        "key=1&value=%00",
        "key=1&value=1e999",
        "key=99999999999999999999999",
    ],
)
def test_bad_parameters_fall_back(ada: Browser, session: Session, query: str) -> None:
    project(session, "p", 1000, predicted=1)
    session.commit()
    pages = ["", "plots/", *(f"{table}.csv" for table in TABLES)]
    assert [ada.get(f"portfolio/{page}?{query}").status_code for page in pages] == [200] * 5


def test_names_cannot_be_scripts(ada: Browser, session: Session) -> None:
    made = add_project(session, owner_of(session, "ada"), EVIL)
    add_result(session, made, *both_fuels(1, 1))
    add_attributes(session, made, "CHAR", **{EVIL: EVIL})
    session.commit()
    for query in ("", f"?q={EVIL}", f"?key=1&value={EVIL}"):
        assert EVIL not in ada.get(f"portfolio/{query}").text


def test_statements_do_not_grow_with_projects(ada: Browser, session: Session, statements_of: CountStatements) -> None:
    """The login, the choices of blocks, groups and attributes, projects (psycopg chooses among their members), those
    that are accepted, sums (two), counts, what became of the members, those left out, their sums, realization (two); of
    plots one each, one more of months."""
    for number in range(2):
        for i in range(5):
            project(session, f"p{number}-{i}", 1000, predicted=1000)
        session.commit()
        assert len(statements_of(lambda: ada.get("portfolio/"))) == 14
        assert len(statements_of(lambda: ada.get("portfolio/plots/"))) == 10
