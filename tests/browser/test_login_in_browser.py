"""Coming in and going out, as people do it."""

from playwright.sync_api import BrowserContext, expect

from eeds.server.seed import DEV_PASSWORD, DEV_USER
from tests.browser.conftest import Portal


def test_a_wrong_password_is_said_and_the_right_one_lets_in(portal: Portal) -> None:
    portal.try_password("wrong")
    expect(portal.page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(portal.page.get_by_label("Name")).to_have_value(DEV_USER)
    portal.page.get_by_label("Password").fill(DEV_PASSWORD)
    portal.page.get_by_label("Password").press("Enter")
    expect(portal.page.get_by_role("heading", name="Overview")).to_be_visible()


def test_by_keyboard_alone(portal: Portal) -> None:
    page = portal.open()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(DEV_USER)
    page.keyboard.press("Tab")
    page.keyboard.type(DEV_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_logging_out_ends_it_in_every_window(portal: Portal, window: BrowserContext) -> None:
    portal.try_password(DEV_PASSWORD)
    expect(portal.page.get_by_role("heading", name="Overview")).to_be_visible()
    other = window.new_page()
    other.goto(f"{portal.url}/portal/projects/")
    expect(other.get_by_role("heading", name="Projects")).to_be_visible()
    portal.page.get_by_role("button", name="Log out").click()
    expect(portal.page.get_by_role("button", name="Log in")).to_be_visible()
    other.reload()
    expect(other).to_have_url(f"{portal.url}/portal/login/?next=/portal/projects/")
