"""/api/v1/groups/: selections of projects or of traces by a filter, saved under a name; trace_groups/ is the same."""

import json

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields

from eeds.accounts.visibility import find
from eeds.db.tables import Group
from eeds.projects.filtering.fields import ATTRIBUTE, FIELDS
from eeds.projects.filtering.kinds import OPERATORS
from eeds.projects.groups import (
    MAX_NAME,
    MEMBERS,
    PROJECTS,
    TRACES,
    change_group,
    count_members,
    create_group,
    freeze_group,
    list_members,
    thaw_group,
)
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Char, Choice
from eeds.web.rest.paging import PARAMETERS, link_next, page_of
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import FILTER

CONTRACTORS = {f"{ATTRIBUTE}contractor": {"in": ["Acme", "Best"]}}
EXAMPLE = {"and": [{"climate_zone": "5A", **CONTRACTORS}, {"result_age": {"<": 30}}, {"not": {"stale": True}}]}
LANGUAGE = f"""\
A group has a name, and a filter in JSON that says which projects, or traces, are its members:

    {json.dumps(EXAMPLE)}

An object names fields, each with operators ({", ".join(f"`{each}`" for each in OPERATORS)}) and what they compare it \
with; a value alone stands for `==`. All that an object holds must be true; `and` and `or` have a list of objects, \
`not` has one. A field may have several values, as the blocks of a project, and is met if one of them is; `null` means \
none. `!=` and `not_in` are the opposites of `==` and `in`. `contains` ignores capitals. The fields are:
"""
FIELD_LINES = [f"- `{name}`: {field.description}" for name, field in FIELDS.items()]
FIELD_LINES.append(f"- `{ATTRIBUTE}NAME`: an attribute of the project, in the type of its key")
USES = (
    "The same filter is taken by `?filter=` of lists and by `filter` of runs in bulk and of exports; groups by `group`."
)


class GroupSchema(ApiSchema):
    """A selection by a filter, which is evaluated whenever the group is used, unless the group is frozen."""

    EXAMPLE = {"name": "North", "members": PROJECTS, "filter": FILTER}

    id = fields.Integer(dump_only=True)
    project_owner = fields.Integer(dump_only=True, attribute="project_owner_id")
    name = Char(MAX_NAME, required=True, metadata={"description": "Not a number alone; once for each owner."})
    members = Choice(MEMBERS, load_default=PROJECTS)
    filter = fields.Raw(
        required=True, metadata={"type": "object", "description": "See `groups`.", "examples": [FILTER]}
    )
    frozen = fields.DateTime(
        dump_only=True, allow_none=True, metadata={"description": "When its members were stored; null: it is live."}
    )
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)


class TraceGroupSchema(GroupSchema):
    """The same, of traces unless it says projects."""

    EXAMPLE = {"name": "Gas in the north", "filter": {**FILTER, "unit": "THM"}}

    members = Choice(MEMBERS, load_default=TRACES)


class GroupMemberSchema(Schema):
    """A member of a group: a project, or a trace with its project."""

    id = fields.Integer(metadata={"description": "Of the project, or of the trace."})
    interpretation = fields.String(metadata={"description": "Of a trace."})
    unit = fields.String(metadata={"description": "Of a trace."})
    label = fields.String(allow_none=True, metadata={"description": "Of a trace."})
    project = fields.Integer(allow_none=True, metadata={"description": "The id of a trace's project."})
    project_id = fields.String(allow_none=True, metadata={"description": "The name of the project."})


class GroupCountSchema(Schema):
    """How many members a group has now."""

    group = fields.Integer()
    members = fields.String(metadata={"enum": list(MEMBERS)})
    count = fields.Integer()


class Groups(Resource):
    """Groups."""

    noun = "group"
    model = Group
    schema = GroupSchema
    filters = {"name": filters.text(Group.name), "members": filters.choices(Group.members, MEMBERS)}

    def create(self, data: Item) -> int:
        """Save a filter under a name; raises Invalid."""
        return create_group(self.session, self.principal, data["name"], data["members"], data["filter"]).id

    def update(self, id: int, data: Item) -> int:
        """Change name, members or filter; raises NotFound, Invalid, Conflict."""
        change_group(self.session, self.principal, id, data)
        return id


class TraceGroups(Groups):
    """The same groups, for clients that make groups of traces."""

    noun = "trace group"
    schema = TraceGroupSchema


def group_views(blueprint: Blueprint, resource: type[Groups]) -> None:
    """The resource, and what a group has besides: its members, how many there are, and being frozen."""
    crud(blueprint, resource)

    @blueprint.route(f"/{ID}/members/", endpoint="GroupMembers", parameters=[])
    class GroupMembers(MethodView):
        """The members of a group."""

        @blueprint.response(200, GroupMemberSchema(many=True))
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(parameters=PARAMETERS, summary="List the members that a group has now")
        def get(self, id: int) -> Response:
            """In order of id."""
            group = find(session(), principal(), Group, id)
            limit, after = page_of(request.args)
            members = list_members(session(), principal(), group, after, limit + 1 if limit else None)
            has_more = 0 < limit < len(members)
            response = answer(members[:limit] if limit else members)
            if has_more:
                link_next(response, request, members[:limit])
            return response

    @blueprint.route(f"/{ID}/count/", endpoint="GroupCount", parameters=[])
    class GroupCount(MethodView):
        """The number of members of a group."""

        @blueprint.response(200, GroupCountSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Count the members that a group has now")
        def get(self, id: int) -> Response:
            group = find(session(), principal(), Group, id)
            return answer(
                {"group": id, "members": group.members, "count": count_members(session(), principal(), group)}
            )

    @blueprint.route(f"/{ID}/freeze/", endpoint="GroupFreeze", parameters=[])
    class GroupFreeze(MethodView):
        """The members of now, for ever."""

        @blueprint.response(200, GroupSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.alt_response(409, schema=Detail, description="The group is frozen.")
        @blueprint.doc(summary="Freeze a group: store the members that it has now, which it keeps")
        def post(self, id: int) -> Response:
            freeze_group(session(), principal(), id)
            return stored_group(id)

    @blueprint.route(f"/{ID}/live/", endpoint="GroupLive", parameters=[])
    class GroupLive(MethodView):
        """The members of whenever it is used."""

        @blueprint.response(200, GroupSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.alt_response(409, schema=Detail, description="The group is live.")
        @blueprint.doc(summary="Make a frozen group live: its members are again those that meet its filter")
        def post(self, id: int) -> Response:
            thaw_group(session(), principal(), id)
            return stored_group(id)


def stored_group(id: int) -> Response:
    """The answer with a group as it was just stored."""
    return answer(Groups(session(), principal()).stored(id, request.args))


blueprint = Blueprint("groups", "\n".join([LANGUAGE, *FIELD_LINES, "", USES]))
group_views(blueprint, Groups)
alias = Blueprint(
    "trace_groups", "The same groups, under their name in the datastore's version 0.3: of traces by default."
)
group_views(alias, TraceGroups)
