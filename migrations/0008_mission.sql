-- Agents that run elsewhere beside those that we host, what mission clients tell of them, and the tasks that they do.
-- hosted: its messages become turns of ours; otherwise they wait until it asks for them
ALTER TABLE agents ADD COLUMN hosted BIGINT NOT NULL DEFAULT 1;
ALTER TABLE agents ADD COLUMN role TEXT;
ALTER TABLE agents ADD COLUMN session_key TEXT;
ALTER TABLE agents ADD COLUMN last_activity TEXT;
CREATE UNIQUE INDEX agents_session_key ON agents (org_id, session_key);

-- unique in the org: the place in the event log of the event that tells of it; null for messages from before
ALTER TABLE messages ADD COLUMN number BIGINT;
-- by which agents name the messages that they acknowledge: what waits for them, and replies between agents
CREATE UNIQUE INDEX messages_number ON messages (org_id, number) WHERE turn_id IS NULL OR channel = 'agent';
-- what waits for an agent that asks for it; hosted agents' messages are in turns and never in here
CREATE INDEX messages_waiting ON messages (agent_id, seq) WHERE turn_id IS NULL AND read_at IS NULL AND role = 'user';
-- what each agent said to others, wherever it was said
CREATE INDEX conversations_of_agents ON conversations (org_id, counterparty_id) WHERE counterparty_type = 'agent';
-- replies that another agent has not read yet, and the conversations that have some
CREATE INDEX messages_unread ON messages (conversation_id, seq) WHERE role = 'assistant' AND channel = 'agent' AND read_at IS NULL;
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
-- what any agent may take
CREATE INDEX tasks_free ON tasks (org_id, priority, created_at, number) WHERE agent_id IS NULL AND status IN ('inbox', 'assigned');

-- Tokens that agents which run elsewhere report.
CREATE TABLE token_usage (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    task BIGINT REFERENCES tasks (number) ON DELETE SET NULL,
    model TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX token_usage_recent ON token_usage (org_id, created_at);
CREATE INDEX token_usage_of_agent ON token_usage (agent_id, created_at);
CREATE INDEX token_usage_of_task ON token_usage (task) WHERE task IS NOT NULL;

-- who made a version and what it changed, as JSON; null for versions from before
ALTER TABLE definitions ADD COLUMN about TEXT;
