"""`sync/`: a list of objects, each created, updated or left as it is, in a number of statements that does not depend on
their number. Errors are told object by object; the good ones of the batch are stored all the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from eeds.api.blueprint import Blueprint, json_content
from eeds.api.context import principal, session
from eeds.api.fields import Char, breaks_integrity
from eeds.api.requests import read_list
from eeds.api.resource import Item, Resource
from eeds.api.responses import answer
from eeds.messages import REQUIRED
from eeds.visibility import visible

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged - same record"
ALREADY_THERE = "This record already exists, and is not yours."


class Label(Char):
    """The name of an object made earlier, in place of its id."""

    def __init__(self, column: InstrumentedAttribute[str], *, noun: str, **kwargs: Any) -> None:
        super().__init__(required=True, **kwargs)
        self.column = column
        self.noun = noun


@dataclass
class Outcome:
    """What became of one object of the batch."""

    status: str
    stored: Any = None  # the model object, or None for an error
    values: Item = field(default_factory=dict)  # as this object of the batch left them; or what an error shows
    message: str | None = None

    @property
    def failed(self) -> bool:
        """Whether this object was refused."""
        return self.stored is None


class Sync:
    """The rules of one `sync/`: how its input is checked, which fields find the stored object, what is answered."""

    resource: ClassVar[Resource]
    schema: ClassVar[type[Schema]]  # every field required; Label fields name the parents
    key: ClassVar[tuple[str, ...]]  # attributes of the model that find the object
    key_shown: ClassVar[tuple[str, ...]]  # the same in the words of the answer

    def run(self, batch: Sequence[Any]) -> list[Outcome]:
        """Bring every object of the batch into the database; the outcomes in the same order."""
        model = self.resource.model
        # Two clients that sync the same new objects take turns, so that each is created once.
        session().execute(select(func.pg_advisory_xact_lock(func.hashtext(model.__tablename__))))
        loaded, errors = self.load(batch)
        unresolved = self.resolve_labels(loaded)
        known = self.existing(loaded)
        outcomes = [
            unresolved.get(index) or self.apply(sent, data, errors.get(index, {}), known)
            for index, (sent, data) in enumerate(zip(batch, loaded, strict=True))
        ]
        session().flush()
        return outcomes

    def load(self, batch: Sequence[Any]) -> tuple[list[Item], Mapping[int, Mapping[str, list[str]]]]:
        """The checked values of every object, and the messages of those that have some."""
        schema = self.schema(many=True)
        try:
            return schema.load(batch), {}
        except ValidationError as error:
            valid: Any = error.valid_data
            messages: Any = error.messages_dict
            return [item or {} for item in valid], messages

    def resolve_labels(self, loaded: Iterable[Item]) -> dict[int, Outcome]:
        """Replace names of parents by their ids, one statement a kind of parent; outcomes of unknown names."""
        loaded = list(loaded)
        unknown: dict[int, Outcome] = {}
        for name, label in self.schema._declared_fields.items():
            if isinstance(label, Label):
                attribute = label.attribute or name
                found = self.ids_of(label, {data[attribute] for data in loaded if attribute in data})
                for index, data in enumerate(loaded):
                    text = data.pop(attribute, None)
                    if text in found:
                        data[attribute] = found[text]
                    elif text is not None:
                        unknown.setdefault(index, Outcome(f"error - no {label.noun} found", values={name: text}))
        return unknown

    def ids_of(self, label: Label, names: set[str]) -> dict[str, int]:
        """The ids of the parents of these names, as far as the asker can see them."""
        parent: Any = label.column.class_
        statement = select(label.column, parent.id).where(label.column.in_(names), visible(principal(), parent))
        return {row[0]: row[1] for row in session().execute(statement)} if names else {}

    def existing(self, loaded: Iterable[Item]) -> dict[tuple[Any, ...], list[tuple[Any, bool]]]:
        """The stored objects that the batch may mean, by key, and whether the asker can see them."""
        model = self.resource.model
        first = {data[self.key[0]] for data in loaded if self.key[0] in data}
        statement = select(model, visible(principal(), model)).where(getattr(model, self.key[0]).in_(first))
        known: dict[tuple[Any, ...], list[tuple[Any, bool]]] = {}
        for stored, seen in session().execute(statement.order_by(model.id)):
            known.setdefault(tuple(getattr(stored, name) for name in self.key), []).append((stored, seen))
        return known

    def apply(
        self,
        sent: Any,
        data: Item,
        errors: Mapping[str, list[str]],
        known: dict[tuple[Any, ...], list[tuple[Any, bool]]],
    ) -> Outcome:
        """Create, update or leave one object; `known` learns of it, for the rest of the batch."""
        found = known.setdefault(tuple(data.get(name) for name in self.key), [])
        if errors:
            return self.refused(sent, data, errors, "update" if found else "create")
        if len(found) > 1:
            return Outcome("error - multiple records", values=self.shown_key(sent, data))
        if not found:
            stored = self.resource.model(**data)
            session().add(stored)
            found.append((stored, True))
            return Outcome(CREATED, stored, self.snapshot(stored))
        stored, seen = found[0]
        if not seen:
            return Outcome("error - integrity error - create", None, self.shown_key(sent, data), ALREADY_THERE)
        changes = {name: value for name, value in data.items() if getattr(stored, name) != value}
        for name, value in changes.items():
            setattr(stored, name, value)
        return Outcome(UPDATED if changes else UNCHANGED, stored, self.snapshot(stored))

    def refused(self, sent: Any, data: Item, errors: Mapping[str, list[str]], verb: str) -> Outcome:
        """The outcome of an object with errors, named after the first of them."""
        name, messages = next((n, errors[n]) for n in (*self.schema._declared_fields, *errors) if n in errors)
        message = messages[0]
        shown = self.shown_key(sent, data)
        if message == REQUIRED:
            return Outcome("error - missing field", None, shown, repr(name))
        kind = "integrity error" if breaks_integrity(message) else "bad field value"
        return Outcome(f"error - {kind} - {verb}", None, shown, f"{name}: {message}" if name != "_schema" else message)

    def shown_key(self, sent: Any, data: Item) -> Item:
        """What tells the sender which object an error is about."""
        sent = sent if isinstance(sent, Mapping) else {}
        pairs = zip(self.key, self.key_shown, strict=True)
        return {shown: data.get(name, sent.get(shown)) for name, shown in pairs if name in data or shown in sent}

    def snapshot(self, stored: Any) -> Item:
        """The values of an object now; a later one of the batch may change them."""
        return {name: getattr(stored, str(column.key)) for name, column in self.resource.columns().items()}

    def show(self, outcomes: Sequence[Outcome]) -> list[Item]:
        """The answer: an object for every object of the batch."""
        return [self.show_one(outcome) for outcome in outcomes]

    def show_one(self, outcome: Outcome) -> Item:
        """One object of the answer; its id is known only now that all are stored."""
        if not outcome.failed:
            return {**outcome.values, "id": outcome.stored.id, "status": outcome.status}
        if outcome.message is None:
            return {"status": outcome.status, **outcome.values}
        return {**outcome.values, "status": outcome.status, "message": outcome.message}


def sync_view(blueprint: Blueprint, sync: Sync) -> None:
    """Give the blueprint the view `sync/`."""
    noun = sync.resource.noun
    name = "".join(word.title() for word in noun.split())
    answered = sync.resource.schema.from_dict(
        {"status": fields.String(metadata={"example": CREATED}), "message": fields.String()}, name=f"{name}Synced"
    )

    class SyncView(MethodView):
        @blueprint.response(200, answered(many=True))
        @blueprint.alt_response(400, schema=answered(many=True), description="Some were refused, the others stored.")
        @blueprint.doc(
            summary=f"Create or update {noun}s",
            requestBody={"required": True, "content": json_content(sync.schema(many=True))},
        )
        def post(self) -> Response:
            outcomes = sync.run(read_list(request))
            return answer(sync.show(outcomes), 400 if any(outcome.failed for outcome in outcomes) else 200)

    blueprint.route("/sync/", endpoint=f"{name}Sync")(SyncView)
