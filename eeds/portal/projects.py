"""/portal/projects/: the projects in a table, and what can be done with many of them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.errors import EedsError, Invalid
from eeds.formats.id_ranges import format_id_ranges
from eeds.meter.settings import MODELS
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import filter_choices
from eeds.portal.run_form import other_fields, settings_in
from eeds.projects.blocks import NO_PROJECTS, create_block
from eeds.projects.filtering.fields import RUN_STATUSES
from eeds.projects.groups import PROJECTS, create_group
from eeds.projects.listing import (
    PAGE_SIZE,
    Listing,
    count_projects,
    count_stale,
    list_projects,
    listing_of,
    savings_in_row,
)
from eeds.projects.selection import Selection
from eeds.runs.operations import RequestedRuns, request_runs
from eeds.runs.stale_runs import request_stale_runs
from eeds.web.context import principal, request_id, session


@blueprint.get("/projects/")
def projects() -> ResponseReturnValue:
    """A page of the projects that meet the filters."""
    listing = requested_listing()
    number = count_projects(session(), listing)
    return render_template(
        "portal/projects.html",
        listing=listing,
        number=number,
        stale=count_stale(session(), listing),
        pages=max(1, -(-number // PAGE_SIZE)),
        rows=list_projects(session(), listing),
        savings_in_row=savings_in_row,
        choices=filter_choices(),
        statuses=RUN_STATUSES,
        models=MODELS,
        setting_fields=other_fields(),
    )


def requested_listing() -> Listing:
    """The projects that the query string asks for."""
    return listing_of(session(), principal(), request.args)


@blueprint.post("/projects/block/")
def save_block() -> ResponseReturnValue:
    """Make a block of all projects that meet the filters, on whatever page."""
    listing, name = requested_listing(), request.form.get("name", "").strip()
    try:
        number = create_block(session(), principal(), name, listing.condition)
        flash(f"Saved {number:,} {'project' if number == 1 else 'projects'} as block {name}.", "done")
    except EedsError as error:
        flash(str(error), "error")
    return redirect(url_for("portal.projects", **listing.parameters()), 303)


@blueprint.post("/projects/group/")
def save_group() -> ResponseReturnValue:
    """Save the filters as a group, whose members are whatever meets them then."""
    listing, name = requested_listing(), request.form.get("name", "").strip()
    try:
        require_no_group(listing)
        create_group(session(), principal(), name, PROJECTS, listing.selection.filter)
        flash(f"Saved these filters as group {name}: its members are the projects that meet them.", "done")
    except EedsError as error:
        flash(str(error), "error")
    return redirect(url_for("portal.projects", **listing.parameters()), 303)


def require_no_group(listing: Listing) -> None:
    """Raises EedsError where a group is among the filters, which cannot be part of another."""
    if "group" in listing.selection.parameters:
        raise EedsError("A group cannot be part of another; choose projects without one.")


@blueprint.post("/projects/run/")
def run_projects() -> ResponseReturnValue:
    """Request a run for every project that meets the filters, and go to watch them."""
    listing = requested_listing()
    try:
        settings = settings_in(request.form)
        requested = request_runs(
            session(), principal(), Selection(listing.condition), settings, request_id=request_id()
        )
    except EedsError as error:
        flash(NO_PROJECTS if isinstance(error, Invalid) else str(error), "error")
        return redirect(url_for("portal.projects", **listing.parameters()), 303)
    return watch(requested)


@blueprint.post("/projects/run-stale/")
def run_stale() -> ResponseReturnValue:
    """Request a run for every project that meets the filters and has a stale latest result, and go to watch them."""
    listing = requested_listing()
    requested = request_stale_runs(session(), principal(), Selection(listing.condition), request_id=request_id())
    if not requested.ids and not requested.refused:
        flash("Nothing is stale that does not wait for a run already.", "done")
        return redirect(url_for("portal.projects", **listing.parameters()), 303)
    return watch(requested)


def watch(requested: RequestedRuns) -> ResponseReturnValue:
    """To the page of the runs; projects that have none are named."""
    if requested.refused:
        flash(f"Left out: {len(requested.refused):,} whose reporting period starts before the baseline ends.", "error")
    # short, for their ids have few gaps: see eeds.runs.operations.insert_runs
    return redirect(url_for("portal.runs", runs=format_id_ranges(requested.ids)), 303)
