"""What can be set of the meter, for forms and for the documentation of the API: made from MeterSettings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from eeds.meter.names import FUELS
from eeds.meter.settings import OF_PROJECT, MeterSettings

# How a setting is given: one of some words, several of them, one for each fuel, a day, a value of JSON, or a text.
CHOICE, SEVERAL, BY_FUEL, DAY, VALUE, TEXT = "choice", "several", "by fuel", "day", "value", "text"
FLAGS = ("true", "false")


@dataclass(frozen=True)
class SettingField:
    """A setting of the meter; `default` is the value that meter_settings would have."""

    name: str
    kind: str
    description: str
    default: Any
    choices: Sequence[str]  # empty: not one of some words
    keys: Sequence[str]  # for which of them there is a value each; empty: there is one value

    @property
    def default_text(self) -> str:
        """The default as people write it."""
        return self.default if isinstance(self.default, str) else json.dumps(self.default)


@cache
def setting_properties() -> Mapping[str, Any]:
    """The settings as properties of a JSON schema, each with its description and default."""
    properties: dict[str, Any] = msgspec.json.schema(MeterSettings)["$defs"][MeterSettings.__name__]["properties"]
    for name in OF_PROJECT:
        nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]} if "type" in properties[name] else {}
        without_type = {key: value for key, value in properties[name].items() if key != "type"}
        properties[name] = {**without_type, **nullable, "default": None}
    return properties


@cache
def setting_fields() -> Sequence[SettingField]:
    """All settings, in the order of MeterSettings."""
    return [
        SettingField(
            name,
            kind_of(schema),
            schema["description"],
            schema["default"],
            choices_of(schema),
            FUELS if kind_of(schema) == BY_FUEL else (),
        )
        for name, schema in setting_properties().items()
    ]


def kind_of(schema: Mapping[str, Any]) -> str:
    """How a value of this schema is given."""
    kinds = {"array": SEVERAL, "object": BY_FUEL, "boolean": CHOICE, "string": TEXT}
    forms = schema.get("anyOf", [schema])
    if "enum" in schema:
        return CHOICE
    if any(form.get("format") == "date" for form in forms):
        return DAY
    return kinds.get(forms[0]["type"], VALUE)


def choices_of(schema: Mapping[str, Any]) -> Sequence[str]:
    """The words of which a value of this schema has one, or several."""
    if schema.get("type") == "boolean":
        return FLAGS
    words = schema.get("items") or schema.get("additionalProperties") or schema
    choices: Sequence[str] = words.get("enum", ())
    return choices
