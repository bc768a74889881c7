"""The REST API, /api/v1/: one module per resource, the shared machinery beside them."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from flask import Flask
from flask_smorest import Api

from eeds import __version__
from eeds.web import errors

OPENAPI = {
    "API_TITLE": "eeds",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}
DESCRIPTION = "The Energy Efficiency DataStore: load building energy data, run the eemeter on it, get the savings."


def schema_name(schema: Any) -> str:
    """The name of a schema in the OpenAPI document; PATCH takes another one than POST."""
    instance = resolve_schema_instance(schema)
    return type(instance).__name__.removesuffix("Schema") + ("Patch" if instance.partial else "")


def register(app: Flask) -> None:
    """Give the app the resources, their documentation and the answers to errors."""
    from eeds.api import aliases, docs, health, oauth2, registry, root
    from eeds.api.resources import RESOURCES

    app.config.update(OPENAPI)
    api = Api(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION, "x-release": __version__},
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=schema_name),
        },
    )
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    errors.register(app)
    for blueprint in RESOURCES:
        api.register_blueprint(blueprint)
    api.register_blueprint(root.root([blueprint.path for blueprint in RESOURCES]))
    aliases.register(api, RESOURCES)
    oauth2.register(app)
    for plain in (docs.blueprint, health.blueprint, registry.summary_blueprint):
        app.register_blueprint(plain)
