"""What a statement about readings may look like, so that Citus sends it to the nodes that have them: each table of
readings in it has its traces named by `=` or `= ANY`, and it has nothing that cannot be done across nodes."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import event

TABLES = r"(?:consumption_blocks|trace_extents|record_additions|record_versions)"
# COPY and INSERT INTO give the trace with each row.
READ = re.compile(rf"\b(?:FROM|JOIN|UPDATE|USING)\s+{TABLES}\b|,\s*{TABLES}\b(?!\.)", re.IGNORECASE)
NAMED = re.compile(r"\bmetadata_id\s*=\s*(?:ANY\s*\(\s*)?(?:%\(|gone\b)", re.IGNORECASE)
IMPOSSIBLE = {
    "LATERAL": r"\bLATERAL\b",
    "xmin": r"\bxmin\b",
    "ctid": r"\bctid\b",
    "EXISTS without a column": r"\bEXISTS\s*\(\s*SELECT\s+FROM\b",
    "MERGE": r"\bMERGE\s+INTO\b",
}
# The beginnings of statements that are about the readings of all traces, and why they are: every node is asked.
OF_ALL_TRACES = {
    "SELECT metadata_id, min(first_start), max(last_start) FROM ( SELECT metadata_id, first_start, last_start FROM"
    " record_additions WHERE load_id": "which traces a load has changed is sought",
    "SELECT coalesce(CAST(sum(trace_extents.readings) AS BIGINT), ": "the portal says how many readings there are",
    "SELECT projects.id, projects.project_id, greatest( min(extents.first_start)": "all projects want their weather",
    "(SELECT metadata_id FROM trace_extents UNION SELECT metadata_id FROM record_additions)": "those of no trace are"
    " sought",
}
# A list of records without a filter, a chunk at a time, from a cursor.
LISTED = re.compile(
    r"DECLARE \w+ NO SCROLL CURSOR FOR SELECT anon_1\.metadata_id, .* ORDER BY consumption_blocks\.metadata_id,"
)


def problems(statement: str) -> list[str]:
    """What is wrong with a statement, nothing where it is not about readings."""
    text = " ".join(re.sub(r"--.*", "", statement).split())
    if not re.search(TABLES, text):
        return []
    found = [name for name, pattern in IMPOSSIBLE.items() if re.search(pattern, text, re.IGNORECASE)]
    read, named = len(READ.findall(text)), len(NAMED.findall(text))
    if named < read and not is_of_all_traces(text):
        found.append(f"{read} tables of readings, but {named} times their traces")
    if "ORDER BY" in text and "ORDER BY" not in outside_parentheses(text):
        found.append("no order but inside, which parts of nodes do not keep")
    return found


def outside_parentheses(text: str) -> str:
    """A statement without its subselects."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def is_of_all_traces(text: str) -> bool:
    """Whether a statement is meant to be."""
    return LISTED.match(text) is not None or text.startswith(tuple(OF_ALL_TRACES))


def watch(app: Flask) -> None:
    """Have a statement of the app that is not as it must be raise AssertionError."""

    def check(*arguments: Any) -> None:
        assert not problems(arguments[2]), f"{problems(arguments[2])}: {arguments[2]}"

    event.listen(app.extensions["eeds.database"].engine, "before_cursor_execute", check)
