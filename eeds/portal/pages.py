"""What every page has: its frame, and whose data it may show."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, g, url_for
from flask import session as cookie
from markupsafe import Markup

from eeds import __version__
from eeds.portal.cookie import csrf_token

STATIC = Path(__file__).parent / "static"
# What the head of every page leads to: endpoint and text, the last ones for admins.
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
    """Give the templates what they need for the frame."""
    blueprint.context_processor(frame)


def frame() -> dict[str, object]:
    """What base.html asks for."""
    principal = g.get("principal")
    return {
        "csrf_field": csrf_field,
        "static": static,
        "user_name": cookie.get("name") if principal else None,
        "menu": PAGES + PAGES_OF_ADMINS if principal and principal.is_admin else PAGES,
        "version": __version__,
    }


def csrf_field() -> Markup:
    """What every form that posts has in it."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


def static(name: str) -> str:
    """The address of a file of ours, another one when the file changes, so that browsers may keep it."""
    return url_for("portal.static", filename=name, v=fingerprint(name))


@cache
def fingerprint(name: str) -> str:
    """A few digits of the file's hash."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
