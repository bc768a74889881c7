"""Names that version 0.3 of the OpenEEmeter datastore gave to resources: the same views under other paths."""

from collections.abc import Iterable, Mapping

from flask_smorest import Api

from eeds.api import groups
from eeds.web.rest.blueprint import PREFIX, Blueprint

TAG = "names of v0.3"
# Theirs, and ours. The views of a name are those of the resource, and documented apart.
NAMES: Mapping[str, str] = {
    "traces": "consumption_metadatas",
    "trace_records": "consumption_records",
    "meter_runs": "project_runs",
    "meter_results": "project_results",
    "aggregation_runs": "aggregations",
    "aggregation_results": "aggregations",
}


def register(api: Api, resources: Iterable[Blueprint]) -> None:
    """Give the resources their other names."""
    blueprints = {blueprint.path: blueprint for blueprint in resources}
    for name, path in NAMES.items():
        blueprint = blueprints[path]
        with blueprint.documented_under(TAG):
            api.register_blueprint(blueprint, name=name, url_prefix=f"{PREFIX}/{name}")
    with groups.alias.documented_under(TAG):
        api.register_blueprint(groups.alias)
    api.spec.tag({"name": TAG, "description": "The same under the names of version 0.3 of the OpenEEmeter datastore."})
