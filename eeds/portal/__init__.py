"""The portal, /portal/: pages for people, made on the server. They show what the API shows, to those who may see it."""

from flask import Flask

from eeds.portal import (  # noqa: F401 - its route, as of those below
    cookie,
    errors,
    exports,
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
from eeds.portal.login import ATTEMPTS_A_MINUTE
from eeds.web.limiter import Limiter

# Once for the blueprint, not for each app.
security.register(blueprint)
errors.register(blueprint)
pages.register(blueprint)
template_filters.register(blueprint)


def register(app: Flask) -> None:
    """Give the app the pages."""
    settings = app.extensions["eeds.settings"]
    cookie.register(app, settings.secret_key)
    for name, attempts in ATTEMPTS_A_MINUTE.items():
        app.extensions[name] = Limiter(settings.redis_url, attempts)
    app.register_blueprint(blueprint)
