"""Errors as pages, with the statuses and messages of the API."""

from collections.abc import Callable
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.http import HTTP_STATUS_CODES

from eeds.errors import Invalid, NotFound
from eeds.portal.blueprint import blueprint
from eeds.web import errors

HANDLERS: dict[type[Exception], Callable[[Any], Response]] = {
    **errors.HANDLERS,
    Invalid: lambda error: errors.detail(str(error), 400),
    NotFound: lambda error: errors.detail("There is no such page, or it is not yours to see.", 404),
    IntegrityError: lambda error: errors.detail("Somebody else has just changed this; try again.", 409),
}


def as_page(handler: Callable[[Any], Response]) -> Callable[[Any], Response]:
    """The handler, answering HTML with what it would have answered in JSON."""

    def handle(error: Exception) -> Response:
        response = handler(error)
        heading = HTTP_STATUS_CODES[response.status_code]
        response.set_data(render_template("portal/error.html", heading=heading, detail=detail_in(response)))
        response.mimetype = "text/html"
        return response

    return handle


def detail_in(response: Response) -> str:
    """What an answer of the API's errors says, as one text."""
    body = response.get_json()
    return str(body.get("detail") or " ".join(text for texts in body.values() for text in texts))


def words_of(error: Exception) -> str:
    """What a page would say of an error; raises one that nobody has foreseen."""
    for kind in type(error).__mro__:
        if kind in HANDLERS:
            return detail_in(HANDLERS[kind](error))
    raise error


for exception, handler in HANDLERS.items():
    blueprint.register_error_handler(exception, as_page(handler))


@blueprint.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def no_such_page(path: str) -> ResponseReturnValue:
    """Raises NotFound for paths below /portal/ that no page has, within the blueprint, so that HTML is answered."""
    raise NotFound
