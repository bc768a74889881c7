-- A row for each fuel, kind of savings and group of the aggregations that are kept; group_value is null where is_group is
-- false, which is the whole, and of the projects without a value. Energies are in `unit`, lower and upper are bounds.
CREATE VIEW bi.group_statistics AS
SELECT
    users.name AS owner,
    made.id AS aggregation,
    made.name,
    made.added,
    made.selection,
    made.result ->> 'unit' AS unit,
    (made.result ->> 'confidence_level')::double precision AS confidence_level,
    fuels.fuel ->> 'trace_interpretation' AS trace_interpretation,
    parts.is_group,
    parts.part ->> 'value' AS group_value,
    kinds.kind,
    (parts.part ->> 'accepted')::bigint AS accepted,
    (parts.part ->> 'rejected')::bigint AS rejected,
    (sums.saved ->> 'projects')::bigint AS projects,
    (sums.saved ->> 'value')::double precision AS savings,
    (sums.saved ->> 'lower')::double precision AS lower,
    (sums.saved ->> 'upper')::double precision AS upper,
    (sums.saved ->> 'baseline')::double precision AS baseline,
    (sums.saved ->> 'reporting')::double precision AS reporting,
    (sums.saved ->> 'percent')::double precision AS percent,
    (sums.saved ->> 'fsu')::double precision AS fsu,
    (parts.part #>> '{realization,rate}')::double precision AS realization_rate
FROM public.aggregations AS made
JOIN public.project_owners AS owners ON owners.id = made.project_owner_id
JOIN public.users AS users ON users.id = owners.user_id
CROSS JOIN LATERAL jsonb_array_elements(made.result -> 'fuels') AS fuels (fuel)
CROSS JOIN LATERAL (
    SELECT fuels.fuel, false
    UNION ALL
    SELECT groups, true FROM jsonb_array_elements(coalesce(fuels.fuel -> 'groups', '[]')) AS groups
) AS parts (part, is_group)
CROSS JOIN (VALUES ('metered'), ('normalized')) AS kinds (kind)
CROSS JOIN LATERAL (SELECT parts.part -> (kinds.kind || '_savings') AS saved) AS sums
WHERE jsonb_typeof(sums.saved) = 'object';
