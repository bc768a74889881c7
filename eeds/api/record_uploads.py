"""POST /api/v1/consumption_records/upload/: a file of readings as it is, whatever table it holds."""

from dataclasses import asdict
from typing import Any

from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, fields

from eeds.api.greenbutton import BalanceSchema, ReadingChangeSchema, balance_answer, change_answer
from eeds.errors import Invalid
from eeds.formats.media_types import CSV, JSON
from eeds.formats.values import checked_text
from eeds.records.files.general import MAX_BYTES, MAX_ROWS
from eeds.records.files.load import load_file
from eeds.records.files.mappings import saved_columns
from eeds.records.files.options import FileOptions, columns_said
from eeds.records.files.plan import LoadedFile
from eeds.records.operations import LoadOptions
from eeds.records.refused_rows import Refused
from eeds.web.context import principal, session, settings
from eeds.web.metrics import count_records
from eeds.web.negotiation import media_type
from eeds.web.requests import unpacked_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused
from eeds.web.rest.sync2 import (
    BINARY,
    PARAMETERS,
    RefusalSchema,
    RefusedSchema,
    StoredSchema,
    file_for_refused,
    flag_in,
    flag_parameter,
    ignored_columns,
    load_options,
    outcome_of_options,
    query_parameter,
    refused_answer,
    refused_rows,
)

TEXTS = {
    "project_id": "The project of all readings, where the file does not say it.",
    "fuel": "Their fuel, as electricity, natural_gas or E_C_S, where the file does not say it.",
    "unit": "Their unit, as kWh, therm or CCF, where the file does not say it.",
    "trace_id": "Their trace, where the file does not say it.",
    "timezone": "Of times without an offset, as America/Chicago or +10:00; else it is the project's.",
    "date_format": "How ambiguous days are written, as DD/MM/YYYY.",
    "decimal": "The decimal sign of ambiguous numbers: `.` or `,`.",
    "sheet": "Of a workbook with several.",
    "heating_value": "Of gas in volumes, as 38.5 MJ/m3 or 1035 BTU/ft3.",
}
FILE_PARAMETERS = [
    *(query_parameter(name, text, type="string") for name, text in TEXTS.items()),
    query_parameter("columns", "Columns by field, as start=Datum,value=Verbrauch.", type="string"),
    query_parameter("mapping", "The name of a saved mapping instead.", type="string"),
    flag_parameter("plain", "`true`: the body is a piece of a plain table; rows that are not plain are refused."),
    *PARAMETERS,
]


class PlanSchema(Schema):
    """What the file was taken for."""

    kind = fields.String(metadata={"example": "wide table"})
    profile = fields.String(allow_none=True, metadata={"description": "The utility's, if it is known."})
    header_line = fields.Integer(allow_none=True)
    columns = fields.Dict(fields.String(), fields.String(), metadata={"description": "Columns by field."})
    said = fields.Dict(fields.String(), fields.String(), metadata={"description": "Fields said by other means."})
    date_format = fields.String(allow_none=True)
    decimal = fields.String(allow_none=True, metadata={"description": "The decimal sign of the values."})
    timezones = fields.Dict(fields.String(), fields.String(), metadata={"description": "Of local times, by project."})
    ends = fields.String(allow_none=True, metadata={"description": "What the ends of intervals are in the file."})
    units = fields.List(fields.String(), metadata={"example": ["MWh × 1000 = KWH"]})
    skipped_lines = fields.List(fields.Integer(), metadata={"description": "That are no rows of the table."})
    notes = fields.List(fields.String())


class UploadedTraceSchema(Schema):
    """What became of the readings of a trace."""

    id = fields.Integer(allow_none=True, metadata={"description": "Null in a dry run."})
    project_id = fields.String()
    interpretation = fields.String()
    label = fields.String(allow_none=True)
    unit = fields.String()
    balance = fields.Nested(BalanceSchema)


class LineRefusalSchema(RefusalSchema):
    """Why one reading was refused."""

    line = fields.Integer(metadata={"description": "Of the file, or row of the sheet; of a plain table left out."})


class UploadedFileSchema(StoredSchema):
    """A file that was stored. The counts are of records."""

    received = fields.Integer(metadata={"description": "Readings in the file."})
    plan = fields.Nested(PlanSchema)
    traces = fields.List(fields.Nested(UploadedTraceSchema))
    changes = fields.List(
        fields.Nested(ReadingChangeSchema), metadata={"description": "The first 100 stored readings that differ."}
    )
    errors = fields.List(fields.Nested(LineRefusalSchema), metadata={"description": "With mode=partial."})


def upload_view(blueprint: Blueprint) -> None:
    """Give the blueprint of consumption records the view `upload/`."""

    class RecordUploadView(MethodView):
        @blueprint.response(200, UploadedFileSchema)
        @blueprint.alt_response(
            413,
            description=f"More than EEDS_MAX_UPLOAD_MB; of a table that is not plain, more than {MAX_BYTES // 2**20} "
            f"MB or {MAX_ROWS:,} rows.",
        )
        @blueprint.doc(
            parameters=FILE_PARAMETERS,
            responses={"400": batch_refused(RefusedSchema(), "Some were refused, so none was stored.")},
            summary="Load a file of readings as it is",
            requestBody={"required": True, "content": {"*/*": BINARY}},
        )
        def post(self) -> Response:
            how = load_options(request, file_for_refused() if media_type() == CSV else None)
            try:
                loaded = load_request(request, how)
            except Refused as error:
                return refused_rows(how.refused, 400) if how.refused else answer(refused_answer(error), 400)
            if how.refused and loaded.refused.records:
                return refused_rows(how.refused, 200)
            return answer(loaded_file_answer(loaded, how))

    blueprint.route("/upload/", endpoint="RecordUpload", offers={"json": JSON, "csv": CSV})(RecordUploadView)


def load_request(request: Request, how: LoadOptions) -> LoadedFile:
    """Load the file in the body; raises Invalid for the query, and as load_file does."""
    options = file_options(request)
    with unpacked_body(request, settings().max_upload_mb * 2**20) as body:
        loaded = load_file(session(), principal(), body, options, how)
    if not how.dry_run:
        count_records("consumption_records", loaded.counts, loaded.refused)
    return loaded


def file_options(request: Request) -> FileOptions:
    """What the query says of the file; raises Invalid."""
    texts = {name: text_in(request, name) for name in (*TEXTS, "columns", "mapping")}
    columns, mapping = columns_said(texts.pop("columns")), texts.pop("mapping")
    if mapping and columns:
        raise Invalid({"mapping": ["Give columns or mapping, not both."]})
    if mapping:
        columns = saved_columns(session(), principal(), mapping)
    return FileOptions(**texts, columns=columns, is_plain=flag_in(request, "plain"))


def text_in(request: Request, name: str) -> str:
    """A text in the query, empty if it is not there; raises Invalid."""
    try:
        return checked_text(request.args.get(name, "").strip())
    except ValueError as error:
        raise Invalid({name: [str(error)]}) from error


def loaded_file_answer(loaded: LoadedFile, how: LoadOptions) -> dict[str, Any]:
    """The answer to a file that was stored, or would have been."""
    traces = [
        {**vars(each), "id": None if how.dry_run else each.id, "balance": balance_answer(each.balance)}
        for each in loaded.traces
    ]
    return {
        "status": "success",
        **asdict(loaded.counts),
        "received": loaded.received,
        "plan": asdict(loaded.plan),
        "traces": traces,
        "changes": list(map(change_answer, loaded.changes)),
        **ignored_columns(loaded.ignored_columns),
        **outcome_of_options(how, loaded.refused),
    }
