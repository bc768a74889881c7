-- A project_id is a name that an owner gives: two owners may give the same, and do not learn of each other.
ALTER TABLE projects
    DROP CONSTRAINT projects_project_id_key,
    ADD CONSTRAINT projects_project_id_key UNIQUE (project_id, project_owner_id);

-- So are the names of attributes; null = a key that an admin has made for all owners. Those that one owner alone has used
-- become that owner's.
ALTER TABLE project_attribute_keys ADD COLUMN project_owner_id bigint REFERENCES project_owners ON DELETE CASCADE;
UPDATE project_attribute_keys AS keys
SET project_owner_id = used.project_owner_id
FROM (
    SELECT attributes.key_id, min(projects.project_owner_id) AS project_owner_id
    FROM project_attributes AS attributes
    JOIN projects ON projects.id = attributes.project_id
    GROUP BY attributes.key_id
    HAVING count(DISTINCT projects.project_owner_id) = 1
) AS used
WHERE used.key_id = keys.id;
ALTER TABLE project_attribute_keys
    DROP CONSTRAINT project_attribute_keys_name_key,
    ADD CONSTRAINT project_attribute_keys_name_key UNIQUE NULLS NOT DISTINCT (name, project_owner_id);
CREATE INDEX ix_project_attribute_keys_project_owner_id ON project_attribute_keys (project_owner_id);
