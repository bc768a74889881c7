"""Records as the API shows them: the readings of a trace, with an id that is computed from their key."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy import ColumnElement, tuple_

from eeds.accounts.visibility import nothing
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord
from eeds.errors import Invalid
from eeds.formats.format import BY_MEDIA_TYPE, JSON
from eeds.formats.timestamps import parse_date, parse_datetime, parse_instant
from eeds.records.ids import FIRST_START, LAST_START, START_RANGE, record_id, record_id_column, record_key
from eeds.records.reading import record_file
from eeds.web.negotiation import media_type, offer
from eeds.web.responses import answer_file
from eeds.web.rest import filters
from eeds.web.rest.fields import Flag, Number, Pk, Timestamp
from eeds.web.rest.filters import Args
from eeds.web.rest.resource import Item, Resource
from eeds.web.rest.schemas import ApiSchema

LAST_SECOND = time(23, 59, 59, tzinfo=UTC)  # of a day; records start on whole seconds
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


def before(values: Sequence[str]) -> ColumnElement[bool]:
    """Before a time, or up to the end of a day; raises ValueError."""
    try:
        last = datetime.combine(parse_date(values[-1]), LAST_SECOND)
    except ValueError:
        return ConsumptionRecord.start < parse_datetime(values[-1])
    return ConsumptionRecord.start <= last


class ConsumptionRecords(Resource):
    """Records, whose ids are computed from trace and start."""

    noun = "consumption record"
    model = ConsumptionRecord
    schema = ConsumptionRecordSchema
    filters = {
        "metadata": filters.key(ConsumptionRecord.metadata_id, "consumption metadata"),
        "start": filters.instant(ConsumptionRecord.start),
        "start_0": filters.Filter(
            lambda values: ConsumptionRecord.start >= parse_instant(values[-1]),
            "At this time or later; a day begins at its first second (UTC).",
        ),
        "start_1": filters.Filter(before, "Before this time; of a day, before its end (UTC)."),
    }
    offers = offer(BY_MEDIA_TYPE.values())

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """The stored columns after the computed id."""
        return {"id": record_id_column(), **super().columns()}

    def order(self) -> Sequence[ColumnElement[Any]]:
        """By trace and time, which is by id."""
        return [ConsumptionRecord.metadata_id, ConsumptionRecord.start]  # type: ignore[list-item]

    def identified(self, id: int) -> ColumnElement[bool]:
        """The key the id was computed from."""
        key = record_key(id)
        return nothing() if key is None else tuple_(ConsumptionRecord.metadata_id, ConsumptionRecord.start) == key

    def behind(self, id: int) -> ColumnElement[bool]:
        """After the key that the id was computed from."""
        key = record_key(id)
        return nothing() if key is None else tuple_(ConsumptionRecord.metadata_id, ConsumptionRecord.start) > key

    def answer_all(self, args: Args) -> Response:
        """The records in the format the client asks for."""
        chosen = filters.conditions(self.filters, args)
        return answer_file(record_file(self.session, self.principal, BY_MEDIA_TYPE[media_type()], *chosen))

    def page(self, limit: int, after: int | None, args: Args) -> tuple[Sequence[Item], bool]:
        """A page of the list, which only JSON has; raises Invalid for other formats."""
        if media_type() != JSON.media_type:
            raise Invalid({"limit": [NO_PAGES.format(media_type())]})
        return super().page(limit, after, args)


def record_item(item: Mapping[str, Any]) -> Item:
    """A record from its columns: with its computed id, and `metadata` for `metadata_id`."""
    return {
        "id": record_id(item["metadata_id"], item["start"]),
        "start": item["start"],
        "value": item["value"],
        "estimated": item["estimated"],
        "metadata": item["metadata_id"],
    }
