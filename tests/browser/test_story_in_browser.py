"""The work of an analyst from the first page to the last, in one browser on one datastore, in this order."""

import csv
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Download, Locator, expect

from eeds.client import Client
from eeds.config.data_dir import embedded_urls
from eeds.server.demo.server import Datastore
from tests.browser.conftest import Portal

RUN_MS = 300_000
ENERGY = """project_id,trace_id,fuel,unit,date,value
ABC,story,electricity,kWh,2013-01-01,10
ABC,story,electricity,kWh,2013-01-02,eleven
ABC,story,electricity,kWh,2013-01-03,12
"""
# Whether a canvas shows something: more than one colour.
COLOURS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


@pytest.fixture
def portal(portal: Portal) -> Portal:
    """After the login."""
    portal.log_in()
    return portal


def saved(portal: Portal, name: str, picture: Path | None) -> None:
    """A picture for the README, if asked for."""
    if picture:
        portal.page.screenshot(path=picture / f"{name}.png")


def rows_of(download: Download) -> list[dict[str, str]]:
    """A CSV file that was downloaded."""
    with download.path().open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_meter_is_run_and_watched(portal: Portal, client: Client) -> None:
    page = portal.open("projects/")
    page.get_by_role("link", name="ABC").click()
    page.get_by_label("Model").select_option("daily")
    page.get_by_role("button", name="Run the meter now").click()
    page.wait_for_url("**/#runs")
    newest = page.get_by_role("table", name="The newest runs").locator("tbody tr").first
    # the page keeps itself up to date
    expect(newest.get_by_text("SUCCESS")).to_be_visible(timeout=RUN_MS)
    link = newest.get_by_role("link", name="Result")
    result = link.inner_text().removeprefix("Result ")
    link.click()
    page.wait_for_url(f"**/?result={result}#savings")
    savings = client.get(f"project_results/{result}/savings/")
    (total,) = [
        each for each in savings["aggregations"] if each["trace_interpretation"] == "ELECTRICITY_CONSUMPTION_SUPPLIED"
    ]
    expect(page.locator("main")).to_contain_text(f"{total['metered_savings']['value']:,.0f} kWh")


def drawn(portal: Portal, name: str) -> Locator:
    """The first plot of that name, once it is drawn."""
    plot = portal.page.locator(f'[data-plot="{name}"]:visible').first
    plot.scroll_into_view_if_needed()
    expect(plot.locator("canvas")).to_be_visible()
    assert plot.locator("canvas").evaluate(COLOURS) > 3
    return plot


def test_the_plots_show_what_the_api_says(portal: Portal, client: Client, picture: Path | None) -> None:
    page = portal.open("projects/1/")
    saved(portal, "project", picture)
    for name in ("savings", "temperature", "use"):
        plot = drawn(portal, name)
    saved(portal, "plots", picture)
    address = plot.get_attribute("data-series") or ""
    shown: dict[str, Any] = page.evaluate("async url => (await fetch(url)).json()", address)
    observed = next(each for each in shown["use"]["series"] if each["colour"] == "observed")
    result, trace = re.findall(r"\d+", address)
    rows = client.get(f"project_results/{result}/timeseries/", trace=trace)
    expected = [row["observed"] for row in rows]
    assert len(expected) > 700
    assert observed["values"] == pytest.approx(expected, rel=1e-5, nan_ok=True)


def test_the_portfolio_adds_them_up(portal: Portal, picture: Path | None) -> None:
    page = portal.open("portfolio/")
    for name in ("months", "histogram"):
        drawn(portal, name)
    page.evaluate("window.scrollTo(0, 0)")
    saved(portal, "portfolio", picture)
    page.get_by_label("Unit").select_option("THM")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Metered savings, therms")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Data as CSV").first.click()
    assert len(rows_of(download.value)) > 12


def test_a_file_is_looked_at_checked_and_loaded(
    portal: Portal, client: Client, tmp_path: Path, picture: Path | None
) -> None:
    file = tmp_path / "story.csv"
    file.write_text(ENERGY)
    page = portal.open("upload/")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.get_by_text("It looks like: Energy data")).to_be_visible()
    expect(page.get_by_label("It holds")).to_have_value("energy")
    expect(page.get_by_label("What date is")).to_have_value("start=date")
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_role("heading", name="story.csv is checked; nothing is stored")).to_be_visible()
    assert client.get("consumption_metadatas/", label="story", summary="True") == []
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("heading", name="story.csv is loaded")).to_be_visible()
    expect(page.locator("#outcome")).to_contain_text("line 3: value: 'eleven' is no number.")
    saved(portal, "upload", picture)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused rows").click()
    assert download.value.suggested_filename == "story.csv.refused.csv"
    (row,) = rows_of(download.value)
    assert (row["line"], row["value"]) == ("3", "eleven")
    (trace,) = client.get("consumption_metadatas/", label="story")
    assert [record["value"] for record in trace["records"]] == [10, 12]


def test_a_load_that_takes_long_is_watched(portal: Portal, running: Datastore, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text(ENERGY.replace("story", "long"))
    page = portal.open("upload/")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.get_by_label("It holds")).to_have_value("energy")
    with psycopg.connect(embedded_urls(running.log.parent).database) as connection:
        connection.execute("LOCK TABLE consumption_blocks IN EXCLUSIVE MODE")  # nobody stores any
        page.get_by_role("button", name="Load").click()
        expect(page.get_by_role("heading", name="It is being loaded")).to_be_visible()
        expect(page.locator("#outcome").get_by_role("progressbar")).to_be_visible()
        expect(page.locator("#loads tbody tr").first).to_contain_text("long.csv")
        other = page.context.new_page()
        other.goto(page.url)
        other.get_by_role("link", name="long.csv").first.click()
        expect(other.get_by_role("heading", name="It is being loaded")).to_be_visible()
    for watched in (page, other):
        expect(watched.get_by_role("heading", name="long.csv is loaded")).to_be_visible()
        expect(watched.get_by_role("link", name="Download the refused rows")).to_be_visible()
    expect(page.locator("#loads tbody tr").first).to_contain_text("SUCCESS")


def test_columns_are_chosen_saved_and_used_again(portal: Portal, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("Wann;Wieviel\n31.01.2013 00:00;1,5\n31.01.2013 01:00;2,5\n")
    page = portal.open("upload/")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.get_by_text("Choose below what its columns are")).to_be_visible()
    page.get_by_label("It holds").select_option("energy")
    page.get_by_label("What Wann is").select_option("start")
    page.get_by_label("What Wieviel is").select_option("value")
    page.get_by_label("Save these columns as").fill("words")
    page.get_by_label("Project, if the file does not name it").fill("ABC")
    page.get_by_text("What the file does not say").click()
    for label, text in (("Meter", "words"), ("Fuel", "electricity"), ("Unit", "kWh"), ("Time zone", "UTC")):
        page.get_by_label(label).first.fill(text)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("heading", name="words.csv is loaded")).to_be_visible()
    expect(page.locator("#outcome")).to_contain_text("times without an offset are those of UTC")
    (trace,) = client.get("consumption_metadatas/", label="words")
    assert [record["value"] for record in trace["records"]] == [1.5, 2.5]
    page = portal.open("upload/")
    page.get_by_label("It holds").select_option("energy")
    page.get_by_text("What the file does not say").click()
    expect(page.get_by_label("Columns as saved").locator("option")).to_have_text(["as recognised", "words"])


def test_an_export_is_ordered_watched_and_downloaded(portal: Portal, client: Client) -> None:
    page = portal.open("exports/")
    page.get_by_label("It holds").select_option("results")
    page.get_by_role("button", name="Order it").click()
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=RUN_MS)
    with page.expect_download() as download:
        link.click()
    (row,) = rows_of(download.value)
    assert "ABC" in row.values()
    page.get_by_role("button", name="Delete the export").click()
    expect(page.get_by_text("Nothing has been ordered.")).to_be_visible()


def test_projects_become_a_block_and_many_runs(portal: Portal, picture: Path | None) -> None:
    page = portal.open("projects/")
    saved(portal, "projects", picture)
    page.get_by_label("Name of the block").fill("pilot")
    page.get_by_role("button", name="Save 1 project").click()
    expect(page.get_by_role("status")).to_have_text("Saved 1 project as block pilot.")
    page.get_by_label("Block", exact=True).select_option("pilot")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Run the meter for 1 project").click()
    expect(page.get_by_text("1 of 1 runs have ended")).to_be_visible(timeout=RUN_MS)


def test_a_token_works_until_it_is_revoked(portal: Portal) -> None:
    page = portal.open("tokens/")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("#made").inner_text()
    with Client(portal.url, token) as own:
        assert own.get("projects/")[0]["project_id"] == "ABC"
    page.get_by_role("button", name=f"Revoke the token {token[:12]}").click()
    expect(page.get_by_role("status")).to_have_text("The token is revoked.")
    expect(page.get_by_role("row", name=token[:12])).to_contain_text("revoked")
