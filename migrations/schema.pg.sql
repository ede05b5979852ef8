-- What all migrations together make; a test compares it. To write it anew: UPDATE_SNAPSHOTS=1 cargo test -p muster-store
-- agent_files
  agent_id text NOT NULL
  path text NOT NULL
  org_id text NOT NULL
  content text NOT NULL
  encoding text NOT NULL
  size bigint NOT NULL
  changed_at bigint NOT NULL
  CREATE UNIQUE INDEX agent_files_pkey ON public.agent_files USING btree (agent_id, path)

-- agent_tokens
  id text NOT NULL
  org_id text NOT NULL
  agent_id text
  name text NOT NULL
  prefix text NOT NULL
  hash text NOT NULL
  created_at bigint NOT NULL
  expires_at bigint
  last_used_at bigint
  enrols bigint NOT NULL DEFAULT 0
  CREATE UNIQUE INDEX agent_tokens_hash ON public.agent_tokens USING btree (hash)
  CREATE INDEX agent_tokens_org ON public.agent_tokens USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX agent_tokens_pkey ON public.agent_tokens USING btree (id)

-- agents
  id text NOT NULL
  number bigint NOT NULL
  org_id text NOT NULL
  name text NOT NULL
  description text
  source text NOT NULL
  lifecycle text NOT NULL
  lifecycle_reason text
  presence text NOT NULL
  model text
  version bigint NOT NULL
  mcp_server_count bigint NOT NULL DEFAULT 0
  balance bigint NOT NULL
  reserved bigint NOT NULL DEFAULT 0
  output_tokens_used bigint NOT NULL DEFAULT 0
  message_count bigint NOT NULL DEFAULT 0
  message_seq bigint NOT NULL DEFAULT 0
  running_turns bigint NOT NULL DEFAULT 0
  last_seen_at bigint
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  hosted bigint NOT NULL DEFAULT 1
  role text
  session_key text
  last_activity text
  agent_version text
  public_key text
  CREATE INDEX agents_changed ON public.agents USING btree (org_id, changed_at, id)
  CREATE INDEX agents_created ON public.agents USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX agents_name ON public.agents USING btree (org_id, name)
  CREATE UNIQUE INDEX agents_number ON public.agents USING btree (number)
  CREATE UNIQUE INDEX agents_pkey ON public.agents USING btree (id)
  CREATE INDEX agents_seen ON public.agents USING btree (org_id, COALESCE(last_seen_at, (0)::bigint), id)
  CREATE UNIQUE INDEX agents_session_key ON public.agents USING btree (org_id, session_key)

-- api_keys
  id text NOT NULL
  org_id text NOT NULL
  name text NOT NULL
  description text
  prefix text NOT NULL
  hash text NOT NULL
  role text NOT NULL
  scopes text NOT NULL
  created_by text NOT NULL
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  expires_at bigint
  last_used_at bigint
  CREATE UNIQUE INDEX api_keys_hash ON public.api_keys USING btree (hash)
  CREATE INDEX api_keys_org ON public.api_keys USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX api_keys_pkey ON public.api_keys USING btree (id)

-- connector_grants
  connector_id text NOT NULL
  agent_id text NOT NULL
  created_at bigint NOT NULL
  CREATE INDEX connector_grants_of_agent ON public.connector_grants USING btree (agent_id)
  CREATE UNIQUE INDEX connector_grants_pkey ON public.connector_grants USING btree (connector_id, agent_id)

-- connectors
  id text NOT NULL
  org_id text NOT NULL
  name text NOT NULL
  type text NOT NULL
  description text
  enabled bigint NOT NULL
  settings text NOT NULL
  revision bigint NOT NULL
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  CREATE INDEX connectors_created ON public.connectors USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX connectors_name ON public.connectors USING btree (org_id, name)
  CREATE UNIQUE INDEX connectors_pkey ON public.connectors USING btree (id)

-- conversations
  id text NOT NULL
  org_id text NOT NULL
  agent_id text NOT NULL
  key text NOT NULL
  chosen bigint NOT NULL DEFAULT 0
  channel text NOT NULL
  counterparty_id text NOT NULL
  counterparty_type text NOT NULL
  counterparty_name text NOT NULL
  message_count bigint NOT NULL DEFAULT 0
  unread_count bigint NOT NULL DEFAULT 0
  last_message_at bigint NOT NULL
  last_message_preview text
  summary text
  summary_seq bigint NOT NULL DEFAULT 0
  created_at bigint NOT NULL
  CREATE UNIQUE INDEX conversations_key ON public.conversations USING btree (agent_id, key)
  CREATE INDEX conversations_of_agents ON public.conversations USING btree (org_id, counterparty_id) WHERE (counterparty_type = 'agent'::text)
  CREATE INDEX conversations_org ON public.conversations USING btree (org_id, last_message_at, id)
  CREATE UNIQUE INDEX conversations_pkey ON public.conversations USING btree (id)
  CREATE INDEX conversations_recent ON public.conversations USING btree (org_id, agent_id, last_message_at, id)
  CREATE INDEX conversations_unread ON public.conversations USING btree (org_id, counterparty_id) WHERE ((counterparty_type = 'agent'::text) AND (unread_count > 0))

-- counters
  name text NOT NULL
  value bigint NOT NULL
  CREATE UNIQUE INDEX counters_pkey ON public.counters USING btree (name)

-- definitions
  agent_id text NOT NULL
  version bigint NOT NULL
  org_id text NOT NULL
  body text NOT NULL
  actor text NOT NULL
  created_at bigint NOT NULL
  about text
  CREATE UNIQUE INDEX definitions_pkey ON public.definitions USING btree (agent_id, version)

-- enrolments
  credential_id text NOT NULL
  machine_id text NOT NULL
  org_id text NOT NULL
  agent_id text
  created_at bigint NOT NULL
  CREATE INDEX enrolments_agent ON public.enrolments USING btree (agent_id)
  CREATE UNIQUE INDEX enrolments_pkey ON public.enrolments USING btree (credential_id, machine_id)

-- event_heads
  org_id text NOT NULL
  seq bigint NOT NULL
  hash text NOT NULL
  pruned_seq bigint NOT NULL DEFAULT 0
  pruned_hash text NOT NULL DEFAULT ''::text
  CREATE UNIQUE INDEX event_heads_pkey ON public.event_heads USING btree (org_id)

-- events
  org_id text NOT NULL
  seq bigint NOT NULL
  id text NOT NULL
  type text NOT NULL
  subject text NOT NULL
  actor text NOT NULL
  at bigint NOT NULL
  data text NOT NULL
  hash text NOT NULL
  CREATE UNIQUE INDEX events_pkey ON public.events USING btree (org_id, seq)
  CREATE INDEX events_subject ON public.events USING btree (org_id, subject, seq)
  CREATE INDEX events_type ON public.events USING btree (org_id, type, seq)

-- idempotency
  org_id text NOT NULL
  principal text NOT NULL
  key text NOT NULL
  fingerprint text NOT NULL
  subject text
  status bigint
  body text
  created_at bigint NOT NULL
  CREATE INDEX idempotency_age ON public.idempotency USING btree (created_at)
  CREATE UNIQUE INDEX idempotency_pkey ON public.idempotency USING btree (org_id, principal, key)

-- jobs
  id text NOT NULL
  kind text NOT NULL
  key text NOT NULL
  org_id text
  payload text NOT NULL
  run_at bigint NOT NULL
  attempts bigint NOT NULL DEFAULT 0
  lease_owner text
  lease_until bigint
  last_error text
  created_at bigint NOT NULL
  CREATE INDEX jobs_due ON public.jobs USING btree (run_at, id)
  CREATE UNIQUE INDEX jobs_key ON public.jobs USING btree (kind, key)
  CREATE UNIQUE INDEX jobs_pkey ON public.jobs USING btree (id)

-- links
  agent_id text NOT NULL
  org_id text NOT NULL
  node_id text NOT NULL
  machine_id text NOT NULL
  version text
  since bigint NOT NULL
  active_at bigint NOT NULL
  bytes_in bigint NOT NULL DEFAULT 0
  bytes_out bigint NOT NULL DEFAULT 0
  CREATE INDEX links_node ON public.links USING btree (node_id)
  CREATE INDEX links_org ON public.links USING btree (org_id, since, agent_id)
  CREATE UNIQUE INDEX links_pkey ON public.links USING btree (agent_id)

-- memory
  org_id text NOT NULL
  owner text NOT NULL
  key text NOT NULL
  value text NOT NULL
  size bigint NOT NULL
  revision bigint NOT NULL
  changed_at bigint NOT NULL
  CREATE UNIQUE INDEX memory_pkey ON public.memory USING btree (org_id, owner, key)
  CREATE INDEX memory_recent ON public.memory USING btree (org_id, owner, changed_at)
  CREATE INDEX memory_size ON public.memory USING btree (org_id, owner, size)

-- messages
  id text NOT NULL
  org_id text NOT NULL
  agent_id text NOT NULL
  conversation_id text NOT NULL
  seq bigint NOT NULL
  role text NOT NULL
  sender_type text NOT NULL
  sender_id text NOT NULL
  content text NOT NULL
  metadata text
  status text NOT NULL
  channel text NOT NULL
  queue_mode text NOT NULL
  reply_to_id text
  turn_id text
  error text
  created_at bigint NOT NULL
  delivered_at bigint
  read_at bigint
  number bigint
  depth bigint NOT NULL DEFAULT 0
  CREATE UNIQUE INDEX messages_agent ON public.messages USING btree (agent_id, seq)
  CREATE INDEX messages_conversation ON public.messages USING btree (conversation_id, seq)
  CREATE INDEX messages_hour ON public.messages USING btree (org_id, created_at, role)
  CREATE UNIQUE INDEX messages_number ON public.messages USING btree (org_id, number) WHERE ((turn_id IS NULL) OR (channel = 'agent'::text))
  CREATE UNIQUE INDEX messages_pkey ON public.messages USING btree (id)
  CREATE UNIQUE INDEX messages_reply ON public.messages USING btree (reply_to_id) WHERE ((role = 'assistant'::text) AND (turn_id IS NULL))
  CREATE INDEX messages_turn ON public.messages USING btree (turn_id)
  CREATE INDEX messages_unread ON public.messages USING btree (conversation_id, seq) WHERE ((role = 'assistant'::text) AND (channel = 'agent'::text) AND (read_at IS NULL))
  CREATE INDEX messages_waiting ON public.messages USING btree (agent_id, seq) WHERE ((turn_id IS NULL) AND (read_at IS NULL) AND (role = 'user'::text))

-- meta
  name text NOT NULL
  value text NOT NULL
  CREATE UNIQUE INDEX meta_pkey ON public.meta USING btree (name)

-- nodes
  id text NOT NULL
  started_at bigint NOT NULL
  beat_at bigint NOT NULL
  CREATE UNIQUE INDEX nodes_pkey ON public.nodes USING btree (id)

-- orgs
  id text NOT NULL
  name text NOT NULL
  description text
  time_zone text
  features text NOT NULL
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  CREATE UNIQUE INDEX orgs_pkey ON public.orgs USING btree (id)

-- secrets
  org_id text NOT NULL
  owner text NOT NULL
  field text NOT NULL
  sealed text NOT NULL
  changed_at bigint NOT NULL
  CREATE UNIQUE INDEX secrets_pkey ON public.secrets USING btree (org_id, owner, field)

-- sessions
  hash text NOT NULL
  id text NOT NULL
  user_id text NOT NULL
  org_id text NOT NULL
  created_at bigint NOT NULL
  expires_at bigint NOT NULL
  CREATE INDEX sessions_expiry ON public.sessions USING btree (expires_at)
  CREATE UNIQUE INDEX sessions_pkey ON public.sessions USING btree (hash)
  CREATE INDEX sessions_user ON public.sessions USING btree (user_id)

-- tasks
  number bigint NOT NULL
  org_id text NOT NULL
  title text NOT NULL
  description text
  status text NOT NULL
  priority bigint NOT NULL
  agent_id text
  due_at bigint
  metadata text
  created_by text NOT NULL
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  finished_at bigint
  CREATE INDEX tasks_free ON public.tasks USING btree (org_id, priority, created_at, number) WHERE ((agent_id IS NULL) AND (status = ANY (ARRAY['inbox'::text, 'assigned'::text])))
  CREATE INDEX tasks_of_agent ON public.tasks USING btree (agent_id, status, priority, created_at, number)
  CREATE UNIQUE INDEX tasks_pkey ON public.tasks USING btree (number)
  CREATE INDEX tasks_recent ON public.tasks USING btree (org_id, created_at, number)

-- token_usage
  id text NOT NULL
  org_id text NOT NULL
  agent_id text NOT NULL
  task bigint
  model text NOT NULL
  input_tokens bigint NOT NULL
  output_tokens bigint NOT NULL
  created_at bigint NOT NULL
  CREATE INDEX token_usage_of_agent ON public.token_usage USING btree (agent_id, created_at)
  CREATE INDEX token_usage_of_task ON public.token_usage USING btree (task) WHERE (task IS NOT NULL)
  CREATE UNIQUE INDEX token_usage_pkey ON public.token_usage USING btree (id)
  CREATE INDEX token_usage_recent ON public.token_usage USING btree (org_id, created_at)

-- traffic
  org_id text NOT NULL
  bytes bigint NOT NULL
  CREATE UNIQUE INDEX traffic_pkey ON public.traffic USING btree (org_id)

-- turn_steps
  turn_id text NOT NULL
  step bigint NOT NULL
  org_id text NOT NULL
  kind text NOT NULL
  name text NOT NULL
  key text NOT NULL
  state text NOT NULL
  attempts bigint NOT NULL DEFAULT 1
  input text
  output text
  error text
  input_tokens bigint NOT NULL DEFAULT 0
  output_tokens bigint NOT NULL DEFAULT 0
  cached_input_tokens bigint NOT NULL DEFAULT 0
  started_at bigint NOT NULL
  finished_at bigint
  CREATE UNIQUE INDEX turn_steps_pkey ON public.turn_steps USING btree (turn_id, step)

-- turn_stream
  turn_id text NOT NULL
  seq bigint NOT NULL
  type text NOT NULL
  data text NOT NULL
  at bigint NOT NULL
  CREATE INDEX turn_stream_age ON public.turn_stream USING btree (at)
  CREATE UNIQUE INDEX turn_stream_pkey ON public.turn_stream USING btree (turn_id, seq)

-- turns
  id text NOT NULL
  org_id text NOT NULL
  agent_id text NOT NULL
  conversation_id text NOT NULL
  version bigint
  state text NOT NULL
  hold text
  run_at bigint NOT NULL
  attempt bigint NOT NULL DEFAULT 0
  reminders bigint NOT NULL DEFAULT 0
  depth bigint NOT NULL DEFAULT 0
  cancel text
  lease_owner text
  lease_until bigint
  model text
  input_tokens bigint NOT NULL DEFAULT 0
  output_tokens bigint NOT NULL DEFAULT 0
  cached_input_tokens bigint NOT NULL DEFAULT 0
  model_ms bigint NOT NULL DEFAULT 0
  cost_micro_usd bigint
  reserved bigint NOT NULL DEFAULT 0
  stream_seq bigint NOT NULL DEFAULT 0
  prompt text
  reply_id text
  error_code text
  error_message text
  created_at bigint NOT NULL
  started_at bigint
  finished_at bigint
  CREATE INDEX turns_agent ON public.turns USING btree (agent_id, created_at, id)
  CREATE INDEX turns_agent_open ON public.turns USING btree (agent_id, state) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]))
  CREATE INDEX turns_conversation ON public.turns USING btree (conversation_id, created_at, id)
  CREATE INDEX turns_finished ON public.turns USING btree (org_id, finished_at)
  CREATE INDEX turns_leased ON public.turns USING btree (lease_until) WHERE (state = 'running'::text)
  CREATE UNIQUE INDEX turns_one_queued ON public.turns USING btree (conversation_id) WHERE (state = 'queued'::text)
  CREATE UNIQUE INDEX turns_one_running ON public.turns USING btree (conversation_id) WHERE (state = 'running'::text)
  CREATE INDEX turns_open_org ON public.turns USING btree (org_id, state) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]))
  CREATE INDEX turns_org ON public.turns USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX turns_pkey ON public.turns USING btree (id)
  CREATE INDEX turns_ready ON public.turns USING btree (run_at, id) WHERE ((state = 'queued'::text) AND (hold IS NULL))

-- users
  id text NOT NULL
  org_id text NOT NULL
  username text NOT NULL
  display_name text
  password_hash text NOT NULL
  role text NOT NULL
  disabled bigint NOT NULL DEFAULT 0
  created_at bigint NOT NULL
  changed_at bigint NOT NULL
  last_login_at bigint
  CREATE INDEX users_org ON public.users USING btree (org_id, created_at, id)
  CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)
  CREATE UNIQUE INDEX users_username ON public.users USING btree (username)
