"""`limit=` and `cursor=`: a list in pages. The next page's URL is in the Link header of the answer."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Request, Response

from eeds.errors import Invalid
from eeds.formats.values import parse_int
from eeds.web.rest.blueprint import query_parameter
from eeds.web.rest.filters import Args

MAX_LIMIT = 10_000
PARAMETERS = [
    query_parameter(
        "limit",
        "At most so many objects; the Link header then leads to the next page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    ),
    query_parameter(
        "cursor", "Where a page begins, as the Link header of the page before says it.", {"type": "string"}
    ),
]


def page_of(args: Args) -> tuple[int, int | None]:
    """How many objects a query asks for at most, 0 for all, and the id that they come after. Raises Invalid."""
    if not args.get("limit"):
        return 0, None
    limit = parse_int(args["limit"])
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        raise Invalid({"limit": [f"The limit is a whole number from 1 to {MAX_LIMIT}."]})
    return limit, read_cursor(args["cursor"]) if args.get("cursor") else None


def read_cursor(cursor: str) -> int:
    """The id in a cursor; raises Invalid for text that no page gave."""
    try:
        id = parse_int(base64.urlsafe_b64decode(cursor.encode()).decode())
    except (binascii.Error, ValueError):
        id = None
    if id is None:
        raise Invalid({"cursor": ["This is not a cursor; take it from the Link header of the page before."]})
    return id


def link_next(response: Response, request: Request, items: Sequence[dict[str, Any]]) -> None:
    """Point to the page behind these objects."""
    cursor = base64.urlsafe_b64encode(str(items[-1]["id"]).encode()).decode()
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    response.headers["Link"] = f'<{request.base_url}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'
