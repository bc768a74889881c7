-- A project's traces or one of them, each with its blocks in order; one row without a block for a trace that has none.
-- They are sorted before the arrays are read.
SELECT
    id,
    interpretation,
    unit,
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    array_send(offsets),
    array_send(value),
    varbit_send(estimated)
FROM (
    SELECT traces.id, traces.interpretation, traces.unit, blocks.*
    FROM consumption_metadatas AS traces
    LEFT JOIN consumption_blocks AS blocks ON blocks.metadata_id = traces.id
    WHERE traces.project_id = %(project_id)s AND traces.id = coalesce(%(trace_id)s, traces.id)
    ORDER BY traces.id, blocks.first_start
) AS sorted
