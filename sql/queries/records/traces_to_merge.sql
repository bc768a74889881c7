-- Of spans of time, a trace each, those traces whose readings of it cannot just be put beside the stored ones: something is
-- stored in the span, or one of its months has so many small blocks already that they had better become one. How many is
-- another number for each trace, for the meters of a fleet get their days together, and are not to become slow together.
SELECT blocks.metadata_id
FROM consumption_blocks AS blocks
JOIN unnest(%(ids)s::bigint[], %(first)s::timestamptz[], %(last)s::timestamptz[]) AS spans (id, first, last)
    ON blocks.metadata_id = spans.id
    AND blocks.first_start BETWEEN date_trunc('month', spans.first, 'UTC') AND spans.last
WHERE blocks.metadata_id = ANY (%(ids)s)
GROUP BY blocks.metadata_id, blocks.month
HAVING bool_or(blocks.last_start >= spans.first)
    OR count(*) FILTER (WHERE blocks.readings < %(small)s) >= %(many)s + blocks.metadata_id %% 8
