"""The Chromium of the system: where it is, and how it is started so that it asks nobody for anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "there is no chromium in the PATH (Debian, Ubuntu: apt install chromium)"
# It needs no privileges, for it sees our own pages only. Without the last one it looks up its maker's servers.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def find() -> str | None:
    """Where it is."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def started(chromium: str, home: Path) -> Iterator[Browser]:
    """The browser, which leaves nothing behind but in `home`."""
    env: dict[str, str | float | bool] = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, env=env)
        try:
            yield browser
        finally:
            browser.close()
