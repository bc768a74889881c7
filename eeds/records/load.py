"""One bulk load: from a body to what became of its records, all or nothing unless told otherwise."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TypeVar

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET
from eeds.records.batch import Segment
from eeds.records.consumption import CONSUMPTION, TraceGone
from eeds.records.json_body import json_segments, line_segments
from eeds.records.record_type import Kind
from eeds.records.refusals import Loaded, Refusals, Refused
from eeds.records.trace_names import NAMED

T = TypeVar("T")
Reader = Callable[[Kind, IO[bytes]], Iterator[Segment]]

MEDIA_TYPES = (JSON, JSON_LINES, CSV, ARROW, PARQUET)

ATTEMPTS = 10
# A thread that decodes behind so few records takes longer to start and to wait for than it saves.
FEW = 10_000


@dataclass(frozen=True)
class Wish:
    """How a load is wanted: `partial` stores the good records of a body with bad ones, `dry_run` stores nothing, and
    `refused` is the file for the refused records, where they are wanted."""

    partial: bool = False
    dry_run: bool = False
    refused: IO[bytes] | None = None


def reader_of(media_type: str) -> Reader:
    """What reads a body of that media type, one of MEDIA_TYPES."""
    if media_type in (JSON, JSON_LINES):
        return json_segments if media_type == JSON else line_segments
    # pyarrow takes a while to import, and most processes never need it
    from eeds.records import tabular_body

    return {
        CSV: tabular_body.csv_segments,
        ARROW: tabular_body.arrow_segments,
        PARQUET: tabular_body.parquet_segments,
    }[media_type]


def load(session: Session, principal: Principal, kind: Kind, media_type: str, body: IO[bytes], wish: Wish) -> Loaded:
    """Store the records of a body in the session's transaction, or roll it back.

    Raises MalformedBody, or Refused where some record is bad and `wish` is not for partial loads.
    """
    read = reader_of(media_type)
    if kind is CONSUMPTION and names_traces(media_type, body):
        kind = NAMED

    def segments() -> Iterator[Segment]:
        body.seek(0)
        return read(kind, body)

    return load_segments(session, principal, kind, segments, wish, first_line=2 if media_type == CSV else 1)


def names_traces(media_type: str, body: IO[bytes]) -> bool:
    """Whether a body in columns names its traces instead of giving their ids."""
    if media_type in (JSON, JSON_LINES):
        return False
    from eeds.records.tabular_body import column_names

    names = column_names(media_type, body)
    body.seek(0)
    return "metadata_id" not in names and "project_id" in names


def load_segments(
    session: Session,
    principal: Principal,
    kind: Kind,
    segments: Callable[[], Iterator[Segment]],
    wish: Wish,
    first_line: int = 1,
) -> Loaded:
    """The same for segments, which may be asked for twice."""
    try:
        loaded = attempts(
            session,
            lambda hurry: attempt(session, principal, kind, segments(), wish, first_line, hurry=hurry),
        )
    except EedsError:
        session.rollback()  # whoever answers the error commits nothing of the segments before it
        raise
    if wish.dry_run:
        session.rollback()
    return loaded


def attempts(session: Session, attempt: Callable[[bool], T]) -> T:
    """In a hurry first; a load that got into another's way begins anew, patiently. Patient ones are not in each other's
    way, and whoever hurries into theirs may become one of them, so that a few attempts are enough."""
    for number in range(ATTEMPTS):
        try:
            return attempt(number == 0)
        except (DeadlockDetected, OperationalError, TraceGone) as error:
            if not is_in_the_way(error) or number == ATTEMPTS - 1:
                raise
        session.rollback()
    raise AssertionError("the last attempt returns or raises")


def is_in_the_way(error: Exception) -> bool:
    """Whether a load failed because of another one, or of a deletion, and may succeed when tried again."""
    return isinstance(getattr(error, "orig", error), DeadlockDetected | TraceGone)


def attempt(
    session: Session,
    principal: Principal,
    kind: Kind,
    segments: Iterator[Segment],
    wish: Wish,
    first_line: int,
    *,
    hurry: bool,
) -> Loaded:
    """Read the body to its end, whatever is wrong with it, so that all of it is told at once."""
    if wish.refused:
        wish.refused.truncate(wish.refused.seek(0))  # of what an earlier attempt wrote
    sink = kind.sink(session, principal, hurry)
    refused = Refusals(list(kind.columns), first_line, wish.refused)
    sent = 0
    with closing(read_ahead(segments)) as ready:
        for segment in ready:
            sent += segment.sent
            refused.add(segment.refusals)
            wanted = wish.partial or not refused.records
            refused.add(sink.add(segment) if wanted else sink.check(segment))
    if refused.records and not wish.partial:
        raise Refused(refused, sent)
    return Loaded(sink.finish(), refused, wish.partial, wish.dry_run)


def read_ahead(segments: Iterator[Segment]) -> Generator[Segment]:
    """The segments, the next of which is decoded while the database works on a long one."""
    segment = next(segments, None)
    with ThreadPoolExecutor(1) as reader:  # which starts no thread before it is needed
        while segment:
            following = reader.submit(next, segments, None) if segment.sent > FEW else None
            yield segment
            segment = following.result() if following else next(segments, None)
