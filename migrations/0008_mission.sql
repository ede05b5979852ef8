-- Agents that run elsewhere beside those that we host, what mission clients tell of them, and the tasks that they do.
-- hosted: its messages become turns of ours; otherwise they wait until it asks for them
ALTER TABLE agents ADD COLUMN hosted BIGINT NOT NULL DEFAULT 1;
ALTER TABLE agents ADD COLUMN role TEXT;
ALTER TABLE agents ADD COLUMN session_key TEXT;
ALTER TABLE agents ADD COLUMN last_activity TEXT;
CREATE UNIQUE INDEX agents_session_key ON agents (org_id, session_key);

-- unique in the org: the place in the event log of the event that tells of it; null for messages from before
ALTER TABLE messages ADD COLUMN number BIGINT;
-- what waits for an agent that asks for it; hosted agents' messages are in turns and never in here
CREATE INDEX messages_waiting ON messages (agent_id, seq) WHERE turn_id IS NULL AND read_at IS NULL AND role = 'user';
-- replies that another agent has not read yet
CREATE INDEX conversations_unread ON conversations (org_id, counterparty_id) WHERE counterparty_type = 'agent' AND unread_count > 0;

CREATE TABLE tasks (
    number BIGINT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    -- 0 critical, 1 high, 2 medium, 3 low
    priority BIGINT NOT NULL,
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    due_at BIGINT,
    metadata TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX tasks_recent ON tasks (org_id, created_at, number);
CREATE INDEX tasks_of_agent ON tasks (agent_id, status, priority, created_at, number);
CREATE INDEX tasks_open ON tasks (org_id, priority, created_at, number) WHERE status IN ('inbox', 'assigned');

-- who made a version and what it changed, as JSON; null for versions from before
ALTER TABLE definitions ADD COLUMN about TEXT;
