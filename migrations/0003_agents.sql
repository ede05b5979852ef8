-- The registry: one record per agent, whichever surface made it; and the versions of what it is told to be.
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    source TEXT NOT NULL,
    lifecycle TEXT NOT NULL,
    lifecycle_reason TEXT,
    presence TEXT NOT NULL,
    -- the model that the current definition names, for lists
    model TEXT,
    version BIGINT NOT NULL,
    mcp_server_count BIGINT NOT NULL DEFAULT 0,
    balance BIGINT NOT NULL,
    reserved BIGINT NOT NULL DEFAULT 0,
    output_tokens_used BIGINT NOT NULL DEFAULT 0,
    message_count BIGINT NOT NULL DEFAULT 0,
    message_seq BIGINT NOT NULL DEFAULT 0,
    running_turns BIGINT NOT NULL DEFAULT 0,
    last_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX agents_number ON agents (number);
CREATE UNIQUE INDEX agents_name ON agents (org_id, name);
CREATE INDEX agents_created ON agents (org_id, created_at, id);
CREATE INDEX agents_changed ON agents (org_id, changed_at, id);

CREATE TABLE definitions (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (agent_id, version)
);

CREATE TABLE agent_files (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    org_id TEXT NOT NULL,
    content TEXT NOT NULL,
    encoding TEXT NOT NULL,
    size BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (agent_id, path)
);
