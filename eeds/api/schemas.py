"""The base of all schemas: unknown fields are ignored, keys of other objects are checked for a whole body at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema
from sqlalchemy import select

from eeds.api.context import principal, session
from eeds.api.fields import Pk
from eeds.db import among
from eeds.messages import invalid_pk
from eeds.visibility import visible


class ApiSchema(Schema):
    """What a resource's body looks like, and how its input is checked."""

    class Meta:
        """Clients of the original send more than it read."""

        unknown = EXCLUDE

    @validates_schema(pass_collection=True, skip_on_field_errors=False)
    def check_references(self, data: Any, *, many: bool = False, **kwargs: Any) -> None:
        """Every Pk names an object that the asker can see: one statement a field, however many items."""
        items: Sequence[Mapping[str, Any]] = data if many else [data]
        errors: dict[int, dict[str, list[str]]] = {}
        for name, field in self.load_fields.items():
            if isinstance(field, Pk):
                attribute = field.attribute or name
                for index in unknown_references(field, [item.get(attribute) for item in items]):
                    errors.setdefault(index, {})[name] = [invalid_pk(items[index][attribute])]
        if errors:
            raise ValidationError(errors if many else errors[0])


def unknown_references(field: Pk, keys: Sequence[int | None]) -> list[int]:
    """The positions in `keys` of those that name nothing the asker can see; None is no reference."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return []
    model = field.model
    column = model.__table__.c.id
    known = set(session().scalars(select(column).where(among(column, wanted), visible(principal(), model))))
    return [index for index, key in enumerate(keys) if key is not None and key not in known]
