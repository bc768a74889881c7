"""Records as the API shows them: the readings of a trace, with an id that is computed from their key."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy import ColumnElement, and_, select, true
from werkzeug.datastructures import MultiDict

from eeds.accounts.visibility import visible
from eeds.db.binary_copy import Columns
from eeds.db.tables import ConsumptionBlock, ConsumptionMetadata
from eeds.errors import Invalid, NotFound
from eeds.formats.format import BY_MEDIA_TYPE, JSON, OF_ANY_SIZE
from eeds.formats.timestamps import parse_date, parse_datetime, parse_instant
from eeds.records.history.as_of import parse_as_of, readings_as_of
from eeds.records.ids import FIRST_START, LAST_START, START_RANGE, record_id, record_key
from eeds.records.reading import file_of, first_of, first_readings, record_file
from eeds.records.single_records import change_record, delete_record
from eeds.records.start_span import ALWAYS, StartSpan, behind, instant
from eeds.web.negotiation import media_type, offer
from eeds.web.responses import answer, answer_file
from eeds.web.rest import filters
from eeds.web.rest.fields import Flag, Number, Pk, Timestamp
from eeds.web.rest.filters import Args
from eeds.web.rest.resource import Item, Resource
from eeds.web.rest.schemas import ApiSchema

LAST_SECOND = time(23, 59, 59, tzinfo=UTC)  # of a day; records start on whole seconds
NO_ARGS: Args = MultiDict()
TEXT = {"type": "string"}
# It selects no rows: what is shown of them depends on it.
AS_OF = filters.Filter(
    lambda _: true(),
    "The records as they were stored at this time, ISO 8601; it may be any since the history of readings began.",
    {"type": "string", "format": "date-time"},
    empty_selects=True,
)
NO_PAGES = "Pages are JSON; for {} choose records by metadata, start_0 and start_1 instead."


class RecordStart(Timestamp):
    """When a record starts: whole seconds, 1900 to 2100."""

    def parse(self, value: Any) -> datetime:
        """The start in UTC."""
        start = super().parse(value)
        if start.microsecond or not FIRST_START <= start < LAST_START:
            raise ValueError(START_RANGE)
        return start


class NestedRecordSchema(ApiSchema):
    """A record inside its trace."""

    id = fields.Integer(dump_only=True)
    start = RecordStart(required=True)
    value = Number(required=True, allow_none=True)
    estimated = Flag(load_default=False)


class ConsumptionRecordSchema(NestedRecordSchema):
    """A reading: it lasts until the next record of its trace starts; a null value is a missing one."""

    EXAMPLE = {"metadata": 1, "start": "2014-01-01T00:00:00Z", "value": 57.8, "estimated": False}

    metadata = Pk(ConsumptionMetadata, attribute="metadata_id", required=True)


def before(value: str) -> StartSpan:
    """Before a time, or up to the end of a day; raises ValueError."""
    try:
        day = parse_date(value)
    except ValueError:
        return StartSpan(end=parse_datetime(value))
    return StartSpan(end=behind(datetime.combine(day, LAST_SECOND), timedelta(seconds=1)))


# What the filters of starts mean.
SPANS: Mapping[str, Callable[[str], StartSpan]] = {
    "start": lambda value: instant(parse_instant(value)),
    "start_0": lambda value: StartSpan(first=parse_instant(value)),
    "start_1": before,
}


def starts(name: str, description: str, schema: Mapping[str, Any] = TEXT) -> filters.Filter:
    """A filter of starts; as a condition, it selects the blocks that have some of them."""
    return filters.Filter(lambda values: and_(true(), *SPANS[name](values[-1]).conditions()), description, schema)


def possible(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Any trace, if the value of a filter of starts can be; raises ValueError."""
    SPANS[name](values[-1])
    return true()


# With an impossible time nothing is selected.
IMPOSSIBLE_STARTS = {name: filters.Filter(partial(possible, name), "") for name in SPANS}


class ConsumptionRecords(Resource):
    """Records, whose ids are computed from trace and start, and which are stored in blocks."""

    noun = "consumption record"
    model = ConsumptionBlock
    schema = ConsumptionRecordSchema
    filters = {
        "metadata": filters.key(ConsumptionBlock.metadata_id, "consumption metadata"),
        "start": starts("start", "Exactly this time, ISO 8601.", {"type": "string", "format": "date-time"}),
        "start_0": starts("start_0", "At this time or later; a day begins at its first second (UTC)."),
        "start_1": starts("start_1", "Before this time; of a day, before its end (UTC)."),
        "as_of": AS_OF,
    }
    offers = offer(OF_ANY_SIZE)

    def answer_all(self, args: Args) -> Response:
        """The records in the format the client asks for."""
        format = BY_MEDIA_TYPE[media_type()]
        if (time := self.as_of(args)) is not None:
            return answer_file(file_of(format, self.readings_as_of(time, args, span_of(args))))
        chosen = filters.conditions(self.filters, args)
        return answer_file(record_file(self.session, self.principal, format, span_of(args), *chosen))

    def as_of(self, args: Args) -> datetime | None:
        """The time that the query string asks for, None for now; raises Invalid."""
        return parse_as_of(self.session, args.getlist("as_of")[-1]) if "as_of" in args else None

    def readings_as_of(self, time: datetime, args: Args, span: StartSpan, first: int = 0) -> Iterator[Columns]:
        """What was stored at a time in the traces that the query string selects, from the `first` one on."""
        trace = ConsumptionMetadata
        of_traces = {"metadata": filters.key(trace.id, "consumption metadata"), **IMPOSSIBLE_STARTS}
        chosen = select(trace.id).where(
            visible(self.principal, trace), trace.id >= first, *filters.conditions(of_traces, args)
        )
        return readings_as_of(self.session, time, self.session.scalars(chosen).all(), span)

    def answer_one(self, id: int, args: Args) -> Response:
        """A record; raises NotFound if there is none, or the filters exclude it."""
        return answer(record_item(self.record(id, args)))

    def page(self, limit: int, after: int | None, args: Args) -> tuple[Sequence[Item], bool]:
        """A page of the list, which only JSON has; raises Invalid for other formats."""
        if media_type() != JSON.media_type:
            raise Invalid({"limit": [NO_PAGES.format(media_type())]})
        span, count = span_of(args), limit + 1
        if (time := self.as_of(args)) is not None:
            key = None if after is None else record_key(after)
            first = first_of(self.readings_as_of(time, args, span, key[0] if key else 0), after=after, count=count)
        else:
            chosen = filters.conditions(self.filters, args)
            first = first_readings(self.session, self.principal, span, chosen, after=after, count=count)
        return [record_item(record) for record in first[:limit]], len(first) > limit

    def require(self, id: int, args: Args) -> None:
        """Raises NotFound where `answer_one` does."""
        self.record(id, args)

    def record(self, id: int, args: Args) -> Item:
        """The record of that id, if it is among those that the query string selects; raises NotFound."""
        key = record_key(id)
        if key is None:
            raise NotFound
        trace, start = key
        span = span_of(args) & instant(start)
        if (time := self.as_of(args)) is not None:
            of_that = MultiDict([*args.items(multi=True), ("metadata", str(trace))])
            found = first_of(self.readings_as_of(time, of_that, span), after=None, count=1)
        else:
            found = self.stored_record(trace, span, args)
        if not found:
            raise NotFound
        return found[0]

    def stored_record(self, trace: int, span: StartSpan, args: Args) -> list[Item]:
        """The record of a trace that starts in the span, if it is there."""
        of_trace = [ConsumptionBlock.metadata_id == trace, *filters.conditions(self.filters, args)]
        return first_readings(self.session, self.principal, span, of_trace, after=None, count=1)

    def update(self, id: int, data: Item) -> int:
        """Change the record, whose id is another one afterwards if its trace or start is; raises NotFound."""
        changed = change_record(self.session, self.principal, self.record(id, NO_ARGS), data)
        return record_id(changed["metadata_id"], changed["start"])

    def stored(self, id: int, args: Args) -> Item:
        """A record as it was just stored, whatever the filters say."""
        return record_item(self.record(id, NO_ARGS))

    def delete(self, id: int) -> None:
        """Delete the record; raises NotFound."""
        delete_record(self.session, self.principal, self.record(id, NO_ARGS))


def span_of(args: Args) -> StartSpan:
    """The starts that the query string selects; all where it has an impossible time, for then it selects no block."""
    span = ALWAYS
    for name, meaning in SPANS.items():
        values = [value for value in args.getlist(name) if value]
        with suppress(ValueError):
            span &= meaning(values[-1]) if values else ALWAYS
    return span


def record_item(item: Mapping[str, Any]) -> Item:
    """A record from its columns: with its computed id, and `metadata` for `metadata_id`."""
    return {
        "id": record_id(item["metadata_id"], item["start"]),
        "start": item["start"],
        "value": item["value"],
        "estimated": item["estimated"],
        "metadata": item["metadata_id"],
    }
