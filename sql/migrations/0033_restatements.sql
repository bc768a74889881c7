-- Comparisons of two results of a project, or of two aggregations: a worker computes by how much savings moved because of
-- what.
CREATE TABLE restatements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id          bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind             varchar(12) NOT NULL,                 -- of what is compared
    before_id        bigint      NOT NULL,                 -- the id of a result, or of an aggregation
    after_id         bigint      NOT NULL,
    projects_done    bigint      NOT NULL DEFAULT 0,
    projects_total   bigint,
    status           varchar(7)  NOT NULL DEFAULT 'PENDING',
    message          text,                                 -- why one FAILED
    attempts         integer     NOT NULL DEFAULT 0,
    lost             integer     NOT NULL DEFAULT 0,
    started          timestamptz,
    lease_expires    timestamptz,
    enqueued         timestamptz,
    request_id       text,
    added            timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated          timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT restatements_kind_check CHECK (kind IN ('results', 'aggregations')),
    CONSTRAINT restatements_status_check CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED'))
);
CREATE INDEX ix_restatements_user_id ON restatements (user_id);
CREATE INDEX ix_restatements_unfinished ON restatements (user_id, id) WHERE status IN ('PENDING', 'RUNNING');

-- The savings of a project in both, in kWh: after - before is the sum of what lies between them. Null in `before` or
-- `after` says that there are none there, which counts as 0.
CREATE TABLE restated_savings (
    restatement_id       bigint NOT NULL REFERENCES restatements (id) ON DELETE CASCADE,
    project_id           bigint NOT NULL,                  -- no reference: it stays what it was when that is deleted
    trace_interpretation text   NOT NULL,
    method               varchar(10) NOT NULL,             -- metered or normalized
    before               double precision,
    after                double precision,
    library              double precision NOT NULL,
    readings             double precision NOT NULL,
    weather              double precision NOT NULL,
    periods              double precision NOT NULL,
    settings             double precision NOT NULL,
    membership           double precision NOT NULL,        -- the project is in one of two aggregations alone
    unexplained          double precision NOT NULL,
    notes                text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (restatement_id, project_id, trace_interpretation, method)
);
