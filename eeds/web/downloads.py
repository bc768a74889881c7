"""Files of exports, sent as they are read from the database."""

from flask import Response

from eeds.exports.operations import export_file
from eeds.web.context import principal, session
from eeds.web.responses import answer_stream


def export_download(id: int) -> Response:
    """The file of an export, for a browser to save under its name; raises NotFound and Conflict as `export_file`."""
    file = export_file(session(), principal(), id)
    response = answer_stream(file.content, file.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.content_length = file.size
    return response
