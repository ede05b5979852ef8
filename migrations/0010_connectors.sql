-- Data sources of other systems that people and agents may query.
CREATE TABLE connectors (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT,
    enabled BIGINT NOT NULL,
    -- without secrets, which are sealed under the connector's id
    settings TEXT NOT NULL,
    -- counts the changes of what it is, so that no connection outlives the settings that it was made with
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX connectors_name ON connectors (org_id, name);
CREATE INDEX connectors_created ON connectors (org_id, created_at, id);

-- Which hosted agents have which connectors as tools.
CREATE TABLE connector_grants (
    connector_id TEXT NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (connector_id, agent_id)
);
CREATE INDEX connector_grants_of_agent ON connector_grants (agent_id);
