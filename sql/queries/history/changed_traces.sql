-- Units and projects of the traces that a load has changed, with its id, which it gets here if it has none; and the lock
-- that those wait for who ask what was stored (eeds.records.history.written.await_ending), before projects are locked,
-- which loads that end wait for. One statement, for a load may be of one reading.
WITH load AS MATERIALIZED (
    SELECT
        coalesce(%(load_id)s::bigint, nextval(pg_get_serial_sequence('loads', 'id'))) AS id,
        pg_advisory_xact_lock_shared(%(ending)s)
)
SELECT load.id, traces.id, traces.unit, traces.project_id
FROM consumption_metadatas AS traces
CROSS JOIN load
WHERE traces.id = ANY (%(traces)s)
