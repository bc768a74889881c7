"""Savings as files, of the same projects as the page that links to them."""

from flask import Response, request
from sqlalchemy import select

from eeds.accounts.visibility import find
from eeds.db.tables import Project, ProjectResult
from eeds.errors import NotFound
from eeds.exports.savings import savings_file
from eeds.exports.selection import results_of
from eeds.formats.format import CSV, XLSX
from eeds.portal.blueprint import blueprint
from eeds.projects.listing import listing_of
from eeds.runs.results.findings import choose_result
from eeds.web.context import principal, session
from eeds.web.responses import answer_file
from eeds.web.rest.blueprint import ID

FORMATS = {format.suffix: format for format in (CSV, XLSX)}
SUFFIX = f"<any({', '.join(FORMATS)}):suffix>"


@blueprint.get(f"/projects/savings.{SUFFIX}")
def savings(suffix: str) -> Response:
    """Of the latest result of each of the projects that meet the filters, on whatever page of the list."""
    projects = listing_of(session(), principal(), request.args).condition
    return answer_file(savings_file(session(), principal(), results_of(principal(), projects), FORMATS[suffix]))


@blueprint.get(f"/projects/{ID}/savings.{SUFFIX}")
def project_savings(id: int, suffix: str) -> Response:
    """Of the result that the project's page shows."""
    project = find(session(), principal(), Project, id)
    result = choose_result(session(), principal(), project, request.args.get("result", ""))
    if result is None:
        raise NotFound
    shown = select(ProjectResult.id).where(ProjectResult.id == result.id)
    return answer_file(savings_file(session(), principal(), shown, FORMATS[suffix]))
