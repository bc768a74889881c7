"""Loading a file as it is: by the reader of plain tables if it is one, else by the one that understands more."""

from typing import IO

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import BodyTooLarge, MalformedBody
from eeds.records.files.general import MAX_BYTES, MAX_ROWS, load_general
from eeds.records.files.options import FileOptions
from eeds.records.files.plain import NotPlain, load_plain
from eeds.records.files.plan import LoadedFile
from eeds.records.files.sources import MAX_SOURCES
from eeds.records.files.store import TraceTooLong
from eeds.records.files.taken import MAX_READINGS
from eeds.records.operations import LoadOptions

HOW_TO_BE_PLAIN = (
    "Larger files have to be plain tables: CSV, Arrow or Parquet with the columns project_id, trace_id, fuel, unit, "
    "start and value, every start with an offset from UTC, and plain numbers. This one is not: {}."
)


def load_file(
    session: Session, principal: Principal, body: IO[bytes], options: FileOptions, how: LoadOptions
) -> LoadedFile:
    """Store the readings of a file of any kind in the session's transaction, or roll it back. `body` can be read from
    its beginning more than once.

    Raises Invalid for the options, MalformedBody, BodyTooLarge, and Refused where a reading is bad and the load not
    `partial`.
    """
    options.check()
    reason = "an option says how to read it"
    if options.is_plain:
        return load_plain(session, principal, body, how, is_piece=True)
    if not options.changes_reading:
        try:
            return load_plain(session, principal, body, how, is_piece=False)
        except (NotPlain, MalformedBody) as error:
            reason = str(error).rstrip(".")
    try:
        return load_general(session, principal, body, options, how)
    except TraceTooLong:
        raise
    except BodyTooLarge as error:
        limit = (
            f"{MAX_BYTES // 2**20} MB, {MAX_ROWS:,} rows, {MAX_READINGS:,} readings in rows of days, or {MAX_SOURCES:,}"
        )
        raise BodyTooLarge(f"The file has more than {limit} traces. {HOW_TO_BE_PLAIN.format(reason)}") from error
