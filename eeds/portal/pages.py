"""What every page has: its frame, and the addresses of its files."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, g, url_for
from flask import session as cookie
from markupsafe import Markup

from eeds import __version__
from eeds.portal.cookie import csrf_token

STATIC = Path(__file__).parent / "static"
# The menu: endpoints and texts.
PAGES = (
    ("portal.overview", "Overview"),
    ("portal.projects", "Projects"),
    ("portal.portfolio", "Portfolio"),
    ("portal.upload", "Upload"),
    ("portal.exports", "Exports"),
    ("portal.tokens", "Tokens"),
)
PAGES_OF_ADMINS = (("portal.users", "Users"), ("portal.queue", "Queue"))


def register(blueprint: Blueprint) -> None:
    """Give all templates the variables of `frame`."""
    blueprint.context_processor(frame)


def frame() -> dict[str, object]:
    """The variables of base.html."""
    principal = g.get("principal")
    return {
        "csrf_field": csrf_field,
        "static": static,
        "user_name": cookie.get("name") if principal else None,
        "menu": PAGES + PAGES_OF_ADMINS if principal and principal.is_admin else PAGES,
        "version": __version__,
    }


def csrf_field() -> Markup:
    """The hidden field that every form with POST needs."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


def static(name: str) -> str:
    """The URL of a static file, with its fingerprint, so that browsers may cache it for ever."""
    return url_for("portal.static", filename=name, v=fingerprint(name))


@cache
def fingerprint(name: str) -> str:
    """Twelve digits of the file's SHA-256."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
