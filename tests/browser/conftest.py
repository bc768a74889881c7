"""A real browser, Chromium, and a real datastore behind it: `eeds up` with a worker, seeded for development."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, ViewportSize, expect

from eeds.client import Client
from eeds.server.demo.server import Datastore, datastore
from eeds.server.seed import DEV_PASSWORD, DEV_TOKEN, DEV_USER
from eeds.server.up import free_port
from tests.browser.chromium import MISSING, find, started

DEADLINE_MS = 30_000
WIDE = ViewportSize(width=1280, height=900)


def pytest_configure(config: pytest.Config) -> None:
    """How long a page may take to become what a test expects."""
    expect.set_options(timeout=DEADLINE_MS)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of the system; a clone without one skips these tests, CI does not."""
    found = find()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    with started(chromium, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.fixture(scope="session")
def running(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datastore]:
    """The datastore, whose loads are watched if they take longer than a second."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EEDS_UPLOAD_WAIT", "1")
        with datastore(free_port(), tmp_path_factory.mktemp("running")) as running:
            yield running


@pytest.fixture(scope="session")
def client(running: Datastore) -> Iterator[Client]:
    """What the API says of it."""
    with Client(running.url, DEV_TOKEN) as client:
        yield client


@pytest.fixture(scope="session")
def cookies(browser: Browser, running: Datastore) -> Any:
    """Those of one who has logged in: to do so for every test would look like guessing."""
    context = browser.new_context()
    portal = Portal(context.new_page(), running.url, [])
    portal.try_password(DEV_PASSWORD)
    expect(portal.page.get_by_role("button", name="Log out")).to_be_visible()
    found = context.cookies()
    context.close()
    return found


@dataclass
class Portal:
    """A window of the browser on the portal, and what went wrong in it."""

    page: Page
    url: str
    cookies: Any  # of one who has logged in
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(DEADLINE_MS)
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self.see)
        self.page.on("response", self.receive)
        self.page.on("requestfailed", self.miss)

    def hear(self, message: ConsoleMessage) -> None:
        """A script complains, or the browser about the page."""
        # a form that was refused is answered with its status
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.wrong.append(message.text)

    def see(self, request: Request) -> None:
        """Nothing may come from elsewhere."""
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"asked {request.url}")

    def receive(self, response: Response) -> None:
        """What a page is made of is there; pages and forms themselves may be refused."""
        if response.status >= 400 and response.request.resource_type not in ("document", "xhr"):
            self.wrong.append(f"{response.status} for {response.url}")

    def miss(self, request: Request) -> None:
        """No answer came; none is needed by one who has left the page or keeps a download."""
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.failure} for {request.url}")

    def open(self, path: str = "") -> Page:
        """A page of the portal."""
        self.page.goto(f"{self.url}/portal/{path}")
        return self.page

    def try_password(self, password: str) -> None:
        """Of the user of the development seed."""
        self.open("login/")
        self.page.get_by_label("Name").fill(DEV_USER)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def log_in(self) -> None:
        """Be that user."""
        self.page.context.add_cookies(self.cookies)


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window without cookies."""
    context = browser.new_context(viewport=WIDE, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def portal(window: BrowserContext, running: Datastore, cookies: Any) -> Iterator[Portal]:
    """The portal, in which nothing may go wrong unseen."""
    portal = Portal(window.new_page(), running.url, cookies)
    yield portal
    assert portal.wrong == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Path | None:
    """Where the pictures of the README go, if they are asked for."""
    wanted = request.config.getoption("--pictures")
    return Path(__file__).parents[2] / "docs" / "pictures" if wanted else None
