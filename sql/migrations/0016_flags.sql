-- Which model a trace has in a period, and what was done to its readings or is worth a look in them, in words. Null in the
-- results of earlier releases, but for the models that their provenance names.
ALTER TABLE energy_trace_model_results
    ADD COLUMN model text,    -- daily, billing, hourly, caltrack daily ...
    ADD COLUMN flags text[];

UPDATE energy_trace_model_results AS result
SET model = fit ->> 'model'
FROM project_results, modeling_periods, jsonb_array_elements(project_results.provenance -> 'fits') AS fit
WHERE project_results.id = result.project_result_id
  AND modeling_periods.id = result.modeling_period_id
  AND (fit ->> 'energy_trace')::bigint = result.energy_trace_id
  AND fit ->> 'period' = modeling_periods.interpretation;
