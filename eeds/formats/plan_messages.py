"""What an upload says that a file was taken for, in the words of people."""

from collections.abc import Iterator, Mapping
from typing import Any


def describe_plan(plan: Mapping[str, Any]) -> Iterator[str]:
    """What a file was taken for, by the `plan` of the API's answer."""
    profile = f", {plan['profile']}" if plan["profile"] else ""
    where = f", header on line {plan['header_line']}" if plan["header_line"] else ""
    columns = "; ".join(f"{field}: {head}" for field, head in {**plan["columns"], **plan["said"]}.items())
    yield f"taken for a {plan['kind']}{profile}{where}{f' ({columns})' if columns else ''}"
    if plan["date_format"]:
        yield f"dates are {plan['date_format']}"
    if plan["decimal"] == ",":
        yield "numbers have a decimal comma"
    yield from describe_zones(plan["timezones"])
    if plan["ends"]:
        yield f"the ends of intervals are {plan['ends']}"
    yield from plan["units"]
    if plan["skipped_lines"]:
        first, *more = plan["skipped_lines"]
        yield f"line {first}{f' and {len(more)} others' if more else ''} below the header: no row of the table"
    yield from plan["notes"]


def describe_zones(zones: Mapping[str, str]) -> Iterator[str]:
    """Whose time times without an offset were taken for."""
    if len(set(zones.values())) == 1:
        yield f"times without an offset are those of {next(iter(zones.values()))}"
    else:
        yield from (f"times without an offset in {project} are those of {zone}" for project, zone in zones.items())
