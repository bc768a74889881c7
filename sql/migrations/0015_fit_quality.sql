-- How far off a model is on average, and what ASHRAE Guideline 14 allows; null in results from before, and the limits
-- where the guideline has none.
ALTER TABLE energy_trace_model_results
    ADD COLUMN nmbe         double precision,
    ADD COLUMN nmbe_limit   double precision,
    ADD COLUMN cvrmse_limit double precision,
    ADD COLUMN mean_bias    double precision;  -- a day, in the trace's unit
