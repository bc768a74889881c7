"""The format of an answer: JSON, or what else a view offers; named by `?format=`, else what the client prefers."""

from collections.abc import Iterable, Mapping
from typing import cast

from flask import g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable, NotFound

from eeds.formats.format import Format
from eeds.formats.media_types import JSON

Offers = Mapping[str, str]  # names for `?format=`, and their media types, the usual one first

JSON_ONLY: Offers = {"json": JSON}


def offer(formats: Iterable[Format]) -> Offers:
    """These formats, the usual one first."""
    return {format.name: format.media_type for format in formats}


def negotiate(offers: Offers) -> None:
    """Choose the format of the answer, the usual one if the client does not care.

    Raises NotFound for an unknown `?format=`, NotAcceptable if nothing fits.
    """
    name = request.args.get("format")
    if name is not None:
        if name not in offers:
            raise NotFound
        offers = {name: offers[name]}
    # Parameters do not matter: the original's clients ask for application/json; indent=2.
    kinds = MIMEAccept([(kind.partition(";")[0].strip(), quality) for kind, quality in request.accept_mimetypes])
    g.media_type = kinds.best_match(offers.values()) if kinds else next(iter(offers.values()))
    if g.media_type is None:
        raise NotAcceptable


def media_type() -> str:
    """The media type that was chosen."""
    return cast(str, g.media_type)
