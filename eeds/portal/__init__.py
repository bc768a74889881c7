"""The portal, /portal/: pages for people, made on the server. They show what the API shows, to those who may see it."""

from flask import Flask

from eeds.limiter import Limiter
from eeds.portal import cookie, errors, guard, pages, words
from eeds.portal.blueprint import blueprint
from eeds.portal.login import ATTEMPTS_A_MINUTE


def register(app: Flask) -> None:
    """Give the app the pages."""
    from eeds.portal import (  # noqa: F401 - their routes
        elsewhere,
        exports,
        overview,
        portfolio,
        project,
        projects,
        tokens,
        upload,
        users,
    )

    settings = app.extensions["eeds.settings"]
    cookie.register(app, settings.secret_key)
    for name, attempts in ATTEMPTS_A_MINUTE.items():
        app.extensions[name] = Limiter(settings.redis_url, attempts)
    guard.register(blueprint)
    errors.register(blueprint)
    pages.register(blueprint)
    words.register(blueprint)
    app.register_blueprint(blueprint)
