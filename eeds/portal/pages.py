"""What many pages have: the frame, the addresses of files, the choices of filters, and parts that change."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from flask import Response, g, render_template, url_for
from flask import session as cookie
from markupsafe import Markup

from eeds import __version__
from eeds.db.tables import ProjectAttributeKey
from eeds.portal.blueprint import blueprint
from eeds.portal.cookie import csrf_token
from eeds.projects.attributes import keys_in_use
from eeds.projects.blocks import list_blocks
from eeds.projects.groups import list_groups
from eeds.web.context import principal, session

STATIC = Path(__file__).parent / "static"
# The menu: endpoints and texts.
PAGES = (
    ("portal.overview", "Overview"),
    ("portal.projects", "Projects"),
    ("portal.portfolio", "Portfolio"),
    ("portal.restatements", "Restatements"),
    ("portal.upload", "Upload"),
    ("portal.exports", "Exports"),
    ("portal.tokens", "Tokens"),
)
PAGES_OF_ADMINS = (("portal.users", "Users"), ("portal.queue", "Queue"))


@blueprint.context_processor
def frame() -> dict[str, object]:
    """The variables that every template gets; most of them are of base.html."""
    caller = g.get("principal")
    return {
        "csrf_field": csrf_field,
        "static": static,
        "user_name": cookie.get("name") if caller else None,
        "menu": PAGES + PAGES_OF_ADMINS if caller and caller.is_admin else PAGES,
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


def filter_choices() -> dict[str, list[tuple[int, str]]]:
    """What the form of the filters offers, ids and names: the caller's `blocks` and `groups`, the `attributes` in
    use."""
    return {
        "groups": [(group.id, group.name) for group in list_groups(session(), principal())],
        "blocks": [(block.id, block.name) for block in list_blocks(session(), principal())],
        "attributes": [*named_apart(keys_in_use(session(), principal()))],
    }


def named_apart(keys: Sequence[ProjectAttributeKey]) -> Iterator[tuple[int, str]]:
    """The id and name of each key; of several of one name, which an admin may see, with the owner."""
    counts = Counter(key.display_name for key in keys)
    for key in keys:
        is_alone = counts[key.display_name] == 1 or key.project_owner_id is None
        yield key.id, key.display_name if is_alone else f"{key.display_name} (owner {key.project_owner_id})"


def live_part(template: str, *, is_done: bool, **values: object) -> Response:
    """A part of a page, which static/live.js asks for again until nothing in it will change any more."""
    response = Response(render_template(template, **values))
    if is_done:
        response.headers["X-Done"] = "1"
    return response
