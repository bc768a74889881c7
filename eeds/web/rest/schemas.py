"""The base of all schemas: unknown fields are ignored, keys of other objects are checked for a whole body at once."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema

from eeds.accounts.visibility import invisible_ids
from eeds.formats.messages import invalid_pk
from eeds.web.context import principal, session
from eeds.web.rest.fields import Pk, Pks


class ApiSchema(Schema):
    """What a resource's body looks like, and how its input is checked."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {}  # a body, for the documentation

    class Meta:
        """Clients of the original send more than it read."""

        unknown = EXCLUDE

    @validates_schema(pass_collection=True, skip_on_field_errors=False)
    def check_references(self, data: Any, *, many: bool = False, **kwargs: Any) -> None:
        """Every Pk names an object that the caller may see: one statement a field, however many items."""
        items: Sequence[Mapping[str, Any]] = data if many else [data]
        errors: dict[int, dict[str, list[str]]] = {}
        for name, field in self.load_fields.items():
            if isinstance(field, Pk | Pks):
                keys = [keys_in(item.get(field.attribute or name)) for item in items]
                unknown = invisible_ids(session(), principal(), field.model, {key for some in keys for key in some})
                for index, some in enumerate(keys):
                    messages = [invalid_pk(key) for key in some if key in unknown]
                    if messages:
                        errors.setdefault(index, {})[name] = messages
        if errors:
            raise ValidationError(errors if many else errors[0])


def keys_in(value: int | list[int] | None) -> list[int]:
    """The keys that a field holds: one, several, or none."""
    return [] if value is None else value if isinstance(value, list) else [value]
