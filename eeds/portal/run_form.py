"""The settings of a run in a form: what is left empty is as usual."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from eeds.errors import EedsError
from eeds.meter.setting_fields import BY_FUEL, CHOICE, SEVERAL, VALUE, SettingField, setting_fields
from eeds.meter.settings import InvalidSettings, parse_settings

Form = MultiDict[str, str]


def settings_in(form: Form) -> dict[str, Any] | None:
    """The meter_settings that a form asks for, None for the usual ones; raises EedsError with what is wrong."""
    given = ((field, value) for field in setting_fields() for value in values_of(form, field))
    settings = {field.name: value for field, value in given if value != field.default}
    try:
        parse_settings(settings)
    except InvalidSettings as error:
        raise EedsError(str(error)) from error
    return settings or None


def values_of(form: Form, field: SettingField) -> Iterator[Any]:
    """The value of a setting in the form, if it has one."""
    if field.kind == BY_FUEL:
        chosen = {key: text for key in field.keys if (text := form.get(f"{field.name}.{key}", "").strip())}
        yield from [chosen] if chosen else []
    elif field.kind == SEVERAL:
        several = form.getlist(field.name)
        yield from [several] if several else []
    elif text := form.get(field.name, "").strip():
        yield value_of(field, text)


def value_of(field: SettingField, text: str) -> Any:
    """What a text means; one that means nothing stays what it is, to be refused by that."""
    is_json = field.kind == VALUE or text == "null" or (field.kind == CHOICE and text in ("true", "false"))
    try:
        return json.loads(text) if is_json else text
    except ValueError:
        return text


def other_fields() -> Sequence[SettingField]:
    """All settings but the model, which has its place of its own."""
    return [field for field in setting_fields() if field.name != "model"]
