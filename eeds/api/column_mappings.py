"""/api/v1/column_mappings/: which columns of a file are which fields of a reading, under a name."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from eeds.db.tables import ColumnMapping
from eeds.records.files.mappings import checked_columns
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Parsed
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema


class Columns(Parsed, fields.Dict):
    """The heads of columns by field."""

    def parse(self, value: Any) -> dict[str, str]:
        """The columns; raises ValueError."""
        if not isinstance(value, Mapping):
            raise ValueError("Not a valid mapping type.")
        return checked_columns(value)


class ColumnMappingSchema(ApiSchema):
    """Which columns of a file are which fields."""

    EXAMPLE = {"name": "Stadtwerke", "columns": {"start": "Datum", "value": "Verbrauch"}}

    id = fields.Integer(dump_only=True)
    name = Char(required=True)
    columns = Columns(required=True, metadata={"additionalProperties": {"type": "string"}})


class ColumnMappings(Resource):
    """The mappings of the caller's project owner."""

    noun = "column mapping"
    model = ColumnMapping
    schema = ColumnMappingSchema
    filters = {"name": filters.text(ColumnMapping.name)}

    def create(self, data: Item) -> int:
        """A new mapping of the caller's own owner."""
        return super().create({**data, "project_owner_id": self.principal.owner_id})


blueprint = Blueprint("column_mappings", "Which columns of a file are which fields of a reading, under a name.")
crud(blueprint, ColumnMappings)
