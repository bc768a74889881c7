"""Sending a file of projects, and what is printed about what the server says of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from eeds.client import Client, Refused
from eeds.client.project_upload import send_projects
from eeds.errors import EedsError
from eeds.formats.media_types import type_of_table
from eeds.formats.messages import about_table

LISTED = 20
BEGIN_BYTES = 8  # by which the kind of a file is known


def upload_project_file(client: Client, path: Path, *, owner: int | None, attributes: bool) -> None:
    """Send one file, and print what became of it; raises EedsError with what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EedsError(f"Cannot read {path}: {error.strerror}.") from error
    media_type, encoding = type_of_table(content[:BEGIN_BYTES])
    try:
        answer = send_projects(client, content, media_type, encoding, owner=owner, attributes=attributes)
    except Refused as error:
        raise refusal_of_file(path, error) from error
    print_outcome(path, answer)


def refusal_of_file(path: Path, error: Refused) -> EedsError:
    """Why nothing of a file was stored, with the first errors by line and column."""
    if not isinstance(error.body, Mapping) or not {"errors", "detail"} & error.body.keys():
        return error
    if "detail" in error.body:
        return EedsError(about_table(str(path), error.body["detail"]))
    count = error.body["error_count"]
    listed = [describe_error(each) for each in error.body["errors"][:LISTED]]
    more = [f"  ... and {count - LISTED} more"] if count > LISTED else []
    errors = "1 error" if count == 1 else f"{count} errors"
    title = f"{path}: {errors}. Nothing of the file was stored; correct it and run this again."
    return EedsError("\n".join([title, *listed, *more]))


def describe_error(error: Mapping[str, Any]) -> str:
    """What is wrong with a row, in a line."""
    place = f", column {error['field']}, {error['value']!r}" if error["field"] else ""
    return f"  line {error['line']}{place}: {error['message']}"


def print_outcome(path: Path, answer: Mapping[str, Any]) -> None:
    """Print what became of the rows of a file, and of the attributes in it."""
    if answer["ignored_columns"]:
        click.echo(f"{path}: ignoring the columns {', '.join(answer['ignored_columns'])}", err=True)
    if answer["new_attributes"]:
        new = ", ".join(f"{name} {data_type}" for name, data_type in answer["new_attributes"].items())
        click.echo(f"{path}: new attributes {new}")
    click.echo(f"{path}: projects {describe_counts(answer['projects'])}")
    if any(answer["attributes"].values()):
        click.echo(f"{path}: values of attributes {describe_counts(answer['attributes'])}")


def describe_counts(counts: Mapping[str, int]) -> str:
    """How many became what."""
    return ", ".join(f"{counts[name]:,} {name}" for name in ("created", "updated", "unchanged"))
