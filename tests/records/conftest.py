"""Who loads records, and into which traces."""

import pytest

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project


@pytest.fixture
def principal(database: Database) -> Principal:
    """An admin with two traces, 1 and 2."""
    with database.session() as session:
        user = create_user(session, "admin", is_admin=True)
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        session.add_all(ConsumptionMetadata(project_id=1, interpretation="E_C_S", unit="KWH") for _ in range(2))
        session.flush()
        return principal_of(session, user.id)
