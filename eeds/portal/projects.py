"""/portal/projects/: the projects in a table, and what can be done with many of them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import insert, literal, select

from eeds.api.project_run_requests import order
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.formats.id_ranges import format_id_ranges
from eeds.portal import project_list
from eeds.portal.blueprint import blueprint
from eeds.portal.filters import choices
from eeds.portal.project_list import Listing, listing
from eeds.projects.selection import Selection as OfRuns
from eeds.runs.lifecycle import METER_CLASS
from eeds.web.context import principal, session

MAX_NAME = 255
NOTHING_SELECTED = "No project meets these filters."


@blueprint.get("/projects/")
def projects() -> ResponseReturnValue:
    """A page of the projects that meet the filters."""
    wanted = listing()
    number = project_list.count(wanted)
    return render_template(
        "portal/projects.html",
        wanted=wanted,
        number=number,
        pages=max(1, -(-number // project_list.PAGE_SIZE)),
        rows=project_list.rows(wanted),
        savings=project_list.savings,
        choices=choices(),
        statuses=project_list.STATUS_FILTERS,
    )


@blueprint.post("/projects/block/")
def save_block() -> ResponseReturnValue:
    """Make a block of all projects that meet the filters, on whatever page."""
    wanted, name = listing(), request.form.get("name", "").strip()
    if not name or len(name) > MAX_NAME or "\0" in name:
        flash(f"Give the block a name of 1 to {MAX_NAME} characters.", "error")
    elif number := store_block(wanted, name):
        flash(f"Saved {number:,} {'project' if number == 1 else 'projects'} as block {name}.", "done")
    else:
        flash(NOTHING_SELECTED, "error")
    return redirect(url_for("portal.projects", **wanted.parameters()), 303)


def store_block(wanted: Listing, name: str) -> int:
    """How many projects the new block has; none, and there is no block."""
    if not project_list.count(wanted):
        return 0
    block = ProjectBlock(project_owner_id=principal().owner_id, name=name)
    session().add(block)
    session().flush()
    members = select(literal(block.id), Project.id).where(wanted.condition)
    made = insert(ProjectBlockProject).from_select(["project_block_id", "project_id"], members)
    return len(session().execute(made.returning(ProjectBlockProject.project_id)).all())


@blueprint.post("/projects/run/")
def run_projects() -> ResponseReturnValue:
    """Order a run for every project that meets the filters, and go to watch them."""
    wanted = listing()
    runs = order(OfRuns(wanted.condition), METER_CLASS, None)
    if not runs:
        flash(NOTHING_SELECTED, "error")
        return redirect(url_for("portal.projects", **wanted.parameters()), 303)
    left_out = project_list.count(wanted) - len(runs)
    if left_out:
        flash(f"Left out: {left_out:,} whose reporting period starts before the baseline ends.", "error")
    # short, for their ids have few gaps: see eeds.runs.lifecycle.create_many
    return redirect(url_for("portal.runs", runs=format_id_ranges(runs)), 303)
