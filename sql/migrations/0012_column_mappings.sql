-- Which columns of a file are which fields of a reading: said once by its owner, and used again by name.
CREATE TABLE column_mappings (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint NOT NULL REFERENCES project_owners (id) ON DELETE CASCADE,
    name             varchar(255) NOT NULL,
    columns          jsonb NOT NULL,  -- heads of columns by field
    CONSTRAINT column_mappings_name_key UNIQUE (project_owner_id, name)
);
