"""The pages of loads: what they changed, and undoing them."""

from sqlalchemy import select

from eeds.db.engine import Database
from eeds.db.tables import Load
from tests.portal.conftest import MakeBrowser, send, text_of

PROJECTS = b"project_id,zipcode,baseline_period_end,reporting_period_start\nA,50321,2014-01-01,2014-02-01\n"
ENERGY = b"project_id,trace_id,fuel,unit,start,value\nA,main,electricity,kWh,2014-01-01T00:00:00Z,1.5\n"


def test_a_load_is_undone(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    send(ada, ENERGY, "energy")
    send(ada, ENERGY.replace(b"1.5", b"2.5"), "energy")
    with database.session() as session:
        first, corrected = session.scalars(select(Load.id).where(Load.kind == "energy").order_by(Load.id)).all()
    page = text_of(ada.get(f"loads/{corrected}/"))
    assert "records 1 updated" in page
    assert "traces 1 changed projects A " in page
    assert "energy 2.5 kWh added, 1.5 taken away" in page
    assert "Undo it" in page
    refused = ada.post(f"loads/{first}/undo/")
    assert refused.status_code == 409
    assert f"by load {corrected}. Undo the later loads first" in text_of(refused)
    assert "The readings that it changed or deleted become what they were" in text_of(
        ada.get(f"loads/{corrected}/undo/")
    )
    assert ada.client.post(f"/portal/loads/{corrected}/undo/").status_code == 400
    done = ada.post(f"loads/{corrected}/undo/")
    assert done.status_code == 303
    page = text_of(ada.get(done.headers["Location"]))
    assert f"undoes load {corrected}" in page
    assert "What another load had changed" in text_of(ada.get("upload/"))
    assert "undone by load" in text_of(ada.get(f"loads/{corrected}/"))
    assert "What it changed" in text_of(ada.get(f"loads/{first}/undo/"))
