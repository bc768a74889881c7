"""Tables of projects on their way to the server, which reads them and stores all of a table or nothing."""

from typing import Any

from eeds.client.errors import Refused
from eeds.client.http import Http
from eeds.errors import EedsError
from eeds.formats.media_types import JSON


def send_projects(
    http: Http,
    table: bytes,
    media_type: str,
    encoding: str = "",
    *,
    owner: int | None = None,
    attributes: bool = True,
    accept: str = JSON,
    rows: bool = False,
    dry_run: bool = False,
    file_name: str = "",
) -> dict[str, Any]:
    """Create or update the projects of a table; gives the answer of the API, with what became of each row if `rows`.
    A `dry_run` stores nothing; `file_name` is what the list of loads calls the table.

    Raises EedsError if it has to be said whose the projects are, and Refused whose `body` says what is wrong with the
    table: with `accept` text/csv the refused rows, each with its line.
    """
    params = {"attributes": str(attributes).lower(), "rows": str(rows).lower()}
    params |= {"dry_run": "true"} if dry_run else {}
    params |= {"file_name": file_name} if file_name else {}
    params |= {} if owner is None else {"owner": str(owner)}
    try:
        answer: dict[str, Any] = http.send_table("projects/upload/", table, media_type, params, accept, encoding)
    except Refused as error:
        if isinstance(error.body, dict) and "owner" in error.body:
            raise EedsError(error.body["owner"][0]) from error
        raise
    return answer
