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
    from eeds.api import (
        column_mappings,
        consumption_metadatas,
        consumption_records,
        docs,
        exports,
        greenbutton,
        groups,
        health,
        oauth2,
        project_attribute_keys,
        project_attributes,
        project_blocks,
        project_owners,
        project_results,
        project_runs,
        projects,
        registry,
        root,
        savings,
        weather_normals,
        weather_records,
    )

    resources = (
        projects,
        project_owners,
        project_blocks,
        groups,
        project_attribute_keys,
        project_attributes,
        consumption_metadatas,
        consumption_records,
        column_mappings,
        project_runs,
        project_results,
        savings,
        exports,
        registry,
        weather_records,
        weather_normals,
        greenbutton,
    )
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
    for module in resources:
        api.register_blueprint(module.blueprint)
    api.register_blueprint(groups.alias)
    api.register_blueprint(root.root([module.blueprint.path for module in resources]))
    oauth2.register(app)
    for plain in (docs.blueprint, health.blueprint, registry.summary_blueprint):
        app.register_blueprint(plain)
