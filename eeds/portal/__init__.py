"""The portal, /portal/: pages for people, made on the server. They show what the API shows, to those who may see it."""

from flask import Flask

from eeds.limiter import Limiter
from eeds.portal import (
    cookie,
    elsewhere,  # noqa: F401 - its route, as of those below
    errors,
    exports,  # noqa: F401
    guard,
    overview,  # noqa: F401
    pages,
    portfolio,  # noqa: F401
    project,  # noqa: F401
    project_files,  # noqa: F401
    project_orders,  # noqa: F401
    projects,  # noqa: F401
    queue,  # noqa: F401
    runs,  # noqa: F401
    tokens,  # noqa: F401
    trace,  # noqa: F401
    upload,  # noqa: F401
    users,  # noqa: F401
    words,
)
from eeds.portal.blueprint import blueprint
from eeds.portal.login import ATTEMPTS_A_MINUTE

# Once, however many apps there are.
guard.register(blueprint)
errors.register(blueprint)
pages.register(blueprint)
words.register(blueprint)


def register(app: Flask) -> None:
    """Give the app the pages."""
    settings = app.extensions["eeds.settings"]
    cookie.register(app, settings.secret_key)
    for name, attempts in ATTEMPTS_A_MINUTE.items():
        app.extensions[name] = Limiter(settings.redis_url, attempts)
    app.register_blueprint(blueprint)
