"""The portal, /portal/: pages for people, made on the server. They show what the API shows, to those who may see it."""

from flask import Flask

from eeds.portal import (  # noqa: F401 - for their pages and hooks
    attributes,
    blocks,
    cookie,
    errors,
    exports,
    groups,
    loads,
    login,
    overview,
    pages,
    portfolio,
    project,
    project_editing,
    projects,
    queue,
    restatements,
    runs,
    savings,
    security,
    template_filters,
    tokens,
    trace,
    upload,
    users,
)
from eeds.portal.blueprint import blueprint


def register(app: Flask) -> None:
    """Give the app the pages."""
    cookie.register(app, app.extensions["eeds.settings"].secret_key)
    app.register_blueprint(blueprint)
