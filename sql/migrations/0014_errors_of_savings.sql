-- How sure savings are, in numbers that add up over many projects (eeds.meter.spread), and bounds of months. Null in the
-- results of earlier releases.

-- offset: the error that is expected, with its sign; variance: of what is independent of other buildings; shared:
-- standard deviation of the error that buildings of one station and model have in common; freedom: degrees of freedom;
-- cosines: of the noise, which common shocks do not cancel in.
ALTER TABLE trace_savings
    ADD COLUMN model                text,                  -- of the baseline: daily, billing, hourly ...
    ADD COLUMN metered_offset       double precision,
    ADD COLUMN metered_variance     double precision,
    ADD COLUMN metered_shared       double precision,
    ADD COLUMN metered_freedom      double precision,
    ADD COLUMN metered_cosines      double precision[],
    ADD COLUMN normalized_offset    double precision,
    ADD COLUMN normalized_variance  double precision,
    ADD COLUMN normalized_shared    double precision,
    ADD COLUMN normalized_freedom   double precision,
    ADD COLUMN normalized_cosines   double precision[];

ALTER TABLE savings_aggregations
    ADD COLUMN model                text,                  -- of its traces, several joined by a plus sign
    ADD COLUMN station              text,                  -- whose weather the models saw
    ADD COLUMN metered_offset       double precision,
    ADD COLUMN metered_variance     double precision,
    ADD COLUMN metered_shared       double precision,
    ADD COLUMN metered_freedom      double precision,
    ADD COLUMN metered_cosines      double precision[],
    ADD COLUMN normalized_offset    double precision,
    ADD COLUMN normalized_variance  double precision,
    ADD COLUMN normalized_shared    double precision,
    ADD COLUMN normalized_freedom   double precision,
    ADD COLUMN normalized_cosines   double precision[];

-- Of the month, and of the sum from the first month to it.
ALTER TABLE savings_months
    ADD COLUMN upper                double precision,      -- distances to the bounds
    ADD COLUMN lower                double precision,
    ADD COLUMN month_offset         double precision,
    ADD COLUMN month_variance       double precision,
    ADD COLUMN month_shared         double precision,
    ADD COLUMN cumulative_upper     double precision,
    ADD COLUMN cumulative_lower     double precision,
    ADD COLUMN cumulative_offset    double precision,
    ADD COLUMN cumulative_variance  double precision,
    ADD COLUMN cumulative_shared    double precision;

-- The months of each trace, in its unit.
CREATE TABLE trace_savings_months (
    project_result_id bigint           NOT NULL REFERENCES project_results ON DELETE CASCADE,
    energy_trace_id   bigint           NOT NULL,
    month             date             NOT NULL,           -- its first day
    value             double precision NOT NULL,
    upper             double precision NOT NULL,
    lower             double precision NOT NULL,
    n                 integer          NOT NULL,           -- days summed
    baseline          double precision NOT NULL,
    cumulative_upper  double precision NOT NULL,
    cumulative_lower  double precision NOT NULL,
    PRIMARY KEY (project_result_id, energy_trace_id, month)
);

-- The months of many projects as a file.
ALTER TABLE exports
    DROP CONSTRAINT exports_kind_check,
    ADD CONSTRAINT exports_kind_check CHECK (kind IN ('results', 'months', 'diagnostics', 'records'));
