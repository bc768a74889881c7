"""Records as the API shows them: the readings of a trace, with an id that is computed from their key."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import ColumnElement, and_, tuple_
from sqlalchemy.dialects.postgresql import insert

from eeds.api import filters
from eeds.api.context import principal, session
from eeds.api.fields import Flag, Number, Pk, Timestamp
from eeds.api.resource import Item, Resource
from eeds.api.schemas import ApiSchema
from eeds.errors import Invalid
from eeds.ingest.consumption import lock_traces
from eeds.records import FIRST_START, LAST_START, START_RANGE, record_id, record_id_column, record_key
from eeds.tables import ConsumptionMetadata, ConsumptionRecord
from eeds.visibility import nothing

NOT_UNIQUE = {"non_field_errors": ["The fields metadata, start must make a unique set."]}


class RecordStart(Timestamp):
    """When a record starts: whole seconds, 1900 to 2100."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        start = super()._deserialize(value, attr, data, **kwargs)
        if start.microsecond or not FIRST_START <= start < LAST_START:
            raise ValidationError(START_RANGE)
        return start


class NestedRecordSchema(ApiSchema):
    """A record inside its trace."""

    id = fields.Integer(dump_only=True)
    start = RecordStart(required=True)
    value = Number(required=True, allow_none=True)
    estimated = Flag(load_default=False)


class ConsumptionRecordSchema(NestedRecordSchema):
    """A reading: it lasts until the next record of its trace starts; a null value is a missing one."""

    metadata = Pk(ConsumptionMetadata, attribute="metadata_id", required=True)


class ConsumptionRecords(Resource):
    """Records."""

    noun = "consumption record"
    model = ConsumptionRecord
    schema = ConsumptionRecordSchema
    filters = {
        "metadata": filters.key(ConsumptionRecord.metadata_id, "consumption metadata"),
        "start": filters.instant(ConsumptionRecord.start),
    }

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """The stored columns after the computed id."""
        return {"id": record_id_column(), **super().columns()}

    def order(self) -> Sequence[ColumnElement[Any]]:
        """By trace and time, which is by id."""
        return [ConsumptionRecord.metadata_id, ConsumptionRecord.start]  # type: ignore[list-item]

    def identified(self, id: int) -> ColumnElement[bool]:
        """The key the id was computed from."""
        key = record_key(id)
        return (
            nothing()
            if key is None
            else and_(ConsumptionRecord.metadata_id == key[0], ConsumptionRecord.start == key[1])
        )

    def behind(self, id: int) -> ColumnElement[bool]:
        """After the key that the id was computed from."""
        key = record_key(id)
        return nothing() if key is None else tuple_(ConsumptionRecord.metadata_id, ConsumptionRecord.start) > key

    def create_all(self, items: Sequence[Item]) -> list[Item]:
        """Store new records in one statement; raises Invalid if one of them is there already."""
        lock_traces(session(), principal(), sorted({item["metadata_id"] for item in items}))
        statement = insert(ConsumptionRecord).on_conflict_do_nothing().returning(ConsumptionRecord.start)
        stored = session().scalars(statement, items).all() if items else []
        if len(stored) != len(items):
            raise Invalid(NOT_UNIQUE)
        return [shown(item) for item in items]


def shown(item: Mapping[str, Any]) -> Item:
    """A record as it was stored, in the words of the API."""
    return {
        "id": record_id(item["metadata_id"], item["start"]),
        "start": item["start"],
        "value": item["value"],
        "estimated": item["estimated"],
        "metadata": item["metadata_id"],
    }


records = ConsumptionRecords()
