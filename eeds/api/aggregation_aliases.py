"""/api/v1/aggregation_runs/ and /api/v1/aggregation_results/: aggregations under the names that the datastore of 2016
had for them in v0.3, where a run computed later what is here computed at once. Both answer what aggregations/ does."""

from flask import Response
from flask.views import MethodView

from eeds.api.aggregation_schemas import AggregationRequestSchema, AggregationSchema
from eeds.api.aggregations import Aggregations, made
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.resource import Item, crud

runs = Blueprint("aggregation_runs", "Another name of aggregations: that of v0.3.")
results = Blueprint("aggregation_results", "Another name of aggregations, to be read: that of v0.3.")


@runs.route("/", endpoint="AggregationRunCreation")
class AggregationRunCreation(MethodView):
    """A new aggregation."""

    @runs.arguments(AggregationRequestSchema)
    @runs.response(201, AggregationSchema)
    @runs.alt_response(200, schema=AggregationSchema, description="With `store` false: it was not kept.")
    @runs.doc(summary="Add up the savings of projects")
    def post(self, data: Item) -> Response:
        """As aggregations/."""
        return made(data)


crud(runs, Aggregations, verbs="list get")
crud(results, Aggregations, verbs="list get")
