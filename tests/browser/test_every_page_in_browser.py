"""What holds for every page: axe finds nothing serious, a phone shows it, and it can be read without scripts."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from eeds.client import Client
from eeds.server.demo.server import Datastore
from tests.browser.conftest import WIDE, Portal

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
PAGES = (
    "login/",
    "",
    "projects/",
    "projects/?q=nothing",
    "projects/1/",
    "projects/1/edit/",
    "projects/1/delete/",
    "projects/1/traces/1/",
    "blocks/",
    "blocks/1/delete/",
    "groups/",
    "groups/1/delete/",
    "attributes/",
    "attributes/1/delete/",
    "runs/",
    "portfolio/",
    "restatements/",
    "restatements/1/",
    "upload/",
    "loads/1/",
    "loads/1/undo/",
    "exports/",
    "tokens/",
    "users/",
    "users/1/",
    "queue/",
    "password/",
    "no-such-page/",
)
# The choices that are narrower than the longest of their words wants them to be, and than their row.
CUT_OFF = """() => [...document.querySelectorAll("select")].filter(select => {
    const copy = select.cloneNode(true);
    copy.style.width = "auto";
    select.after(copy);
    const wanted = copy.offsetWidth;
    copy.remove();
    return select.offsetWidth < Math.min(wanted, select.closest(".row, form").clientWidth);
}).map(select => select.name)"""
ENERGY = b"metadata_id,start,value\n3,2011-01-01T00:00:00Z,1.5\n3,2011-01-02T00:00:00Z,x\n"
PHONE = ViewportSize(width=400, height=800)


@pytest.fixture(scope="module", autouse=True)
def selections(client: Client) -> None:
    """The sample project is in a block and in a group, and has an attribute."""
    client.post("project_attribute_keys/", {"name": "page", "display_name": "Page", "data_type": "CHAR"})
    client.patch("projects/1/", {"attribute_values": {"page": "yes"}})
    client.post("project_blocks/", {"name": "page", "projects": [1]})
    client.post("groups/", {"name": "page", "filter": {"climate_zone": {"in": ["5A", "6A"]}, "attribute.page": "yes"}})


@pytest.fixture(scope="module", autouse=True)
def load(browser: Browser, running: Datastore, cookies: Any) -> None:
    """A file with a reading that was corrected, and one that was refused, has been loaded."""
    context = browser.new_context()
    portal = Portal(context.new_page(), running.url, cookies)
    portal.log_in()
    page = portal.open("upload/")
    page.get_by_label("Choose a file").set_input_files({"name": "f.csv", "mimeType": "text/csv", "buffer": ENERGY})
    page.get_by_label("It holds").select_option("energy")
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("heading", name="f.csv is loaded")).to_be_visible()
    context.close()


@pytest.fixture(scope="module", autouse=True)
def result(client: Client, load: None) -> None:
    """The sample project has two that fit its data, and are compared, so that its pages have something to show."""
    for days in (365, 350):
        client.run(1, model="daily", baseline_days=days).wait(timeout=300, progress=False)
    client.restate(1, 2)


def seen(portal: Portal, path: str) -> Page:
    """A page as those see it whom it is for, with all that scripts add."""
    if path != "login/":
        portal.log_in()
    page = portal.open(path)
    page.wait_for_load_state("networkidle")
    return page


def test_no_page_that_links_lead_to_is_left_out(portal: Portal) -> None:
    portal.log_in()
    known = {path.partition("?")[0] for path in PAGES}
    for path in PAGES:
        for link in portal.open(path).locator('a[href^="/portal/"]:not([href*=".csv"]):not([href*=".xlsx"])').all():
            address = (link.get_attribute("href") or "").removeprefix("/portal/")
            assert re.sub(r"\d+", "1", re.split("[?#]", address)[0]) in known, f"{path} leads to {address}"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(portal: Portal, path: str) -> None:
    page = seen(portal, path)
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(found => found.violations)")
    told = [
        f"{each['id']}: {each['help']}: {node['html']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    assert told == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_it_without_scrolling_sideways(portal: Portal, path: str) -> None:
    portal.page.set_viewport_size(PHONE)
    page = seen(portal, path)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", ["projects/", "projects/1/", "portfolio/", "exports/"])
def test_choices_are_wide_enough_for_their_words(portal: Portal, path: str) -> None:
    page = seen(portal, path)
    for screen in (WIDE, PHONE):
        page.set_viewport_size(screen)
        assert page.evaluate(CUT_OFF) == []


def test_without_scripts_all_can_be_read(browser: Browser, running: Datastore, cookies: Any) -> None:
    window = browser.new_context(java_script_enabled=False)
    portal = Portal(window.new_page(), running.url, cookies)
    portal.log_in()
    for path in PAGES[1:-1]:
        page = portal.open(path)
        expect(page.locator("h1")).to_be_visible()
    portal.open("projects/")
    portal.page.get_by_role("link", name="ABC").click()
    expect(portal.page.locator("main")).to_contain_text("kWh")
    for path in ("projects/1/", "portfolio/"):
        page = portal.open(path)
        # a plot that nobody draws takes no room, and its numbers are in a file
        expect(page.get_by_role("link", name="Data as CSV").first).to_be_visible()
        expect(page.locator(".plot:visible")).to_have_count(0)
    assert portal.wrong == []
    window.close()
