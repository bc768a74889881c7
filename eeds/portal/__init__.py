"""The portal, /portal/: pages for people, made on the server. They show what the API shows, to those who may see it."""

from flask import Flask

from eeds.portal import (  # noqa: F401 - its route, as of those below
    cookie,
    errors,
    exports,
    login,
    not_found,
    overview,
    pages,
    portfolio,
    project,
    project_files,
    project_runs,
    projects,
    queue,
    runs,
    security,
    template_filters,
    tokens,
    trace,
    upload,
    users,
)
from eeds.portal.blueprint import blueprint

# Once for the blueprint, not for each app.
security.register(blueprint)
errors.register(blueprint)
pages.register(blueprint)
template_filters.register(blueprint)


def register(app: Flask) -> None:
    """Give the app the pages."""
    cookie.register(app, app.extensions["eeds.settings"].secret_key)
    app.register_blueprint(blueprint)
