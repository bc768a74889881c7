"""The resources of the API, in the order in which its documentation has them."""

from eeds.api import (
    aggregations,
    column_mappings,
    consumption_metadatas,
    consumption_records,
    exports,
    greenbutton,
    groups,
    loads,
    project_attribute_keys,
    project_attributes,
    project_blocks,
    project_owners,
    project_results,
    project_runs,
    projects,
    registry,
    restatements,
    savings,
    tokens,
    users,
    weather_normals,
    weather_records,
)

RESOURCES = tuple(
    module.blueprint
    for module in (
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
        aggregations,
        restatements,
        exports,
        registry,
        weather_records,
        weather_normals,
        greenbutton,
        loads,
        users,
        tokens,
    )
)
