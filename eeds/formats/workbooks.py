"""Workbooks: XLSX, XLS and ODS, each read by a process of its own (eeds.formats.workbook_process).

A file of some kilobytes can name a cell in the last row and column, or one long text a million times, and the library,
which holds every cell, then ends the process that it is in when the memory ends. So that process has a limit of memory
and time, and does nothing else.
"""

import json
import logging
import subprocess
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.packed_rows import PackedRows

log = logging.getLogger(__name__)
MAX_TRACE = 2000  # bytes of the end of a traceback
ZIP_BEGIN, OLE_BEGIN = b"PK", b"\xd0\xcf\x11\xe0"
READER = Path(__file__).with_name("workbook_process.py")
MAX_SECONDS = 60  # for 500,000 rows it takes 10
DAMAGED = "The workbook cannot be read, it is damaged or no XLSX, XLS or ODS."
TOO_LARGE = "The workbook needs more memory or time than an upload may take; save the sheet as CSV and send that."


@dataclass(frozen=True)
class Workbook:
    """The rows of a sheet that have a cell, the row of the sheet that each is, from 1, and the sheet's name."""

    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    sheet: str


def read_workbook(data: bytes, max_rows: int, max_bytes: int, sheet: str | None) -> Workbook:
    """A sheet of a workbook: the one that is named, else the only one with a table. Raises MalformedBody, and
    BodyTooLarge for more than `max_rows` rows, or more than `max_bytes` bytes as a text."""
    limits = json.dumps({"max_rows": max_rows, "max_bytes": max_bytes, "sheet": sheet})
    with TemporaryFile() as answer:
        call_reader(limits, data, answer)
        answer.seek(0)
        said = json.loads(answer.readline())
        if "too_large" in said:
            raise BodyTooLarge(said["too_large"])
        if "malformed" in said:
            raise MalformedBody(said["malformed"])
        rows, lines = PackedRows(), array("i")
        for line, cells in map(json.loads, answer):
            rows.append(cells)
            lines.append(line)
    return Workbook(rows, lines, said["sheet"])


def call_reader(limits: str, data: bytes, answer: IO[bytes]) -> None:
    """Have a process write its answer into a file. Raises MalformedBody and BodyTooLarge if it cannot."""
    try:
        # -P: the modules beside the script are not to be taken for those of the standard library
        ended = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-P", str(READER), limits],
            input=data,
            stdout=answer,
            stderr=subprocess.PIPE,
            timeout=MAX_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise BodyTooLarge(TOO_LARGE) from error
    if ended.returncode < 0:
        raise BodyTooLarge(TOO_LARGE)
    if ended.returncode:
        log.warning("A workbook was not read: %s", ended.stderr[-MAX_TRACE:].decode(errors="replace"))
        raise MalformedBody(DAMAGED)
