-- Where the projects of a portfolio and its members are for the rest of the transaction. More memory spares the sums of
-- many thousands the disk.
SET LOCAL work_mem = '64MB';
DROP TABLE IF EXISTS pg_temp.portfolio_projects, pg_temp.portfolio_members, pg_temp.portfolio_sums;
CREATE TEMPORARY TABLE portfolio_projects (
    project_id  bigint NOT NULL,
    group_value text                                       -- of the attribute by which there are groups
) ON COMMIT DROP;
CREATE TEMPORARY TABLE portfolio_members (
    project_id       bigint  NOT NULL,
    result_id        bigint,
    savings_id       bigint,                               -- of savings_aggregations
    input_sha256     text,                                 -- of what the result was computed from
    confidence_level double precision,                     -- of the distances in the result
    is_stale         boolean NOT NULL,
    interpretation   text,
    group_value      text,
    predicted        double precision,                     -- kWh a year, where there are normalized savings beside it
    reasons          text[]  NOT NULL,                     -- why it is refused; none: it is accepted
    is_accepted      boolean NOT NULL
) ON COMMIT DROP
