"""`script/bench portal`: how heavy the pages of the portal are, and when a browser shows them."""

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.api import post, project
from eeds.client import Client
from eeds.server.demo.server import datastore
from eeds.server.seed import DEV_PASSWORD, DEV_TOKEN, DEV_USER
from eeds.server.up import free_port
from tests.browser.chromium import MISSING, find, started

PROJECTS = 10_000
REPEATS = 5
PAGES = (
    "",
    "projects/",
    "projects/1/",
    "projects/1/traces/1/",
    "portfolio/",
    "runs/",
    "upload/",
    "exports/",
    "tokens/",
    "users/",
    "queue/",
)
HEADINGS = ("requests", "HTML kB", "sent kB", "again kB", "answer ms", "paint ms")
# What the browser itself has measured: of the page, of all that belongs to it, and of what it has painted.
MEASURED = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const parts = [page, ...performance.getEntriesByType("resource")];
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    return {
        requests: parts.filter((part) => part.transferSize > 0).length,
        html: page.decodedBodySize / 1000,
        sent: parts.reduce((sum, part) => sum + part.transferSize, 0) / 1000,
        answered: page.responseStart - page.requestStart,
        painted: painted ? painted.startTime : NaN,
    };
}"""
IS_PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"


@dataclass(frozen=True)
class Visit:
    """What a visit of a page takes: kilobytes (1,000 bytes), and milliseconds from the click."""

    requests: float
    html: float
    sent: float
    answered: float
    painted: float


def main() -> None:
    """Measure every page and print the table."""
    chromium = find()
    if chromium is None:
        sys.exit(MISSING)
    os.environ |= {"WEB_CONCURRENCY": "2", "EEDS_RATE_LIMIT": "1000000"}
    with tempfile.TemporaryDirectory() as place, datastore(free_port(), Path(place)) as running:
        fill(running.url)
        home = Path(place) / "home"
        home.mkdir()
        with started(chromium, home) as browser:
            show(running.url, browser)


def fill(url: str) -> None:
    """A project with a result, and many without one."""
    with Client(url, DEV_TOKEN) as client:
        client.run(1, model="daily").wait(timeout=600, progress=False)
    for first in range(0, PROJECTS, 1000):
        post(f"{url}/api/v1/", "projects/sync/", [project(f"P{number}") for number in range(first, first + 1000)])


def show(url: str, browser: Browser) -> None:
    """The table, page by page."""
    cookies = log_in(url, browser)
    print(f"{PROJECTS + 1:,} projects; medians of {REPEATS} visits, the first one with nothing in the browser's cache")
    print(" " * 29, *(f"{name:>9s}" for name in HEADINGS))
    for path in PAGES:
        first, again = visits(browser, cookies, f"{url}/portal/{path}")
        figures = (first.requests, first.html, first.sent, again.sent, first.answered, first.painted)
        print(f"/portal/{path:21s}", *(f"{figure:9,.0f}" for figure in figures))


def log_in(url: str, browser: Browser) -> Any:
    """The cookies of one who has."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/portal/login/")
    page.get_by_label("Name").fill(DEV_USER)
    page.get_by_label("Password").fill(DEV_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
    cookies = context.cookies()
    context.close()
    return cookies


def visits(browser: Browser, cookies: Any, address: str) -> tuple[Visit, Visit]:
    """The medians of first visits and of those that follow."""
    first, again = [], []
    for _ in range(REPEATS):
        context = browser.new_context()
        context.add_cookies(cookies)
        page = context.new_page()
        first.append(visit(page, address))
        again.append(visit(page, address))
        context.close()
    return medians(first), medians(again)


def visit(page: Page, address: str) -> Visit:
    """Go there and wait until nothing more comes."""
    page.goto(address, wait_until="networkidle")
    page.wait_for_function(IS_PAINTED)
    return Visit(**page.evaluate(MEASURED))


def medians(visits: Sequence[Visit]) -> Visit:
    """Of each figure by itself."""
    return Visit(*map(statistics.median, zip(*map(astuple, visits), strict=True)))


if __name__ == "__main__":
    main()
