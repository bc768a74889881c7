"""/portal/blocks/: named groups of projects: renamed, filled from the list of projects, deleted."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import ProjectBlock
from eeds.errors import EedsError
from eeds.portal.blueprint import blueprint
from eeds.portal.projects import requested_listing
from eeds.projects import blocks as operations
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


@blueprint.get("/blocks/")
def blocks() -> ResponseReturnValue:
    """All blocks."""
    return render_template("portal/blocks.html", blocks=operations.counted_blocks(session(), principal()))


@blueprint.post(f"/blocks/{ID}/rename/")
def rename_block(id: int) -> ResponseReturnValue:
    """Give a block another name."""
    name = request.form.get("name", "").strip()
    try:
        operations.rename_block(session(), principal(), id, name)
    except EedsError as error:
        find(session(), principal(), ProjectBlock, id)
        flash(str(error), "error")
    else:
        flash(f"The block is called {name}.", "done")
    return back_to_blocks()


@blueprint.get(f"/blocks/{ID}/delete/")
def ask_to_delete_block(id: int) -> ResponseReturnValue:
    """Whether it is meant."""
    return render_template("portal/block_delete.html", block=find(session(), principal(), ProjectBlock, id))


@blueprint.post(f"/blocks/{ID}/delete/")
def remove_block(id: int) -> ResponseReturnValue:
    """Delete a block; its projects stay."""
    name = find(session(), principal(), ProjectBlock, id).name
    operations.delete_block(session(), principal(), id)
    flash(f"Block {name} is deleted.", "done")
    return back_to_blocks()


@blueprint.post("/projects/members/<any(add, remove):action>/")
def change_members(action: str) -> ResponseReturnValue:
    """Put all projects that meet the filters, on whatever page of the list, into a block, or take them out."""
    listing, id = requested_listing(), request.form.get("block", type=int)
    block = find(session(), principal(), ProjectBlock, id or 0)
    change = operations.add_to_block if action == "add" else operations.remove_from_block
    number = change(session(), principal(), block.id, listing.condition)
    projects = f"{number:,} {'project' if number == 1 else 'projects'}"
    said = f"Put {projects} into block {block.name}." if action == "add" else f"Took {projects} out of {block.name}."
    flash(said, "done")
    return redirect(url_for("portal.projects", **listing.parameters()), 303)


def back_to_blocks() -> ResponseReturnValue:
    """To the list of blocks."""
    return redirect(url_for("portal.blocks"), 303)
