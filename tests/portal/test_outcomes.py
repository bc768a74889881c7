"""What a load keeps of its outcome."""

from datetime import UTC, datetime
from io import BytesIO

from eeds.portal.loading import SentFile
from eeds.portal.outcomes import LISTED_TRACES, Outcome, TraceOutcome, kept_form, read_kept
from eeds.records.balance import Balance, Tally
from eeds.records.interval_store import Change

START = datetime(2014, 1, 1, tzinfo=UTC)


def test_it_is_read_as_it_was_kept_but_for_the_refused_rows() -> None:
    trace = TraceOutcome("main", "kWh", Balance(received=Tally(2, 1.5)), [Change(1, START, None, 0.1)])
    outcome = Outcome({"records": {"created": 2}}, 1, ["line 3"], b"line,error\n", True, ["note"], [trace])
    kept = read_kept(kept_form(outcome))
    assert (kept.counts, kept.refused, kept.problems, kept.notes) == (outcome.counts, 1, ["line 3"], ["note"])
    assert (kept.traces, kept.trace_count) == ([trace], 1)
    assert (kept.refused_rows, kept.has_refused_rows, kept.is_cut) == (b"", True, True)
    assert not read_kept(kept_form(Outcome())).has_refused_rows


def test_texts_that_no_database_keeps_are_kept_otherwise() -> None:
    kept = read_kept(kept_form(Outcome({"a\0": {"\udfff": 1}}, problems=["x\0y\ud800z"])))
    assert (kept.counts, kept.problems) == ({"a\N{REPLACEMENT CHARACTER}": {"?": 1}}, ["x\N{REPLACEMENT CHARACTER}y?z"])


def test_of_many_traces_the_first_are_listed_and_all_counted() -> None:
    kept = read_kept(kept_form(Outcome(traces=[TraceOutcome("main", "kWh", Balance(), [])] * (LISTED_TRACES + 5))))
    assert (len(kept.traces), kept.trace_count) == (LISTED_TRACES, LISTED_TRACES + 5)


def test_what_is_read_of_a_file_is_told_by_what_it_unpacks_to() -> None:
    sent = SentFile("energy", "f.csv.gz", BytesIO(b"x" * 10), {}, {}, dry_run=False)
    body = BytesIO(b"y" * 1000)
    sent.watch(body)
    assert (sent.size, sent.bytes_read()) == (10, 0)
    body.read(500)
    assert sent.bytes_read() == 5
    body.close()
    assert sent.bytes_read() == 10
    sent.watch(BytesIO())
    assert sent.bytes_read() == 0
