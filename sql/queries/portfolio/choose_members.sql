-- The members of a portfolio: the fuels of the latest result of each of its projects, accepted or refused with reasons.
INSERT INTO portfolio_members
WITH latest AS MATERIALIZED (
    SELECT
        chosen.project_id,
        chosen.group_value,
        results.id AS result_id,
        results.stale_since IS NOT NULL AS is_stale,
        results.provenance ->> 'input_sha256' AS input_sha256,
        (results.provenance #>> '{settings,confidence_level}')::double precision AS confidence_level
    FROM portfolio_projects AS chosen
    LEFT JOIN LATERAL (
        SELECT id, stale_since, provenance
        FROM project_results
        WHERE project_results.project_id = chosen.project_id
        ORDER BY id DESC
        LIMIT 1
    ) AS results ON true
),
predictions AS (
    SELECT
        attributes.project_id,
        predicted.fuel,
        -- nothing forbids to store an attribute twice
        max(coalesce(attributes.float_value, attributes.integer_value) * predicted.kwh) AS kwh
    FROM project_attributes AS attributes
    JOIN project_attribute_keys AS keys ON keys.id = attributes.key_id
    JOIN unnest(%(predicted)s::text[], %(predicted_fuels)s::text[], %(predicted_kwh)s::double precision[])
        AS predicted (name, fuel, kwh) ON predicted.name = keys.name
    JOIN portfolio_projects ON portfolio_projects.project_id = attributes.project_id
    -- to Postgres NaN is greater, and their sums overflow where they are as large as numbers can be
    WHERE abs(coalesce(attributes.float_value, attributes.integer_value)) < 1e300
    GROUP BY attributes.project_id, predicted.fuel
),
members AS (
    SELECT
        latest.*,
        saved.id AS savings_id,
        coalesce(saved.trace_interpretation, asked.fuel) AS interpretation,
        CASE WHEN saved.normalized_value IS NOT NULL THEN predictions.kwh END AS predicted,
        CASE
            WHEN latest.result_id IS NULL THEN ARRAY['no result']
            WHEN saved.id IS NULL THEN ARRAY['no such fuel']
            ELSE array_remove(ARRAY[
                CASE WHEN latest.is_stale AND NOT %(allow_stale)s THEN 'stale' END,
                CASE WHEN saved.unmodelled > 0 AND NOT %(allow_disqualified)s THEN 'disqualified' END,
                CASE WHEN saved.metered_value IS NULL AND saved.normalized_value IS NULL THEN 'no savings' END,
                CASE WHEN saved.cvrmse > %(cvrmse_threshold)s THEN 'CVRMSE above the threshold' END,
                CASE WHEN coalesce(saved.days, saved.metered_n, 0) < %(minimum_days)s THEN 'too short' END
            ], NULL)
        END AS reasons
    FROM latest
    -- without fuels that are asked for, all that a result has
    LEFT JOIN LATERAL unnest(%(fuels)s::text[]) AS asked (fuel) ON true
    LEFT JOIN savings_aggregations AS saved
        ON saved.project_result_id = latest.result_id
       AND (asked.fuel IS NULL OR saved.trace_interpretation = asked.fuel)
    LEFT JOIN predictions
        ON predictions.project_id = latest.project_id AND predictions.fuel = saved.trace_interpretation
)
SELECT
    project_id,
    result_id,
    savings_id,
    input_sha256,
    confidence_level,
    is_stale,
    interpretation,
    group_value,
    predicted,
    reasons,
    reasons = '{}'
FROM members
