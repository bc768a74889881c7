"""/portal/: how much there is, how far the runs are, and whether everything works."""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal import state
from eeds.portal.blueprint import blueprint
from eeds.portal.runs import progress_in_percent
from eeds.web.context import principal, session
from eeds.web.context import settings as settings_of_app


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """The first page after the login."""
    return render_template(
        "portal/overview.html",
        totals=state.totals(session(), principal()),
        newest=state.newest_reading(session(), principal()),
        without_weather=state.without_weather(session(), principal()),
        queue=state.queue(session(), settings_of_app().redis_url),
        progress=progress_in_percent(),
    )
