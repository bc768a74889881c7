"""Files of records in pieces: nothing is cut, lost or miscounted, wherever the pieces end."""

import csv
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.cli import record_files
from eeds.cli.record_files import Piece, pieces
from eeds.cli.upload_reports import progress_bar
from eeds.errors import EedsError

CELLS = st.text(st.sampled_from(list('ab ,"\n\u2028é')), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def as_csv(rows: list[list[str]], end: str) -> tuple[str, list[int]]:
    """The rows as CSV below a header, some behind a blank line, and the line that each begins on."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator=end)
    lines.writerow(["a", "b"])
    begins = []
    for number, row in enumerate(rows):
        text.write(end if number % 3 == 2 else "")
        begins.append(1 + text.getvalue().count("\n"))
        lines.writerow(row)
    return text.getvalue(), begins


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]), size=st.integers(1, 40))
def test_pieces_have_all_rows_and_their_lines(folder: Path, rows: list[list[str]], end: str, size: int) -> None:
    file = folder / "rows.csv"
    text, begins = as_csv(rows, end)
    file.write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_files, "PIECE_BYTES", size)
        parts = list(pieces(file))
    header = f"a,b{end}"
    assert header + "".join(part.body.decode().removeprefix(header) for part in parts) == text
    assert [row for part in parts for row in numbered_rows(part)] == list(zip(begins, rows, strict=True))
    assert parts[-1].position == file.stat().st_size


def numbered_rows(part: Piece) -> list[tuple[int, list[str]]]:
    """The rows of a piece, each with the line of the file that it begins on."""
    reader = csv.reader(io.StringIO(part.body.decode(), newline=""))
    numbered, line = [], 1
    for cells in reader:
        if cells and line > 1:
            numbered.append((line + part.lines_before, cells))
        line = reader.line_num + 1
    return numbered


def test_a_quote_that_is_not_closed_is_told_with_its_line(folder: Path) -> None:
    file = folder / "open.csv"
    file.write_text('a,b\n1,"2\n2"\n3,"4\n' + "5,6\n" * 50_000)
    with pytest.raises(EedsError) as caught:
        list(pieces(file))
    assert str(caught.value) == (f"{file} is not CSV: the row that begins on line 4 has a quote that is not closed.")


class Terminal(io.StringIO):
    """A terminal, to which bars are drawn."""

    def isatty(self) -> bool:
        return True


def test_the_bar_shows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("uploading energy.csv", 4000) as advance:
        advance(600, 7_000)
        advance(1000, 12_345)
        shown = terminal.getvalue().split("\r")[-1]
        assert shown.startswith("uploading energy.csv:  25%|")
        assert "1.00k/4.00k" in shown
        assert "12,345 rows, " in shown
    assert terminal.getvalue().endswith("\r")


def test_no_bar_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("uploading energy.csv", 4000) as advance:
        advance(4000, 1)
    assert capsys.readouterr().err == ""
