"""A load in a thread of the web process: its row, its progress, its end."""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial

from flask import g
from sqlalchemy.exc import SQLAlchemyError

from eeds.db.engine import Database
from eeds.portal.energy_loading import load_energy
from eeds.portal.errors import words_of
from eeds.portal.loading import SentFile, load_normals, load_projects, load_usage, load_weather
from eeds.portal.outcomes import Outcome, kept_form, storable
from eeds.portal.upload_kinds import ENERGY, GREEN_BUTTON, NORMALS, PROJECT, WEATHER
from eeds.records import loads
from eeds.records.history.sent import Sent, announce
from eeds.web.background import background, go_on
from eeds.web.context import database, principal, request_id, session

LOADERS: Mapping[str, Callable[[SentFile], Outcome]] = {
    PROJECT: load_projects,
    ENERGY: load_energy,
    WEATHER: load_weather,
    NORMALS: load_normals,
    GREEN_BUTTON: load_usage,
}
REPORT_SECONDS = 1
UNFORESEEN = "The server made a mistake with this file, which its log has; nothing of it was stored."

log = logging.getLogger(__name__)


def start(sent: SentFile) -> tuple[int, Future[None]]:
    """Store that a file is to be loaded, and begin with it as soon as there is a thread; the id of the load, and what
    raises the error that ends it, if one does. The file is closed in the end. Raises Busy."""
    with ExitStack() as on_error:
        on_error.callback(sent.file.close)
        background().require_room()
        id = add(sent)
        on_error.pop_all()
    return id, go_on(partial(carry_out, id, sent))


def add(sent: SentFile) -> int:
    """Store that a file is to be loaded, by this process; the id of the load."""
    digest = hashlib.file_digest(sent.file, "sha256").digest()  # type: ignore[arg-type]  # it can be read into
    sent.file.seek(0)
    with database().session() as own:
        about = {"kind": sent.kind, "file_name": sent.name, "size": sent.size, "sha256": digest}
        id = loads.add_load(own, principal(), request_id(), is_dry_run=sent.dry_run, **about)
        loads.hold(g.place, id)
    return id


def carry_out(id: int, sent: SentFile) -> None:
    """Load the file, and end the load: what it stores, and that it is SUCCESS, is one transaction. Raises the error
    with which it FAILED."""
    try:
        with closing(sent.file):
            with database().session() as own:
                loads.begin(own, id)
            with reported(id, sent):
                announce(session(), Sent(load_id=id))
                outcome = LOADERS[sent.kind](sent)
            loads.succeed(session(), id, kept_form(outcome), outcome.refused_rows)
            session().commit()
            log.info("load %d: SUCCESS", id)
    except Exception as error:
        end_as_failed(id, error)
        raise


def end_as_failed(id: int, error: Exception) -> None:
    """End a load in the words of its error. Without the database it will be found to be lost."""
    try:
        message = words_of(error)
    except Exception as unforeseen:
        log.exception("load %d: %s", id, type(unforeseen).__name__)
        message = UNFORESEEN
    session().close()  # what it has changed is locked
    try:
        with database().session() as own:
            loads.fail(own, id, storable(message))
    except SQLAlchemyError as away:
        log.error("load %d: it FAILED, which could not be stored: %s", id, type(away).__name__)


@contextmanager
def reported(id: int, sent: SentFile) -> Iterator[None]:
    """Store meanwhile how much of the file has been read, for whoever watches."""
    over = threading.Event()
    reporter = threading.Thread(target=report, args=(database(), id, sent, over), name="report")
    reporter.start()
    try:
        yield
    finally:
        over.set()
        reporter.join()


def report(database: Database, id: int, sent: SentFile, over: threading.Event) -> None:
    """Every REPORT_SECONDS, until it is over; without the database there is nobody to watch."""
    just_closed = ValueError
    while not over.wait(REPORT_SECONDS):
        with suppress(SQLAlchemyError, just_closed), database.session() as session:
            loads.note_bytes_read(session, id, sent.bytes_read())
