-- Saved selections of projects or of traces: by a filter that is evaluated whenever the group is used, or, once frozen,
-- the members it had then.
CREATE TABLE groups (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint       NOT NULL REFERENCES project_owners (id) ON DELETE CASCADE,
    name             varchar(255) NOT NULL,
    members          varchar(8)   NOT NULL,                -- what it is a selection of
    filter           jsonb        NOT NULL,
    frozen           timestamptz,                          -- since when its members are those that are stored
    added            timestamptz  NOT NULL DEFAULT clock_timestamp(),
    updated          timestamptz  NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT groups_project_owner_id_name_key UNIQUE (project_owner_id, name),
    CONSTRAINT groups_members_check CHECK (members IN ('projects', 'traces'))
);

CREATE TABLE group_projects (
    group_id   bigint NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    project_id bigint NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, project_id)
);
CREATE INDEX ix_group_projects_project_id ON group_projects (project_id);

CREATE TABLE group_traces (
    group_id    bigint NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    metadata_id bigint NOT NULL REFERENCES consumption_metadatas (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, metadata_id)
);
CREATE INDEX ix_group_traces_metadata_id ON group_traces (metadata_id);
