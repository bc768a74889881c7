"""/api/v1/aggregations/: sums of the savings of many projects, by stated rules, and what they are made of."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from sqlalchemy import Row, Select, select

from eeds.accounts.visibility import find, visible
from eeds.api.aggregation_schemas import AggregationMemberSchema, AggregationRequestSchema, AggregationSchema
from eeds.db.tables import Aggregation, AggregationMember, Project
from eeds.db.tables.aggregations import MEMBER_STATUSES
from eeds.runs.aggregations.operations import compute_aggregation, create_aggregation, delete_aggregation
from eeds.runs.aggregations.settings import MONTH, AggregationSettings, kwh_in
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.filters import Args
from eeds.web.rest.paging import PARAMETERS, link_next, page_of
from eeds.web.rest.resource import Item, Resource, crud, query_parameters
from eeds.web.rest.selection import selection_in

ENERGIES = ("metered_value", "metered_baseline", "normalized_value", "normalized_baseline")


class Aggregations(Resource):
    """Aggregations."""

    noun = "aggregation"
    model = Aggregation
    schema = AggregationSchema
    filters = {"name": filters.text(Aggregation.name)}

    def delete(self, id: int) -> None:
        """Delete an aggregation with its members."""
        delete_aggregation(session(), principal(), id)


class AggregationMembers(Resource):
    """The members of one aggregation, which the caller is known to see."""

    noun = "aggregation member"
    model = AggregationMember
    schema = AggregationMemberSchema
    filters = {
        "status": filters.choices(AggregationMember.status, MEMBER_STATUSES),
        "projects": filters.ids(AggregationMember.project_id),
        "trace_interpretation": filters.text(AggregationMember.trace_interpretation),
    }

    def __init__(self, aggregation: Aggregation) -> None:
        super().__init__(session(), principal())
        self.aggregation = aggregation

    def statement(self) -> Select[Any]:
        """The members, each with the name of its project if that is still there."""
        member, names = AggregationMember, AggregationMemberSchema._declared_fields
        own = {name: getattr(member, name) for name in names if hasattr(member, name)}
        own |= {"project": member.project_id, "project_result": member.project_result_id}
        own |= {"project_id": Project.project_id}
        known = (Project.id == member.project_id) & visible(self.principal, Project)
        columns = [own[name].label(name) for name in names]
        rows = select(*columns).select_from(member).outerjoin(Project, known)
        return rows.where(member.aggregation_id == self.aggregation.id).order_by(member.id)

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Energies in the unit of the aggregation."""
        kwh = kwh_in(self.aggregation.settings["unit"])
        for item in super().represent(rows, args):
            yield item | {name: None if item[name] is None else item[name] / kwh for name in ENERGIES}


blueprint = Blueprint(
    "aggregations", "Sums of the savings of many projects, made once: which results count, by which rules, and why."
)


@blueprint.route("/", endpoint="AggregationCreation")
class AggregationCreation(MethodView):
    """A new aggregation."""

    @blueprint.arguments(AggregationRequestSchema)
    @blueprint.response(201, AggregationSchema)
    @blueprint.alt_response(200, schema=AggregationSchema, description="With `store` false: it was not kept.")
    @blueprint.doc(summary="Add up the savings of projects")
    def post(self, data: Item) -> Response:
        """At once, of the latest result of each project. 400 if there are no such projects."""
        return made(data)


crud(blueprint, Aggregations, verbs="list get delete")


@blueprint.route(f"/{ID}/members/", endpoint="AggregationMemberList", parameters=[])
class AggregationMemberList(MethodView):
    """What an aggregation is made of."""

    @blueprint.response(200, AggregationMemberSchema(many=True))
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(
        parameters=[*query_parameters(AggregationMembers), *PARAMETERS],
        summary="List the members of an aggregation: accepted, or rejected and why",
    )
    def get(self, id: int) -> Response:
        """A row for each project and fuel."""
        members = AggregationMembers(find(session(), principal(), Aggregation, id))
        limit, after = page_of(request.args)
        if not limit:
            return members.answer_all(request.args)
        items, has_more = members.page(limit, after, request.args)
        response = answer(items)
        if has_more:
            link_next(response, request, items)
        return response


def made(data: Item) -> Response:
    """The aggregation that a body asks for, kept or not."""
    settings, selection = settings_in(data), selection_in(data)
    caller = principal()
    if data["store"]:
        id = create_aggregation(session(), caller, selection, settings, name=data["name"], asked=asked_in(data))
        return answer(Aggregations(session(), caller).stored(id, request.args), 201)
    item = {
        "id": None,
        "name": data["name"],
        "project_owner": caller.owner_id,
        "user": caller.user_id,
        "selection": asked_in(data) or {},
        "settings": settings.as_json(),
        "result": compute_aggregation(session(), caller, selection, settings),
        "added": None,
    }
    return answer(item)


def settings_in(data: Mapping[str, Any]) -> AggregationSettings:
    """The settings in a body that was read."""
    names = ("fuels", "unit", "confidence_level", "cvrmse_threshold", "fsu_threshold", "minimum_days")
    given = {name: data[name] for name in (*names, "allow_stale", "allow_disqualified")}
    attributes = [name for name in data["group_by"] if name != MONTH]
    return AggregationSettings(**given, group_by=next(iter(attributes), None), months=MONTH in data["group_by"])


def asked_in(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The selection by what is no list of projects; None of a list."""
    if "project_block" in data:
        return {"project_block": data["project_block"]}
    return {"projects": "all"} if selection_in(data).is_all else None
