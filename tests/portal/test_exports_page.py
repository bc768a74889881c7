"""Exports as people order, watch and download them; workers have tests of their own."""

from sqlalchemy import select

from eeds.db.engine import Database
from eeds.db.tables import Export, ExportChunk, Project, ProjectBlock, ProjectBlockProject
from tests.portal.conftest import MakeBrowser, text_of


def build(database: Database, content: bytes) -> None:
    """Do as the worker does."""
    with database.session() as session:
        export = session.scalars(select(Export)).one()
        export.status, export.bytes, export.rows_done = "SUCCESS", len(content), 2
        session.add(ExportChunk(export_id=export.id, position=0, content=content))


def test_order_watch_download_delete(browser_of: MakeBrowser, database: Database) -> None:
    ada, eve = browser_of("ada"), browser_of("eve")
    assert "Nothing has been ordered." in text_of(ada.get("exports/"))
    told = text_of(ada.post("exports/", {"kind": "records", "format": "csv"}, follow_redirects=True))
    assert "Ordered. A worker builds it" in told
    assert "Records as CSV" in told
    assert "PENDING" in told
    assert "X-Done" not in ada.get("exports/list/").headers
    assert ada.get("exports/1/file/").status_code == 409
    build(database, b"a,b\n1,2\n")
    listed = ada.get("exports/list/")
    assert listed.headers["X-Done"] == "1"
    assert "SUCCESS 2 8 Bytes Download Delete" in text_of(listed)
    answer = ada.get("exports/1/file/")
    assert (answer.data, answer.mimetype) == (b"a,b\n1,2\n", "text/csv")
    assert 'attachment; filename="' in answer.headers["Content-Disposition"]
    assert "Nothing has been ordered." in text_of(eve.get("exports/"))
    assert (eve.get("exports/1/file/").status_code, eve.post("exports/1/delete/").status_code) == (404, 404)
    assert "The export is deleted." in text_of(ada.post("exports/1/delete/", follow_redirects=True))
    assert ada.get("exports/1/file/").status_code == 404


def test_the_projects_of_a_block(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    with database.session() as session:
        session.add_all(Project(project_owner_id=1, project_id=name) for name in "AB")
        session.add_all(ProjectBlock(project_owner_id=1, name=name) for name in ("one", "none"))
        session.flush()
        session.add(ProjectBlockProject(project_block_id=1, project_id=2))
    ada.post("exports/", {"kind": "results", "format": "parquet", "block": "1"})
    for block, refused in (("2", True), ("99", True), ("", False)):
        told = text_of(
            ada.post("exports/", {"kind": "results", "format": "csv", "block": block}, follow_redirects=True)
        )
        assert ("No project is chosen by these." in told) == refused
    with database.session() as session:
        ordered = session.execute(select(Export.format, Export.projects).order_by(Export.id)).all()
        assert [tuple(each) for each in ordered] == [("parquet", [2]), ("csv", None)]


def test_what_cannot_be_ordered(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    for form in ({}, {"kind": "secrets", "format": "csv"}, {"kind": "records", "format": "xls"}):
        told = text_of(ada.post("exports/", form, follow_redirects=True))
        assert "Say what the file shall hold, and its format." in told
    with database.session() as session:
        assert session.scalars(select(Export)).all() == []
