// Generated from docs/openapi.json by `npm run types`; not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        HostingAgentBalance: {
            message: string;
            /** Format: int64 */
            new_balance: number;
            /** Format: int64 */
            previous_balance: number;
        };
        HostingAgentList: {
            agents: components["schemas"]["HostingListedAgent"][];
            pagination: components["schemas"]["HostingPagination"];
        };
        HostingAgentReadiness: {
            /**
             * Format: date-time
             * @description When what runs the agent last gave a sign of life.
             */
            last_heartbeat?: string | null;
            /** @description running, pending, not_running or error. */
            pod_status: string;
            ready: boolean;
            /** @description Why it is not ready. */
            reason?: string | null;
            status: components["schemas"]["HostingLifecycle"];
        };
        HostingAgentStatus: {
            message: string;
            status: components["schemas"]["HostingLifecycle"];
        };
        HostingAgentSummary: {
            /** Format: date-time */
            created_at: string;
            /** Format: int64 */
            mcp_server_count: number;
            /** Format: int64 */
            message_count: number;
            name: string;
            /** Format: int64 */
            output_token_balance: number;
            status: components["schemas"]["HostingLifecycle"];
            /** Format: int64 */
            total_output_tokens_used: number;
            /** Format: date-time */
            updated_at: string;
            /** @description The agent's id. */
            uuid: string;
        };
        /** @enum {string} */
        HostingBalanceType: "increment" | "set";
        /** @description Limits of one turn and of one day. */
        HostingBudget: {
            /**
             * Format: int64
             * @description The most output tokens within 24 hours.
             */
            max_output_tokens_per_day?: number | null;
            /**
             * Format: int64
             * @description The most output tokens of one turn.
             */
            max_output_tokens_per_turn?: number | null;
            /**
             * Format: int64
             * @description The most tool calls of one turn (50).
             */
            max_tool_calls_per_turn?: number | null;
        };
        HostingChangeBalance: {
            /**
             * Format: int64
             * @description Output tokens.
             */
            amount: number;
            /** @description increment or set. */
            type: components["schemas"]["HostingBalanceType"];
        };
        /** @description When older messages are replaced by a summary. */
        HostingCompaction: {
            /** @description On unless it says false. */
            enabled?: boolean | null;
            /** @description What the summary must keep. */
            instructions?: string | null;
            /** @description The model that writes the summary; the agent's own when absent. */
            model?: string | null;
            /**
             * Format: double
             * @description The share of the model's context window that starts it, 0.1 to 0.95 (0.8); above 1 it is a number of tokens.
             */
            threshold_trigger?: number | null;
        };
        /** @description How the turns of an agent run. */
        HostingConfiguration: {
            /** @description Limits of one turn and of one day. */
            budget?: components["schemas"]["HostingBudget"] | null;
            /** @description When older messages are replaced by a summary. */
            compaction?: components["schemas"]["HostingCompaction"] | null;
            /** @description Environment variables of the agent's environment, at most 20. */
            custom_env?: {
                [key: string]: string;
            };
            /** @description MCP servers by name: `{"url", "headers"?, ...}`. */
            mcp_servers?: {
                [key: string]: unknown;
            };
            /** @description How much the agent may remember. */
            memory_config?: components["schemas"]["HostingMemoryConfig"] | null;
            /** @description `provider/model`, or just a model's name. */
            model?: string | null;
            /** @description What the agent's environment may use. */
            resources?: components["schemas"]["HostingResources"] | null;
            /**
             * Format: int64
             * @description How long a turn may take, in seconds (3600).
             * @default 3600
             */
            timeout_seconds: number;
            /** @description Which tools its turns are offered; all of them when it says nothing. */
            tools?: components["schemas"]["HostingToolPolicy"] | null;
            /**
             * Format: int64
             * @description How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
             */
            unread_reminder_interval_ms?: number | null;
            /** @description Where to call when something happened. */
            webhooks?: components["schemas"]["HostingWebhooks"] | null;
        };
        /** @description How the turns of an agent run. */
        HostingConfigurationInput: {
            /** @description Limits of one turn and of one day. */
            budget?: components["schemas"]["HostingBudget"] | null;
            /** @description When older messages are replaced by a summary. */
            compaction?: components["schemas"]["HostingCompaction"] | null;
            /** @description Environment variables of the agent's environment, at most 20. */
            custom_env?: {
                [key: string]: string;
            };
            /** @description MCP servers by name: `{"url", "headers"?, ...}`. */
            mcp_servers?: {
                [key: string]: unknown;
            };
            /** @description How much the agent may remember. */
            memory_config?: components["schemas"]["HostingMemoryConfig"] | null;
            /** @description `provider/model`, or just a model's name. */
            model?: string | null;
            /** @description What the agent's environment may use. */
            resources?: components["schemas"]["HostingResources"] | null;
            /**
             * Format: int64
             * @description How long a turn may take, in seconds (3600).
             * @default 3600
             */
            timeout_seconds?: number;
            /** @description Which tools its turns are offered; all of them when it says nothing. */
            tools?: components["schemas"]["HostingToolPolicy"] | null;
            /**
             * Format: int64
             * @description How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
             */
            unread_reminder_interval_ms?: number | null;
            /** @description Where to call when something happened. */
            webhooks?: components["schemas"]["HostingWebhooks"] | null;
        };
        HostingConversationMessage: {
            content: string;
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            recipient_type: string;
            recipient_uuid: string;
            sender_type: string;
            sender_uuid: string;
            status: components["schemas"]["HostingStatus"];
            uuid: string;
        };
        HostingCounterparty: {
            name: string;
            /** @description user or agent. */
            type: string;
            uuid: string;
        };
        /** @description An agent to be made. */
        HostingCreateAgent: {
            /** @description The agent's own key of this provider; write-only. */
            anthropic_api_key?: string | null;
            /** @description How its turns run. */
            configuration?: components["schemas"]["HostingConfigurationInput"] | null;
            /** @description Up to 500 characters. */
            description?: string | null;
            /** @description Write-only. */
            discord_bot_token?: string | null;
            /** @description Its first files. */
            initial_files?: components["schemas"]["HostingInitialFile"][] | null;
            /** @description 1 to 100 characters, unique in the org. */
            name: string;
            /** @description The agent's own key of this provider; write-only. */
            openai_api_key?: string | null;
            /**
             * Format: int64
             * @description Output tokens that it may use (1000000).
             */
            output_token_balance?: number | null;
            /** @description The workspace's quota, e.g. `1Gi`. */
            pvc_size?: string | null;
            /** @description persistent (default) shows a turn the conversation, ephemeral only its own messages. */
            session_mode?: components["schemas"]["HostingSessionMode"] | null;
            /** @description Write-only. */
            slack_bot_token?: components["schemas"]["HostingSlackTokens"] | null;
            /** @description The agent's instructions. */
            system_prompt?: string | null;
            /** @description append (default) puts them after Muster's own guidance, replace in its place. */
            system_prompt_type?: components["schemas"]["HostingPromptType"] | null;
            /** @description Write-only. */
            telegram_bot_token?: string | null;
            /**
             * Format: int64
             * @description Idle time before the environment is put to sleep, at least 300000; null never.
             */
            warmth_window_ms?: number | null;
        };
        HostingCursorPagination: {
            has_more: boolean;
            next_cursor: string | null;
        };
        HostingDeleteAgent: {
            /**
             * @description Also while a turn runs.
             * @default null
             */
            force?: boolean | null;
        };
        /** @description A sentence about what was done. */
        HostingDone: {
            /** @description The sentence. */
            message: string;
        };
        /** @description An error. */
        HostingError: {
            /** @description What went wrong. */
            error: components["schemas"]["HostingErrorInner"];
            /** @description The request. */
            meta: components["schemas"]["HostingErrorMeta"];
            /** @description Always false. */
            success: boolean;
        };
        HostingErrorDetails: {
            /** @description The input field that is wrong. */
            field: string;
            /** @description What would be right. */
            reason: string;
        };
        HostingErrorInner: {
            /** @description e.g. `INVALID_REQUEST`. */
            code: string;
            details?: components["schemas"]["HostingErrorDetails"] | null;
            /** @description What to fix. */
            message: string;
        };
        HostingErrorMeta: {
            request_id: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A file to write or delete. */
        HostingFileChange: {
            /** @description Required to write. */
            content?: string | null;
            /** @description utf-8 (default) or base64. */
            encoding?: string | null;
            operation: components["schemas"]["HostingFileOperation"];
            path: string;
        };
        /** @enum {string} */
        HostingFileOperation: "write" | "delete";
        /** @description What is in an agent's workspace. */
        HostingFilesystemSummary: {
            /** Format: date-time */
            last_modified: string | null;
            /** Format: int64 */
            total_files: number;
            /** Format: double */
            total_size_mb: number;
        };
        /** @description An agent in full. */
        HostingHostedAgent: {
            configuration: components["schemas"]["HostingConfiguration"];
            /** Format: date-time */
            created_at: string;
            description: string | null;
            filesystem_summary: components["schemas"]["HostingFilesystemSummary"];
            /** @description Slug, immutable. */
            id: string;
            mcp_servers: components["schemas"]["HostingMcpServerView"][];
            name: string;
            /** Format: int64 */
            output_token_balance: number;
            pvc_size: string | null;
            session_mode: components["schemas"]["HostingSessionMode"];
            /** @description active, paused, stopped or error. */
            status: components["schemas"]["HostingLifecycle"];
            /** @description Why the agent is in error. */
            status_reason?: string | null;
            system_prompt: string | null;
            system_prompt_type: components["schemas"]["HostingPromptType"];
            /** Format: date-time */
            updated_at: string;
            /** Format: int64 */
            warmth_window_ms: number | null;
        };
        HostingHostedConversation: {
            /** @description The latest of the conversations with this counterparty, as it stands in messages. */
            conversation_id: string;
            counterparty: components["schemas"]["HostingCounterparty"];
            /** Format: date-time */
            last_message_at: string;
            /** @description The newest, oldest first. */
            messages: components["schemas"]["HostingConversationMessage"][];
            /**
             * Format: int64
             * @description Of all conversations with this counterparty, as what follows.
             */
            total_messages: number;
            /** Format: int64 */
            unread_count: number;
        };
        HostingHostedConversations: {
            conversations: components["schemas"]["HostingHostedConversation"][];
            pagination: components["schemas"]["HostingCursorPagination"];
        };
        HostingHostedMessage: {
            channel: string;
            content: string;
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            delivered_at: string | null;
            error?: string | null;
            id: string;
            metadata?: unknown;
            queue_mode: string;
            /** Format: date-time */
            read_at: string | null;
            reply_to_id: string | null;
            /** @description user or assistant. */
            role: string;
            status: components["schemas"]["HostingStatus"];
            turn_id?: string | null;
        };
        /** @description A file. */
        HostingInitialFile: {
            content: string;
            /** @description utf-8 (default) or base64. */
            encoding?: string | null;
            path: string;
        };
        /** @description Whether a hosted agent takes turns. */
        HostingLifecycle: "active" | "paused" | "stopped" | "error";
        HostingListedAgent: {
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: string;
            /** Format: int64 */
            mcp_server_count: number;
            /** Format: int64 */
            message_count: number;
            name: string;
            status: components["schemas"]["HostingLifecycle"];
            /** Format: date-time */
            updated_at: string;
        };
        /** @description An MCP server of an agent's configuration. */
        HostingMcpServerView: {
            /** @description all or selected. */
            access_mode: string;
            id: string;
            name: string;
            /** @description active, inactive or error. */
            status: string;
        };
        /** @description How much an agent may remember. */
        HostingMemoryConfig: {
            /**
             * Format: int64
             * @description The most that all values may take together, 1 to 1024 MB.
             */
            max_size_mb?: number | null;
            /** @description False forgets with the conversation: nothing can be set. */
            persistence?: boolean | null;
            /** @description `key_value` (default) or `none`: no memory tools and nothing recalled. */
            type?: string | null;
        };
        HostingMessageList: {
            has_more: boolean;
            messages: components["schemas"]["HostingHostedMessage"][];
        };
        HostingPagination: {
            /** Format: int64 */
            limit: number;
            /** Format: int64 */
            page: number;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            total_pages: number;
        };
        /** @description How the agent's instructions stand to Muster's own. */
        HostingPromptType: "append" | "replace";
        /** @description What a message does while a turn runs. */
        HostingQueueMode: "collect" | "interrupt";
        /** @description What the agent's environment may use, as Kubernetes writes it. */
        HostingResources: {
            /** @description e.g. `500m` or `2`. */
            cpu?: string | null;
            /** @description e.g. `512Mi`. */
            memory?: string | null;
        };
        /** @description A message to be sent. */
        HostingSendMessage: {
            /** @description Where it comes from (api). */
            channel?: string | null;
            /** @description The text. */
            content: string;
            /** @description A conversation to go on with, or a name of your own for a new one. */
            conversation_id?: string | null;
            /** @description Anything; kept with the message. */
            metadata?: unknown;
            /** @description collect (default) waits while a turn runs, interrupt cancels the running turn. */
            queue_mode?: components["schemas"]["HostingQueueMode"] | null;
        };
        HostingSentMessage: {
            channel: string;
            content: string;
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            id: string;
            queue_mode: string;
            /** @description user */
            role: string;
            status: components["schemas"]["HostingStatus"];
        };
        /** @description What a turn sees of the turns before it. */
        HostingSessionMode: "ephemeral" | "persistent";
        HostingSetAgentStatus: {
            /** @description active, paused or stopped. */
            status: string;
        };
        /** @description Slack's three secrets of a bot. */
        HostingSlackTokens: {
            /** @description `xapp-...`, for socket mode. */
            app_token?: string | null;
            /** @description `xoxb-...` */
            bot_token: string;
            /** @description Signs what Slack sends. */
            signing_secret?: string | null;
        };
        /** @description How far a message has got. */
        HostingStatus: "pending" | "processing" | "completed" | "failed" | "cancelled";
        /** @description Which tools turns are offered, by name; a final `*` stands for anything that follows. */
        HostingToolPolicy: {
            /** @description Only these; all when it is absent. */
            allow?: string[] | null;
            /** @description Never these. */
            deny?: string[] | null;
        };
        /** @description What to change. Absent fields stay as they are, null clears. */
        HostingUpdateAgent: {
            /** @description Write-only. */
            anthropic_api_key?: string | null;
            /** @description Merged into what is there (RFC 7396). */
            configuration?: components["schemas"]["HostingConfigurationInput"] | null;
            description?: string | null;
            /** @description Write-only. */
            discord_bot_token?: string | null;
            /** @description Files to write or delete. */
            files?: components["schemas"]["HostingFileChange"][] | null;
            name?: string | null;
            /** @description Write-only. */
            openai_api_key?: string | null;
            /** Format: int64 */
            output_token_balance?: number | null;
            pvc_size?: string | null;
            session_mode?: components["schemas"]["HostingSessionMode"] | null;
            /** @description Write-only. */
            slack_bot_token?: components["schemas"]["HostingSlackTokens"] | null;
            system_prompt?: string | null;
            system_prompt_type?: components["schemas"]["HostingPromptType"] | null;
            /** @description Write-only. */
            telegram_bot_token?: string | null;
            /** Format: int64 */
            warmth_window_ms?: number | null;
        };
        /** @description Where to call when something happened. */
        HostingWebhooks: {
            /** @description When the agent goes into error. */
            agent_error?: string | null;
            /** @description After a reply. */
            message_complete?: string | null;
            /** @description After a failed turn. */
            message_failed?: string | null;
        };
        /** @description What became of an entry, or would. */
        MissionAction: "created" | "updated" | "unchanged" | "conflict";
        /** @description An agent. */
        MissionAgent: {
            /** @description What is said of it; it names the model that the agent has. */
            config: {
                [key: string]: unknown;
            };
            /**
             * Format: int64
             * @description When it was made, in seconds since the epoch.
             */
            created_at: number;
            /** @description Whether Muster runs it; otherwise its messages wait for its heartbeat. */
            hosted: boolean;
            /**
             * Format: int64
             * @description A number that is unique in the deployment.
             */
            id: number;
            /** @description What it said last of what it does. */
            last_activity: string | null;
            /**
             * Format: int64
             * @description Its last sign of life, in seconds since the epoch.
             */
            last_seen: number | null;
            /** @description Unique in its org. */
            name: string;
            /** @description What it does. */
            role: string | null;
            /** @description What its gateway knows it by. */
            session_key: string | null;
            /** @description A URL-safe slug, immutable: its id in the other dialects. */
            slug: string;
            /** @description Its personality and instructions. */
            soul_content: string | null;
            /** @description How it joined: `hosted`, `api`, `sdk`, `host` or `gateway`. */
            source: string;
            /** @description Whether it is there. */
            status: components["schemas"]["MissionPresence"];
            /** @description Its tasks. */
            taskStats: components["schemas"]["MissionTaskStats"];
            /**
             * Format: int64
             * @description When it was last changed, in seconds since the epoch.
             */
            updated_at: number;
        };
        /** @description Agents by status. */
        MissionAgentCounts: {
            /**
             * Format: int64
             * @description At work.
             */
            busy: number;
            /**
             * Format: int64
             * @description In trouble.
             */
            error: number;
            /**
             * Format: int64
             * @description There, and nothing happened for a while.
             */
            idle: number;
            /**
             * Format: int64
             * @description Not there.
             */
            offline: number;
            /**
             * Format: int64
             * @description There.
             */
            online: number;
            /**
             * Format: int64
             * @description In all.
             */
            total: number;
        };
        /** @description A key that acts only as one agent. */
        MissionAgentKey: {
            /**
             * Format: int64
             * @description When it was made, in seconds since the epoch.
             */
            created_at: number;
            /**
             * Format: int64
             * @description When it ends, in seconds since the epoch.
             */
            expires_at: number | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description When it was last used, to about a minute, in seconds since the epoch.
             */
            last_used_at: number | null;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the key, to tell keys apart. */
            prefix: string;
            /** @description What it may touch. */
            scopes: string[];
        };
        /** @description An agent's keys. */
        MissionAgentKeyList: {
            /** @description The keys; there are at most 100. */
            keys: components["schemas"]["MissionAgentKey"][];
        };
        /** @description A page of the agents. */
        MissionAgentList: {
            /** @description The agents. */
            agents: components["schemas"]["MissionAgent"][];
            /**
             * Format: int64
             * @description How many a page has.
             */
            limit: number;
            /**
             * Format: int64
             * @description The number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description How many fit in all.
             */
            total: number;
        };
        /** @description What an agent remembers. */
        MissionAgentMemory: {
            /** @description Its values by key. */
            memory: {
                [key: string]: unknown;
            };
            /**
             * Format: int64
             * @description How many bytes all of it takes.
             */
            size: number;
            /** @description True when it is more than is shown at once: the values that were set first are left out. */
            truncated?: boolean | null;
            /**
             * Format: int64
             * @description When it last changed, in seconds since the epoch; null when there is nothing.
             */
            updated_at: number | null;
            /** @description The text that it works with; empty when there is none. */
            working_memory: string;
        };
        /** @description What an agent can be made from. */
        MissionAgentTemplate: {
            /** @description Model, tools and environment. */
            config: {
                [key: string]: unknown;
            };
            /** @description What it is for. */
            description: string;
            /** @description What `template` and `template_name` take. */
            id: string;
            /** @description A name for people. */
            name: string;
            /** @description The role of an agent that is given none. */
            role: string;
            /** @description The soul. */
            soul_content: string;
        };
        /** @description The templates. */
        MissionAgentTemplateList: {
            /** @description All of them. */
            templates: components["schemas"]["MissionAgentTemplate"][];
        };
        /** @description An update of an agent. Absent fields stay as they are, null clears. */
        MissionAgentUpdate: {
            /** @description Replaces what is said of it. */
            config?: {
                [key: string]: unknown;
            } | null;
            /** @description What the agent does now, up to 1000 characters. */
            last_activity?: string | null;
            /** @description A new name. */
            name?: string | null;
            /** @description A new role, 1 to 100 characters. */
            role?: string | null;
            /** @description A new session key, 1 to 200 characters. */
            session_key?: string | null;
            /** @description A new personality, up to 50000 characters. */
            soul_content?: string | null;
            /** @description A new status; it holds until something newer. */
            status?: components["schemas"]["MissionPresence"] | null;
            /** @description Whether it is also written into the gateway's file; the gateway runs it then. */
            write_to_gateway?: boolean | null;
        };
        /** @description An update of the agent of a name. Absent fields stay as they are, null clears. */
        MissionAgentUpdateByName: {
            /** @description Replaces what is said of it. */
            config?: {
                [key: string]: unknown;
            } | null;
            /** @description What the agent does now, up to 1000 characters. */
            last_activity?: string | null;
            /** @description The name of the agent that is updated. */
            name: string;
            /** @description A new role, 1 to 100 characters. */
            role?: string | null;
            /** @description A new session key, 1 to 200 characters. */
            session_key?: string | null;
            /** @description A new personality, up to 50000 characters. */
            soul_content?: string | null;
            /** @description A new status; it holds until something newer. */
            status?: components["schemas"]["MissionPresence"] | null;
        };
        /** @description A user after they were changed. */
        MissionChangedUser: {
            /** @description True. */
            success: boolean;
            /** @description The user. */
            user: components["schemas"]["MissionUser"];
        };
        /** @description Why an agent got what it got. */
        MissionClaimReason: "continue_current" | "assigned" | "no_tasks_available";
        /** @description Messages and who told whom. */
        MissionComms: {
            /** @description Who told whom how much in the latest 5000 of them. */
            graph: components["schemas"]["MissionCommsGraph"];
            /** @description The messages, oldest first. */
            messages: components["schemas"]["MissionCommsMessage"][];
            /**
             * Format: int64
             * @description How many fit in all; counting ends at 100000.
             */
            total: number;
        };
        /** @description How much an agent told and was told. */
        MissionCommsAgent: {
            /** @description Its name. */
            agent: string;
            /**
             * Format: int64
             * @description Messages to it.
             */
            received: number;
            /**
             * Format: int64
             * @description Messages from it.
             */
            sent: number;
        };
        /** @description How much one told another. */
        MissionCommsEdge: {
            /** @description Who told. */
            from_agent: string;
            /**
             * Format: int64
             * @description When the last one came, in seconds since the epoch.
             */
            last_message_at: number;
            /**
             * Format: int64
             * @description How many messages.
             */
            message_count: number;
            /** @description Who was told. */
            to_agent: string;
        };
        /** @description Who told whom. */
        MissionCommsGraph: {
            /** @description Agents, those with the most messages first; at most 500. */
            agentStats: components["schemas"]["MissionCommsAgent"][];
            /** @description Pairs, those with the most messages first; at most 500. */
            edges: components["schemas"]["MissionCommsEdge"][];
        };
        /** @description A message between two. */
        MissionCommsMessage: {
            /** @description The text. */
            content: string;
            /**
             * Format: int64
             * @description When it came, in seconds since the epoch.
             */
            created_at: number;
            /** @description The name of who it is from. */
            from: string;
            /** @description As `from`. */
            from_agent: string;
            /**
             * Format: int64
             * @description Its number, unique in the org.
             */
            id: number;
            /** @description As `content`. */
            message: string;
            /** @description As `type`. */
            message_type: string;
            /**
             * Format: int64
             * @description When it was answered, acknowledged or, for a reply, read; in seconds since the epoch.
             */
            read_at: number | null;
            /** @description The name of who it is to. */
            to: string;
            /** @description As `to`. */
            to_agent: string;
            /** @description What sort of message; `text` when nobody said. */
            type: string;
        };
        /** @description What somebody signs in with. */
        MissionCredentials: {
            /** @description The password. */
            password: string;
            /** @description The user name. */
            username: string;
        };
        /** @description What was deleted. */
        MissionDeleted: {
            /** @description The name of what was deleted. */
            deleted: string;
            /** @description True. */
            success: boolean;
        };
        /** @description A task that is gone. */
        MissionDeletedTask: {
            /**
             * Format: int64
             * @description Its number.
             */
            deleted: number;
            /** @description True. */
            success: boolean;
        };
        /** @description An agent to be entered. */
        MissionEnterAgent: {
            /**
             * @description What is said of it, kept as it is, up to 256 KiB. `model` (a name, or an object with `primary`), `system_prompt`,
             *     `tools`, `sandbox.resources` and `sandbox.pvc_size` take effect.
             */
            config?: {
                [key: string]: unknown;
            } | null;
            /** @description Merged into `config`. */
            gateway_config?: {
                [key: string]: unknown;
            } | null;
            /** @description 1 to 100 characters, unique in the org. */
            name: string;
            /** @description What it does, 1 to 100 characters; required unless a template has one. */
            role?: string | null;
            /** @description What its gateway knows it by: 1 to 200 characters, unique in the org. */
            session_key?: string | null;
            /** @description Its personality and instructions, up to 50000 characters. */
            soul_content?: string | null;
            /** @description Its status, offline unless said otherwise. */
            status?: components["schemas"]["MissionPresence"] | null;
            /** @description A template: what is not given here comes from it, and `config` is merged into its. */
            template?: string | null;
            /** @description Whether it is also written into the gateway's file; the gateway runs it then. */
            write_to_gateway?: boolean | null;
        };
        /** @description An agent that was entered. */
        MissionEnteredAgent: {
            /** @description The agent. */
            agent: components["schemas"]["MissionAgent"];
            /** @description What did not work beside entering it. */
            warning?: string | null;
        };
        /** @description What went wrong. */
        MissionError: {
            /** @description What is wrong with the input, each as `field: problem`. */
            details?: string[] | null;
            /** @description A sentence for people. */
            error: string;
        };
        /** @description An entry of the file and its agent. */
        MissionGatewayEntry: {
            /** @description created, updated, unchanged or conflict. */
            action: components["schemas"]["MissionAction"];
            /**
             * Format: int64
             * @description The agent's number; null while there is none.
             */
            agent: number | null;
            /** @description The id in the file. */
            id: string;
            /** @description The agent's name. */
            name: string;
            /** @description What stands in the way. */
            reason?: string | null;
            /** @description What of the entry could not be taken over. */
            warning?: string | null;
        };
        /** @description What was done, or would be. */
        MissionGatewaySync: {
            /** @description The entries in the file's order. */
            agents: components["schemas"]["MissionGatewayEntry"][];
            /**
             * Format: uint
             * @description How many entries were left alone because something stands in the way.
             */
            conflicts: number;
            /**
             * Format: uint
             * @description How many agents were made.
             */
            created: number;
            /** @description Agents that the file does not list any more; they stay as they are. */
            missing: components["schemas"]["MissionMissingGatewayEntry"][];
            /** @description True when nothing was done yet. */
            preview: boolean;
            /**
             * Format: uint
             * @description How many entries of the file and their agents are in step, or would be.
             */
            synced: number;
            /**
             * Format: uint
             * @description How many agents were changed.
             */
            updated: number;
        };
        /** @description What waits for an agent. */
        MissionHeartbeat: {
            /** @description The agent's name. */
            agent: string;
            /**
             * Format: int64
             * @description When this was read, in seconds since the epoch.
             */
            checked_at: number;
            /** @description Messages that were not acknowledged, the oldest first: at most 100, and 1 MiB of text beyond the first. */
            messages: components["schemas"]["MissionPendingMessage"][];
            /** @description Tasks that are assigned or in progress: the most urgent first, then the oldest; at most 100. */
            pending_tasks: components["schemas"]["MissionPendingTask"][];
            /** @description Whether anything waits. */
            status: components["schemas"]["MissionHeartbeatStatus"];
            /**
             * Format: uint
             * @description How many items there are in all sorts.
             */
            total_items: number;
            /** @description What there is to do, by sort. */
            work_items: components["schemas"]["MissionWorkItems"][];
        };
        /** @description What an agent says with a heartbeat. */
        MissionHeartbeatInput: {
            /**
             * @description The ids of messages that it has taken up, up to 200: no heartbeat shows them again.
             * @default []
             */
            ack?: number[];
            /** @description What it does now, up to 1000 characters. */
            last_activity?: string | null;
            /** @description How it is; it holds until something newer. */
            status?: components["schemas"]["MissionPresence"] | null;
            /** @description What it used since it last said so. */
            token_usage?: components["schemas"]["MissionTokenUsage"] | null;
        };
        /** @description Whether anything waits. */
        MissionHeartbeatStatus: "HEARTBEAT_OK" | "WORK_ITEMS_FOUND";
        /** @description A heartbeat that was taken. */
        MissionHeartbeatTaken: {
            /** @description The agent's name. */
            agent: string;
            /**
             * Format: int64
             * @description When this was read, in seconds since the epoch.
             */
            checked_at: number;
            /** @description Messages that were not acknowledged, the oldest first: at most 100, and 1 MiB of text beyond the first. */
            messages: components["schemas"]["MissionPendingMessage"][];
            /** @description Tasks that are assigned or in progress: the most urgent first, then the oldest; at most 100. */
            pending_tasks: components["schemas"]["MissionPendingTask"][];
            /** @description Whether anything waits. */
            status: components["schemas"]["MissionHeartbeatStatus"];
            /** @description True. */
            success: boolean;
            /** @description Whether token usage was recorded. */
            token_recorded: boolean;
            /**
             * Format: uint
             * @description How many items there are in all sorts.
             */
            total_items: number;
            /** @description What there is to do, by sort. */
            work_items: components["schemas"]["MissionWorkItems"][];
        };
        /** @description A key that was made. */
        MissionMadeAgentKey: {
            /** @description The secret: send it as `x-api-key`, `x-agent-token` or `Authorization: Bearer`. It is not shown again. */
            api_key: string;
            /** @description The key without its secret. */
            key: components["schemas"]["MissionAgentKey"];
        };
        /** @description Who is signed in. */
        MissionMe: {
            /** @description The user, or what the credential stands for. */
            user: components["schemas"]["MissionSignedInUser"];
        };
        /** @description A message to an agent. */
        MissionMessageByName: {
            /** @description The text, up to 1 MiB. */
            content?: string | null;
            /** @description Who sends it: an agent by its number, slug or name, or your own user name. */
            from: string;
            /** @description The text, under another name. */
            message?: string | null;
            /** @description The agent that gets it, by its number, slug or name. */
            to: string;
            /** @description What sort of message, e.g. `notification` or `request`: 1 to 50 characters (text). */
            type?: string | null;
        };
        /** @description The message is stored. */
        MissionMessageSent: {
            /**
             * Format: int64
             * @description Its number, unique in the org.
             */
            id: number;
            /** @description True. */
            success: boolean;
        };
        /** @description An agent of the gateway that the file does not list any more. */
        MissionMissingGatewayEntry: {
            /**
             * Format: int64
             * @description Its number.
             */
            agent: number;
            /** @description The id that it had in the file; null when it is not known. */
            id: string | null;
            /** @description Its name. */
            name: string;
        };
        /** @description A key to be made. */
        MissionNewAgentKey: {
            /**
             * Format: int64
             * @description When it ends, in seconds since the epoch; never when nothing is said.
             */
            expires_at?: number | null;
            /**
             * Format: int64
             * @description In how many days it ends instead, 1 to 3650.
             */
            expires_in_days?: number | null;
            /** @description A name for people, 1 to 100 characters. */
            name: string;
        };
        /** @description What an agent remembers from now on: one of the two, or both. */
        MissionNewAgentMemory: {
            /** @description Puts the text on a new line after what is there instead. */
            append?: boolean | null;
            /** @description Replaces all values. */
            memory?: {
                [key: string]: unknown;
            } | null;
            /** @description Replaces the text that the agent works with; an empty one ends it. */
            working_memory?: string | null;
        };
        /** @description A new soul: one of the two. */
        MissionNewSoul: {
            /** @description The soul, 1 to 50000 characters. */
            soul_content?: string | null;
            /** @description The template whose soul it becomes. */
            template_name?: string | null;
        };
        /** @description A task to be made. */
        MissionNewTask: {
            /** @description The agent that gets it: its number, slug or name. */
            assigned_to?: string | null;
            /** @description More about it, up to 50000 characters. */
            description?: string | null;
            /**
             * Format: int64
             * @description When it should be done, in seconds since the epoch.
             */
            due_date?: number | null;
            /** @description Anything; up to 64 KiB. */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** @description How soon (medium). */
            priority?: components["schemas"]["MissionTaskPriority"] | null;
            /** @description How far it is (inbox, or assigned when an agent gets it). */
            status?: components["schemas"]["MissionTaskStatus"] | null;
            /** @description What is to be done: 1 to 500 characters in one line. */
            title: string;
        };
        /** @description A user to be added. */
        MissionNewUser: {
            /** @description What others see, up to 100 characters. */
            display_name?: string | null;
            /** @description At least 10 characters. */
            password: string;
            /** @description Their role, viewer unless said otherwise; not above the maker's own. */
            role?: components["schemas"]["MissionRole"] | null;
            /** @description 1 to 100 characters without white space, unique in the deployment. */
            username: string;
        };
        /** @description One agent. */
        MissionOneAgent: {
            /** @description The agent. */
            agent: components["schemas"]["MissionAgent"];
        };
        /** @description One template. */
        MissionOneAgentTemplate: {
            /** @description The template. */
            template: components["schemas"]["MissionAgentTemplate"];
        };
        /** @description One task. */
        MissionOneTask: {
            /** @description The task. */
            task: components["schemas"]["MissionTask"];
        };
        /** @description One user. */
        MissionOneUser: {
            /** @description The user. */
            user: components["schemas"]["MissionUser"];
        };
        /** @description The org that a user belongs to. */
        MissionOrgOfUser: {
            /** @description Its slug. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description A message that waits. */
        MissionPendingMessage: {
            /** @description The text. */
            content: string;
            /**
             * Format: int64
             * @description When it came, in seconds since the epoch.
             */
            created_at: number;
            /** @description The name of who it is from. */
            from: string;
            /**
             * Format: int64
             * @description Its number, to acknowledge it by.
             */
            id: number;
            /** @description As `content`. */
            message: string;
            /** @description What sort of message; `text` when nobody said. */
            type: string;
        };
        /** @description A message without its text, which stands under `messages`. */
        MissionPendingMessageHead: {
            /**
             * Format: int64
             * @description When it came, in seconds since the epoch.
             */
            created_at: number;
            /** @description The name of who it is from. */
            from: string;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description What sort of message. */
            type: string;
        };
        /** @description A task that waits. */
        MissionPendingTask: {
            /**
             * Format: int64
             * @description When it should be done, in seconds since the epoch.
             */
            due_date: number | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description How soon. */
            priority: components["schemas"]["MissionTaskPriority"];
            /** @description assigned or in_progress. */
            status: components["schemas"]["MissionTaskStatus"];
            /** @description What is to be done. */
            title: string;
        };
        /** @description Whether an agent is there. */
        MissionPresence: "online" | "idle" | "busy" | "offline" | "error";
        /** @description What kind of caller it is. */
        MissionPrincipalKind: "user" | "key" | "agent" | "system";
        /** @description What an agent is to do next. */
        MissionQueuedTask: {
            /** @description The agent's name. */
            agent: string;
            /** @description Why. */
            reason: components["schemas"]["MissionClaimReason"];
            /** @description The task; null when there is none. */
            task: components["schemas"]["MissionTask"] | null;
            /**
             * Format: int64
             * @description Now, in seconds since the epoch.
             */
            timestamp: number;
        };
        /** @description What an agent says of itself. */
        MissionRegister: {
            /** @description What it can do: at most 100 items of 1 to 100 characters. */
            capabilities?: string[] | null;
            /** @description What it is built with, 1 to 100 characters. */
            framework?: string | null;
            /** @description Its name, 1 to 100 characters; the same name is the same agent. */
            name: string;
            /** @description What it does, 1 to 100 characters (`agent`); one that is known already stays. */
            role?: string | null;
        };
        /** @description An agent that registered. */
        MissionRegisteredAgent: {
            /** @description The agent. */
            agent: components["schemas"]["MissionAgent"];
            /** @description Whether it is new. */
            registered: boolean;
        };
        /** @description What a caller is in their org. */
        MissionRole: "viewer" | "operator" | "admin" | "owner";
        /** @description A session's token. */
        MissionSessionToken: {
            /** @description The token; shown once. */
            token: string;
        };
        /** @description A user, or what another credential stands for. */
        MissionSignedInUser: {
            /** @description What others see; null when none was chosen. Keys and tokens have none. */
            displayName: string | null;
            /** @description Their id. */
            id: string;
            /** @description `key` or `agent` when it is no user. */
            kind?: components["schemas"]["MissionPrincipalKind"] | null;
            /** @description Their org. */
            org: components["schemas"]["MissionOrgOfUser"];
            /** @description Their role. */
            role: components["schemas"]["MissionRole"];
            /** @description What they sign in with; the name of a key or token. */
            username: string;
        };
        /** @description An agent's soul. */
        MissionSoul: {
            /** @description Whose it is. */
            agent: components["schemas"]["MissionWhoseSoul"];
            /** @description The templates that `template_name` may name. */
            available_templates: string[];
            /** @description The soul; null when it has none. */
            soul_content: string | null;
            /** @description Where it comes from: `database`, or `none` when there is none. */
            source: string;
            /**
             * Format: int64
             * @description When what the agent is told to be last changed, in seconds since the epoch.
             */
            updated_at: number;
        };
        /** @description The org at a glance. */
        MissionStatus: {
            /** @description The agents by status. */
            agents: components["schemas"]["MissionAgentCounts"];
            /** @description `ok`: it answers. */
            status: string;
            /**
             * Format: int64
             * @description Now, in seconds since the epoch.
             */
            timestamp: number;
            /** @description The turns of the agents that Muster runs. */
            turns: components["schemas"]["MissionTurnCounts"];
            /** @description The version of the server. */
            version: string;
        };
        /** @description It is done. */
        MissionSuccess: {
            /** @description True. */
            success: boolean;
        };
        /** @description A task. */
        MissionTask: {
            /** @description The name of the agent that has it. */
            assigned_to: string | null;
            /**
             * Format: int64
             * @description When it was made, in seconds since the epoch.
             */
            created_at: number;
            /** @description The name of who made it. */
            created_by: string;
            /** @description More about it. */
            description: string | null;
            /**
             * Format: int64
             * @description When it should be done, in seconds since the epoch.
             */
            due_date: number | null;
            /**
             * Format: int64
             * @description When it was done or failed, in seconds since the epoch.
             */
            finished_at: number | null;
            /**
             * Format: int64
             * @description Its number, unique in the deployment.
             */
            id: number;
            /** @description What was attached. */
            metadata: {
                [key: string]: unknown;
            };
            /** @description How soon it is to be done. */
            priority: components["schemas"]["MissionTaskPriority"];
            /** @description How far it is. */
            status: components["schemas"]["MissionTaskStatus"];
            /** @description What is to be done. */
            title: string;
            /**
             * Format: int64
             * @description When it was last changed, in seconds since the epoch.
             */
            updated_at: number;
        };
        /** @description A page of tasks. */
        MissionTaskList: {
            /**
             * Format: int64
             * @description How many a page has.
             */
            limit: number;
            /**
             * Format: int64
             * @description The number of this page, from 1.
             */
            page: number;
            /** @description The tasks. */
            tasks: components["schemas"]["MissionTask"][];
            /**
             * Format: int64
             * @description How many fit in all.
             */
            total: number;
        };
        /** @description How soon a task is to be done. */
        MissionTaskPriority: "critical" | "high" | "medium" | "low";
        /** @description How many tasks an agent has. */
        MissionTaskStats: {
            /**
             * Format: int64
             * @description Not begun.
             */
            assigned: number;
            /**
             * Format: int64
             * @description Done, under another name.
             */
            completed: number;
            /**
             * Format: int64
             * @description Done.
             */
            done: number;
            /**
             * Format: int64
             * @description Begun.
             */
            in_progress: number;
            /**
             * Format: int64
             * @description Waiting for a last look.
             */
            quality_review: number;
            /**
             * Format: int64
             * @description In all, whatever their status.
             */
            total: number;
        };
        /** @description How far a task has got. */
        MissionTaskStatus: "inbox" | "assigned" | "in_progress" | "review" | "quality_review" | "done" | "failed";
        /** @description An update of a task. Absent fields stay as they are, null clears. */
        MissionTaskUpdate: {
            /** @description The agent that gets it: its number, slug or name; null takes it from whoever has it. */
            assigned_to?: string | null;
            /** @description A new description. */
            description?: string | null;
            /**
             * Format: int64
             * @description When it should be done, in seconds since the epoch.
             */
            due_date?: number | null;
            /** @description Replaces what was attached. */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** @description A new priority. */
            priority?: components["schemas"]["MissionTaskPriority"] | null;
            /** @description How far it is; inbox takes it from its agent. */
            status?: components["schemas"]["MissionTaskStatus"] | null;
            /** @description A new title. */
            title?: string | null;
        };
        /** @description Tokens that an agent used. */
        MissionTokenUsage: {
            /**
             * Format: int64
             * @description Tokens that the model read.
             */
            inputTokens: number;
            /** @description The model, up to 200 characters. */
            model: string;
            /**
             * Format: int64
             * @description Tokens that it wrote.
             */
            outputTokens: number;
            /**
             * Format: int64
             * @description The id of the task that it was for.
             */
            taskId?: number | null;
        };
        /** @description Turns by state. */
        MissionTurnCounts: {
            /**
             * Format: int64
             * @description Those that failed within 24 hours.
             */
            failed: number;
            /**
             * Format: int64
             * @description Those that wait.
             */
            queued: number;
            /**
             * Format: int64
             * @description Those that run.
             */
            running: number;
        };
        /** @description An agent after it was updated. */
        MissionUpdatedAgent: {
            /** @description The agent. */
            agent: components["schemas"]["MissionAgent"];
            /** @description True. */
            success: boolean;
            /** @description What did not work beside updating it. */
            warning?: string | null;
        };
        /** @description A task after it was changed. */
        MissionUpdatedTask: {
            /** @description True. */
            success: boolean;
            /** @description The task. */
            task: components["schemas"]["MissionTask"];
        };
        /** @description A person who may sign in. */
        MissionUser: {
            /**
             * Format: int64
             * @description When they were added, in seconds since the epoch.
             */
            created_at: number;
            /** @description Whether signing in is closed to them. */
            disabled: boolean;
            /** @description What others see; null when none was chosen. */
            display_name: string | null;
            /** @description Their id. */
            id: string;
            /**
             * Format: int64
             * @description When they last signed in, in seconds since the epoch.
             */
            last_login_at: number | null;
            /** @description Their role. */
            role: components["schemas"]["MissionRole"];
            /**
             * Format: int64
             * @description When they were last changed, in seconds since the epoch.
             */
            updated_at: number;
            /** @description What they sign in with. */
            username: string;
        };
        /** @description What to change of a user. */
        MissionUserChange: {
            /** @description Closes or opens signing in. */
            disabled?: boolean | null;
            /** @description A new name; null clears it. */
            display_name?: string | null;
            /** @description Whom. */
            id: string;
            /** @description A new password; all their sessions end. */
            password?: string | null;
            /** @description A new role. */
            role?: components["schemas"]["MissionRole"] | null;
        };
        /** @description A page of the users. */
        MissionUserList: {
            /**
             * Format: int64
             * @description How many a page has.
             */
            limit: number;
            /**
             * Format: int64
             * @description The number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description How many there are in all.
             */
            total: number;
            /** @description The users. */
            users: components["schemas"]["MissionUser"][];
        };
        /** @description Why an agent is woken. */
        MissionWake: {
            /** @description The same, under another name. */
            message?: string | null;
            /** @description What it is told, up to 2000 characters. */
            reason?: string | null;
        };
        /** @description Which key is meant. */
        MissionWhichAgentKey: {
            /** @description The key's id. */
            key_id?: string | null;
        };
        /** @description Which user is meant. */
        MissionWhichUser: {
            /** @description The user's id. */
            id?: string | null;
        };
        /** @description Whose soul it is. */
        MissionWhoseSoul: {
            /**
             * Format: int64
             * @description The agent's number.
             */
            id: number;
            /** @description The agent's name. */
            name: string;
            /** @description What the agent does. */
            role: string | null;
        };
        /** @description How far the wake message has got. */
        MissionWoken: {
            /** @description Whether the agent has it now; otherwise it waits. */
            delivered: boolean;
            /** @description True. */
            success: boolean;
        };
        /** @description The items of one sort. */
        MissionWorkItemList: components["schemas"]["MissionPendingTask"][] | components["schemas"]["MissionPendingMessageHead"][];
        /** @description What there is to do, of one sort. */
        MissionWorkItems: {
            /**
             * Format: uint
             * @description How many.
             */
            count: number;
            /** @description Which. */
            items: components["schemas"]["MissionWorkItemList"];
            /** @description assigned_tasks or messages. */
            type: string;
        };
        /** @description A memory that was written. */
        MissionWrittenMemory: {
            /**
             * Format: int64
             * @description How many bytes all of it takes.
             */
            size: number;
            /** @description True. */
            success: boolean;
            /**
             * Format: int64
             * @description When it was written, in seconds since the epoch.
             */
            updated_at: number;
        };
        /** @description A soul that was written. */
        MissionWrittenSoul: {
            /** @description The soul. */
            soul_content: string;
            /** @description True. */
            success: boolean;
            /**
             * Format: int64
             * @description When it was written, in seconds since the epoch.
             */
            updated_at: number;
        };
        /** @description An agent. */
        NetworkAgent: {
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description Its last sign of life; null when there was none.
             */
            lastSeenAt: string | null;
            /** @description Its name, unique in the org. */
            name: string;
            /** @description How it joined: `sdk`, `host`, `hosted`, `api` or `gateway`. */
            source: string;
            /** @description Whether it can be reached. */
            status: components["schemas"]["NetworkStatus"];
            /** @description The version of the client by which it dials in; of a hosted agent, the version of its definition; else null. */
            version: string | null;
        };
        /** @description Agents, the newest seen first. */
        NetworkAgentList: {
            /** @description A page of them. */
            agents: components["schemas"]["NetworkAgent"][];
            /** @description Where the next page begins; absent after the last one. */
            nextCursor?: string | null;
            /**
             * Format: int64
             * @description How many there are in all that fit `status`.
             */
            total: number;
        };
        /** @description The reply is stored. */
        NetworkAgentReplied: {
            /** @description The reply's id. */
            messageId: string;
        };
        /** @description What came of waiting for a reply. */
        NetworkAwaitedReply: components["schemas"]["NetworkInterruptReply"] | null;
        /** @description A connector. */
        NetworkConnector: {
            /** @description What is in it; empty when nothing is said. */
            description: string;
            /** @description Whether it answers queries. */
            enabled: boolean;
            /** @description Its id. */
            id: string;
            /** @description Its name, unique in the org; it may be used in place of the id. */
            name: string;
            /** @description Its type, e.g. `postgresql`: it decides how a query is written. */
            type: string;
        };
        /** @description What the source answered. */
        NetworkConnectorAnswer: {
            /** @description The columns' names. */
            columns: string[];
            /**
             * Format: uint64
             * @description How long the source took.
             */
            elapsedMs: number;
            /**
             * Format: uint
             * @description How many rows these are.
             */
            rowCount: number;
            /** @description One value per column. Whole numbers beyond 2^53 and decimals are text, bytes are base64, times ISO 8601. */
            rows: unknown[][];
            /** @description Whether more was there than the limits let through. */
            truncated: boolean;
        } | {
            /**
             * Format: uint
             * @description How many these are.
             */
            count: number;
            /**
             * Format: uint64
             * @description How long the source took.
             */
            elapsedMs: number;
            /** @description The documents. */
            items: unknown[];
            /** @description Whether more was there than the limits let through. */
            truncated: boolean;
        };
        /** @description Connectors by name. */
        NetworkConnectorList: {
            /** @description All of them, disabled ones too. */
            connectors: components["schemas"]["NetworkConnector"][];
        };
        /** @description A question to a connector's source; its type says how it is written. */
        NetworkConnectorQuery: {
            /**
             * Format: int64
             * @description The most rows or items, 1 to 10000 (1000).
             */
            limit?: number | null;
            /** @description Named values, e.g. `{"channel": "#general"}`. */
            params?: {
                [key: string]: unknown;
            } | null;
            /** @description SQL, a filter, a search expression. */
            query?: string | null;
            /** @description A table, collection or endpoint, e.g. `devices/list`. */
            resource?: string | null;
            /**
             * Format: int64
             * @description The longest time in milliseconds, 1 to 120000 (30000).
             */
            timeoutMs?: number | null;
        };
        /** @enum {string} */
        NetworkDelivery: "delivered" | "queued";
        /** @description What went wrong. */
        NetworkError: {
            /** @description A sentence that says what to do; it begins with the field's name when the input is wrong. */
            error: string;
        };
        /** @description What is asked of an agent. */
        NetworkInterrupt: {
            /** @description The text that it gets, up to 1 MiB. */
            reason: string;
            /**
             * Format: uint64
             * @description For how many seconds to wait for its reply, up to 60; it is not waited for when nothing is said.
             */
            wait?: number | null;
        };
        /** @description What an agent replied. */
        NetworkInterruptReply: {
            /** @description Its text. */
            content: string;
            /** @description The reply's id. */
            messageId: string;
        };
        /** @description The message is stored. */
        NetworkInterrupted: {
            /** @description Whether the agent has it by now. */
            delivered: boolean;
            /** @description The message's id. */
            messageId: string;
            /** @description Why there will be no reply, when that is known by now. */
            problem?: string | null;
            /** @description What the agent replied, when it was waited for; null when it did not within the time. */
            reply?: components["schemas"]["NetworkAwaitedReply"] | null;
            /** @description `delivered`, or `queued` when it waits until the agent is there. */
            status: components["schemas"]["NetworkDelivery"];
        };
        /** @description What came of it: the form depends on the operation. */
        NetworkMemoryAnswer: components["schemas"]["NetworkMemorySet"] | components["schemas"]["NetworkMemoryValue"] | components["schemas"]["NetworkMemoryDeleted"] | components["schemas"]["NetworkMemoryList"];
        /** @description A key that is forgotten. */
        NetworkMemoryDeleted: {
            /** @description Whether there was a value. */
            deleted: boolean;
            /** @description The key. */
            key: string;
            /** @description True. */
            ok: boolean;
        };
        /** @description Values in the order of their keys. */
        NetworkMemoryList: {
            /** @description A page of them; it ends early with the value that fills 1 MiB. */
            entries: components["schemas"]["NetworkMemoryValue"][];
            /** @description Where the next page begins; absent after the last one. */
            nextCursor?: string | null;
        };
        /** @description An operation on a memory. */
        NetworkMemoryOperation: {
            /** @description Where to go on: the `nextCursor` of the page before; of `list`. */
            cursor?: string | null;
            /**
             * Format: int64
             * @description Set or forget it only if it has this revision; 0 sets it only if it is not there.
             */
            ifRevision?: number | null;
            /** @description The key, 1 to 256 characters; of `set`, `get` and `delete`. */
            key?: string | null;
            /**
             * Format: int64
             * @description How many at the most, 1 to 200 (50); of `list`.
             */
            limit?: number | null;
            /** @description What is to be done. */
            operation: components["schemas"]["NetworkOperation"];
            /** @description Only keys that begin with this; of `list`. */
            prefix?: string | null;
            /** @description Whose memory (tenant). */
            scope?: components["schemas"]["NetworkMemoryScope"] | null;
            /**
             * @description The value, any JSON up to 256 KiB; of `set`.
             * @default null
             */
            value?: unknown;
        };
        /** @description Whose memory. */
        NetworkMemoryScope: "tenant" | "agent";
        /** @description A value that was set. */
        NetworkMemorySet: {
            /** @description Its key. */
            key: string;
            /** @description True. */
            ok: boolean;
            /**
             * Format: int64
             * @description Counts the changes of the key, from 1.
             */
            revision: number;
        };
        /** @description A value that is remembered. */
        NetworkMemoryValue: {
            /** @description Its key. */
            key: string;
            /**
             * Format: int64
             * @description Counts the changes of the key, from 1.
             */
            revision: number;
            /**
             * Format: date-time
             * @description When it was last set.
             */
            updatedAt: string;
            /** @description Any JSON. */
            value: unknown;
        };
        /** @description A message, as the frame `interrupt` shows it. */
        NetworkMessage: {
            /** @description The way it came, e.g. `network` or `agent`. */
            channel: string;
            /** @description The name of who it is from. */
            from: string;
            /** @description The id of the agent, user, key or token that it is from. */
            fromId: string;
            /** @description Its id. */
            messageId: string;
            /** @description The text. */
            reason: string;
            /** @description The agent's own message that it answers. */
            replyTo?: string | null;
            /**
             * Format: date-time
             * @description When it came.
             */
            sentAt: string;
        };
        /** @description What the agent says. */
        NetworkNewAgentReply: {
            /** @description The text, up to 1 MiB. */
            content: string;
        };
        /** @description What is to be done. */
        NetworkOperation: "set" | "get" | "delete" | "list";
        /** @description The org's network in numbers. */
        NetworkStats: {
            /**
             * Format: int64
             * @description Bytes of WebSocket payload both ways since the first start.
             */
            bytesTransferred: number;
            /**
             * Format: int64
             * @description Those that are there.
             */
            onlineAgents: number;
            /**
             * Format: int64
             * @description All agents.
             */
            totalAgents: number;
            /**
             * Format: int64
             * @description Live WebSockets of agents.
             */
            totalConnections: number;
        };
        /** @description Whether an agent can be reached. */
        NetworkStatus: "ONLINE" | "IDLE" | "OFFLINE";
        /** @description Who caused an event. */
        OrgsActor: {
            /** @description The id of the user, key or agent. */
            id: string;
            /** @description user, key, agent or system. */
            kind: string;
            /** @description Their name at the time. */
            name: string;
        };
        /** @description An agent. */
        OrgsAgent: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /** @description A URL-safe slug, immutable. */
            id: string;
            /** @description Branding and contact, e.g. `brandColor`, `contactEmail`, `identityPreamble`. */
            identity: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description Its last sign of life.
             */
            lastSeenAt?: string | null;
            /** @description Whether it takes turns. */
            lifecycle: components["schemas"]["OrgsLifecycle"];
            /**
             * Format: int64
             * @description Messages from and to it.
             */
            messageCount: number;
            /** @description The model that its definition names. */
            model?: string | null;
            /** @description Unique in its org. */
            name: string;
            /**
             * Format: int64
             * @description A number that is unique in the deployment.
             */
            number: number;
            /** @description Its org. */
            orgId: string;
            /**
             * Format: int64
             * @description Output tokens left.
             */
            outputTokenBalance: number;
            /** @description Whether it is there. */
            presence: components["schemas"]["OrgsPresence"];
            /** @description How it joined: `hosted`, `sdk`, `host`, `api` or `gateway`. */
            source: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
            /**
             * Format: int64
             * @description The version of its definition.
             */
            version: number;
        };
        /** @description How many agents there are. */
        OrgsAgentCounts: {
            /** @description By whether they take turns. */
            lifecycle: components["schemas"]["OrgsLifecycleCounts"];
            /** @description By whether they are there. */
            presence: components["schemas"]["OrgsPresenceCounts"];
            /**
             * Format: int64
             * @description All.
             */
            total: number;
        };
        /** @description A page of a list. */
        OrgsAgentList: {
            /** @description The items. */
            data: components["schemas"]["OrgsAgent"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description A token without its secret. */
        OrgsAgentToken: {
            /** @description The agent that it acts as: that of the only machine which has shown it. */
            agentId?: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /**
             * Format: int64
             * @description How many machines have shown it.
             */
            machines: number;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell tokens apart. */
            prefix: string;
        };
        /** @description A page of a list. */
        OrgsAgentTokenList: {
            /** @description The items. */
            data: components["schemas"]["OrgsAgentToken"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description An API key without its secret. */
        OrgsApiKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell keys apart. */
            prefix: string;
            /** @description Its role. */
            role: components["schemas"]["OrgsRole"];
            /** @description The scopes that were chosen; none means all that the role may. */
            scopes: string[];
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description What to change of a key. */
        OrgsApiKeyChange: {
            /** @description A new description; null clears it. */
            description?: string | null;
            /**
             * Format: date-time
             * @description A new end; null makes it last for ever.
             */
            expiresAt?: string | null;
            /** @description A new name, 1 to 100 characters. */
            name?: string | null;
            /** @description A new role. */
            role?: components["schemas"]["OrgsRole"] | null;
            /** @description New scopes in place of all that it has. */
            scopes?: string[] | null;
        };
        /** @description A page of a list. */
        OrgsApiKeyList: {
            /** @description The items. */
            data: components["schemas"]["OrgsApiKey"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description Limits of one turn and of one day. */
        OrgsBudget: {
            /**
             * Format: int64
             * @description The most output tokens within 24 hours.
             */
            max_output_tokens_per_day?: number | null;
            /**
             * Format: int64
             * @description The most output tokens of one turn.
             */
            max_output_tokens_per_turn?: number | null;
            /**
             * Format: int64
             * @description The most tool calls of one turn (50).
             */
            max_tool_calls_per_turn?: number | null;
        };
        /** @description When older messages are replaced by a summary. */
        OrgsCompaction: {
            /** @description On unless it says false. */
            enabled?: boolean | null;
            /** @description What the summary must keep. */
            instructions?: string | null;
            /** @description The model that writes the summary; the agent's own when absent. */
            model?: string | null;
            /**
             * Format: double
             * @description The share of the model's context window that starts it, 0.1 to 0.95 (0.8); above 1 it is a number of tokens.
             */
            threshold_trigger?: number | null;
        };
        /** @description How the turns of an agent run. */
        OrgsConfiguration: {
            /** @description Limits of one turn and of one day. */
            budget?: components["schemas"]["OrgsBudget"] | null;
            /** @description When older messages are replaced by a summary. */
            compaction?: components["schemas"]["OrgsCompaction"] | null;
            /** @description Environment variables of the agent's environment, at most 20. */
            custom_env?: {
                [key: string]: string;
            };
            /** @description MCP servers by name: `{"url", "headers"?, ...}`. */
            mcp_servers?: {
                [key: string]: unknown;
            };
            /** @description How much the agent may remember. */
            memory_config?: components["schemas"]["OrgsMemoryConfig"] | null;
            /** @description `provider/model`, or just a model's name. */
            model?: string | null;
            /** @description What the agent's environment may use. */
            resources?: components["schemas"]["OrgsResources"] | null;
            /**
             * Format: int64
             * @description How long a turn may take, in seconds (3600).
             * @default 3600
             */
            timeout_seconds: number;
            /** @description Which tools its turns are offered; all of them when it says nothing. */
            tools?: components["schemas"]["OrgsToolPolicy"] | null;
            /**
             * Format: int64
             * @description How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
             */
            unread_reminder_interval_ms?: number | null;
            /** @description Where to call when something happened. */
            webhooks?: components["schemas"]["OrgsWebhooks"] | null;
        };
        /** @description A connector. Secrets are shown as `{"redacted": true, "set": true, "updatedAt": ...}`. */
        OrgsConnector: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What is in it. */
            description?: string | null;
            /** @description Whether it answers queries. */
            enabled: boolean;
            /** @description Its id. */
            id: string;
            /** @description Its name, unique in the org; it may be used in place of the id. */
            name: string;
            /** @description Its settings, as the type's schema says. */
            settings: {
                [key: string]: unknown;
            };
            /** @description Its type, e.g. `postgresql`; see the connector types. */
            type: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description What the source answered. */
        OrgsConnectorAnswer: {
            /** @description The columns' names. */
            columns: string[];
            /**
             * Format: uint64
             * @description How long the source took.
             */
            elapsedMs: number;
            /**
             * Format: uint
             * @description How many rows these are.
             */
            rowCount: number;
            /** @description One value per column. Whole numbers beyond 2^53 and decimals are text, bytes are base64, times ISO 8601. */
            rows: unknown[][];
            /** @description Whether more was there than the limits let through. */
            truncated: boolean;
        } | {
            /**
             * Format: uint
             * @description How many these are.
             */
            count: number;
            /**
             * Format: uint64
             * @description How long the source took.
             */
            elapsedMs: number;
            /** @description The documents. */
            items: unknown[];
            /** @description Whether more was there than the limits let through. */
            truncated: boolean;
        };
        /** @description What to change of a connector. */
        OrgsConnectorChange: {
            /** @description A new description; null clears it. */
            description?: string | null;
            /** @description Whether it answers queries. */
            enabled?: boolean | null;
            /** @description A new name. */
            name?: string | null;
            /** @description Settings and secrets to be set; null clears one, and those that are not mentioned stay. */
            settings?: {
                [key: string]: unknown;
            } | null;
            /** @description It cannot be changed; given, it must be the type that the connector has. */
            type?: string | null;
        };
        /** @description An agent that has the connector. */
        OrgsConnectorGrant: {
            /** @description The agent's id. */
            id: string;
            /** @description The agent's name. */
            name: string;
        };
        /** @description A page of a list. */
        OrgsConnectorGrantList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConnectorGrant"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description Who is to have the connector. */
        OrgsConnectorGrants: {
            /** @description The ids of the agents, at most 1000. */
            agents: string[];
        };
        /** @description A page of a list. */
        OrgsConnectorList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConnector"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description A question to a connector's source; its type says how it is written. */
        OrgsConnectorQuery: {
            /**
             * Format: int64
             * @description The most rows or items, 1 to 10000 (1000).
             */
            limit?: number | null;
            /**
             * @description Named values.
             * @default null
             */
            params?: {
                [key: string]: unknown;
            } | null;
            /**
             * @description SQL, a filter, a search expression.
             * @default null
             */
            query?: string | null;
            /**
             * @description A table, collection or endpoint.
             * @default null
             */
            resource?: string | null;
            /**
             * Format: int64
             * @description The longest time in milliseconds, 1 to 120000 (30000).
             */
            timeoutMs?: number | null;
        };
        /** @description Something that can be asked for. */
        OrgsConnectorResource: {
            /** @description What it holds, and what it takes. */
            description: string;
            /** @description What goes into `resource`. */
            name: string;
        };
        /** @description A page of a list. */
        OrgsConnectorResourceList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConnectorResource"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description What came of trying. */
        OrgsConnectorTest: {
            /**
             * Format: uint64
             * @description How long it took.
             */
            elapsedMs: number;
            /** @description What answered, or why nothing did. */
            message: string;
            /** @description Whether the source answered. */
            ok: boolean;
        };
        /** @description A type of connector. */
        OrgsConnectorType: {
            /** @description How `resource`, `query` and `params` are written for it, in Markdown. */
            queryForm: string;
            /** @description The JSON Schema of its settings; `x-order` lists them as a form shows them, secrets have `writeOnly`. */
            settingsSchema: unknown;
            /** @description What it reads. */
            summary: string;
            /** @description The name for people. */
            title: string;
            /** @description The word in `type`. */
            type: string;
        };
        /** @description A page of a list. */
        OrgsConnectorTypeList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConnectorType"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description A conversation of an agent with one counterparty on one channel. */
        OrgsConversation: {
            /** @description The agent. */
            agentId: string;
            /** @description `api`, `discord`, ... */
            channel: string;
            /** @description Whom the agent talks with. */
            counterparty: components["schemas"]["OrgsCounterparty"];
            /**
             * Format: date-time
             * @description When it began.
             */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When the last message came.
             */
            lastMessageAt: string;
            /** @description The beginning of the last message. */
            lastMessagePreview?: string | null;
            /**
             * Format: int64
             * @description Messages in it.
             */
            messageCount: number;
            /** @description What the client that began it calls it; its id when the client chose none. */
            name: string;
            /**
             * Format: int64
             * @description Replies that were not read.
             */
            unreadCount: number;
        };
        /** @description A page of a list. */
        OrgsConversationList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConversation"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description Whom an agent talks with. */
        OrgsCounterparty: {
            /** @description The id of the user, key or agent. */
            id: string;
            /** @description Their name. */
            name: string;
            /** @description `user`, `agent` or `system`. */
            type: string;
        };
        /** @description What an agent is told to be. Secrets are not part of it. */
        OrgsDefinition: {
            /** @description What mission clients say of it. */
            config: {
                [key: string]: unknown;
            };
            /** @description How its turns run. */
            configuration: components["schemas"]["OrgsConfiguration"];
            /** @description Branding and contact. */
            identity: {
                [key: string]: unknown;
            };
            /** @description Voice and tone. */
            personality?: string | null;
            /** @description The workspace's quota. */
            pvcSize?: string | null;
            /** @description What a turn sees of the turns before it. */
            sessionMode: components["schemas"]["OrgsSessionMode"];
            /** @description The agent's own instructions. */
            systemPrompt?: string | null;
            /** @description How they stand to Muster's own. */
            systemPromptType: components["schemas"]["OrgsPromptType"];
            /**
             * Format: int64
             * @description How long the environment stays up when idle, in milliseconds.
             */
            warmthWindowMs?: number | null;
        };
        /** @description One place where two values differ. */
        OrgsDifference: {
            /** @description What is there now; absent when nothing is. */
            after?: unknown;
            /** @description What was there; absent when nothing was. */
            before?: unknown;
            /** @description Where, as a JSON pointer. */
            path: string;
        };
        /** @description What went wrong. */
        OrgsError: {
            /** @description A dot-namespaced code for programs, e.g. `auth.scope_missing`. */
            code: string;
            /** @description The input field that is wrong. */
            field?: string | null;
            /** @description A sentence for people that says what to do. */
            message: string;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            statusCode: number;
        };
        /** @description Something that happened. */
        OrgsEvent: {
            /** @description Who caused it. */
            actor: components["schemas"]["OrgsActor"];
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description More about it. */
            data: {
                [key: string]: unknown;
            };
            /** @description The hash over this event and the one before. */
            hash: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description Its place in the org's log, from 1.
             */
            seq: number;
            /** @description What it happened to, usually an id. */
            subject: string;
            /** @description What happened, e.g. `agent.created`. */
            type: string;
        };
        /** @description Events; read on with `after` or `before`. */
        OrgsEventList: {
            /** @description The events. */
            data: components["schemas"]["OrgsEvent"][];
        };
        /** @description Messages of one hour. */
        OrgsHour: {
            /**
             * Format: date-time
             * @description When the hour begins.
             */
            hour: string;
            /**
             * Format: int64
             * @description Messages to agents.
             */
            received: number;
            /**
             * Format: int64
             * @description Replies.
             */
            sent: number;
        };
        /** @description Whether a hosted agent takes turns. */
        OrgsLifecycle: "active" | "paused" | "stopped" | "error";
        /** @description Agents by lifecycle. */
        OrgsLifecycleCounts: {
            /**
             * Format: int64
             * @description Take turns.
             */
            active: number;
            /**
             * Format: int64
             * @description Need a person.
             */
            error: number;
            /**
             * Format: int64
             * @description Keep messages waiting.
             */
            paused: number;
            /**
             * Format: int64
             * @description Refuse messages.
             */
            stopped: number;
        };
        /** @description The live link of an agent. */
        OrgsLink: {
            /** @description The agent. */
            agentId: string;
            /**
             * Format: uint64
             * @description Bytes of payload that came.
             */
            bytesIn: number;
            /**
             * Format: uint64
             * @description Bytes of payload that went.
             */
            bytesOut: number;
            /**
             * Format: date-time
             * @description When something other than a heartbeat last came or went.
             */
            lastActivityAt: string;
            /** @description The machine that it is on. */
            machineId: string;
            /** @description Its name. */
            name: string;
            /** @description The node that it is linked to. */
            node: string;
            /** @description How the agent is. */
            presence: components["schemas"]["OrgsPresence"];
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
            /** @description The version of its client, if it said one. */
            version: string | null;
        };
        /** @description A page of a list. */
        OrgsLinkList: {
            /** @description The items. */
            data: components["schemas"]["OrgsLink"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description A token that was just made. */
        OrgsMadeAgentToken: {
            /** @description The agent that it acts as: that of the only machine which has shown it. */
            agentId?: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /**
             * Format: int64
             * @description How many machines have shown it.
             */
            machines: number;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell tokens apart. */
            prefix: string;
            /** @description The secret; only its hash is kept. */
            secret: string;
        };
        /** @description A key that was just made. */
        OrgsMadeKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description The secret; only its hash is kept. */
            key: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell keys apart. */
            prefix: string;
            /** @description Its role. */
            role: components["schemas"]["OrgsRole"];
            /** @description The scopes that were chosen; none means all that the role may. */
            scopes: string[];
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description How much an agent may remember. */
        OrgsMemoryConfig: {
            /**
             * Format: int64
             * @description The most that all values may take together, 1 to 1024 MB.
             */
            max_size_mb?: number | null;
            /** @description False forgets with the conversation: nothing can be set. */
            persistence?: boolean | null;
            /** @description `key_value` (default) or `none`: no memory tools and nothing recalled. */
            type?: string | null;
        };
        /** @description A token to be made. */
        OrgsNewAgentToken: {
            /**
             * Format: date-time
             * @description When it ends; never when absent.
             */
            expiresAt?: string | null;
            /** @description What it is for, 1 to 100 characters. */
            name: string;
        };
        /** @description A key to be made. */
        OrgsNewApiKey: {
            /** @description What it is for, up to 500 characters. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends; never when absent.
             */
            expiresAt?: string | null;
            /** @description 1 to 100 characters. */
            name: string;
            /** @description Its role, operator unless said otherwise; not above the maker's own. */
            role?: components["schemas"]["OrgsRole"] | null;
            /**
             * @description Its scopes, e.g. `agents:read`; none means all that the role may.
             * @default []
             */
            scopes?: string[];
        };
        /** @description A connector to be set up. */
        OrgsNewConnector: {
            /** @description What is in it, up to 1000 characters: agents are told so. */
            description?: string | null;
            /** @description Whether it answers queries (true). */
            enabled?: boolean | null;
            /** @description 1 to 100 characters, unique in the org. */
            name: string;
            /**
             * @description Its settings and secrets, as the type's schema says.
             * @default {}
             */
            settings?: {
                [key: string]: unknown;
            };
            /** @description Its type, e.g. `postgresql`; see the connector types. */
            type: string;
        };
        /** @description A user to be added. */
        OrgsNewUser: {
            /** @description What others see, up to 100 characters. */
            displayName?: string | null;
            /** @description At least 10 characters. */
            password: string;
            /** @description Their role, viewer unless said otherwise; not above the maker's own. */
            role?: components["schemas"]["OrgsRole"] | null;
            /** @description 1 to 100 characters without white space, unique in the deployment. */
            username: string;
        };
        /** @description The order of events. */
        OrgsOrder: "asc" | "desc";
        /** @description An org. */
        OrgsOrg: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is. */
            description?: string | null;
            /** @description What is switched on, e.g. `hosting`. */
            features: string[];
            /** @description Its slug. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description What it has bought: nothing, since it hosts itself. */
            products: string[];
            /** @description An IANA time zone, e.g. `Europe/Paris`. */
            timeZone?: string | null;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description What to change of the org; anything else is refused. */
        OrgsOrgChange: {
            /** @description A new description, up to 500 characters; null clears it. */
            description?: string | null;
            /** @description A new name, 1 to 100 characters. */
            name?: string | null;
            /** @description An IANA time zone; null clears it. */
            timeZone?: string | null;
        };
        /** @description An org at a glance. */
        OrgsOverview: {
            /** @description Its agents. */
            agents: components["schemas"]["OrgsAgentCounts"];
            /** @description Messages of each of the last 24 hours, oldest first. */
            messagesPerHour: components["schemas"]["OrgsHour"][];
            /** @description The model providers that agents can use; `offline` when none is configured. */
            models: string[];
            /**
             * Format: int64
             * @description Output tokens of turns that ended within 24 hours, and of what agents elsewhere reported in them.
             */
            outputTokens24h: number;
            /** @description Their turns. */
            turns: components["schemas"]["OrgsTurnCounts"];
        };
        /** @description Whether an agent is there. */
        OrgsPresence: "online" | "idle" | "busy" | "offline" | "error";
        /** @description Agents by presence. */
        OrgsPresenceCounts: {
            /**
             * Format: int64
             * @description At work.
             */
            busy: number;
            /**
             * Format: int64
             * @description In trouble.
             */
            error: number;
            /**
             * Format: int64
             * @description There, and nothing happened for a while.
             */
            idle: number;
            /**
             * Format: int64
             * @description Not there.
             */
            offline: number;
            /**
             * Format: int64
             * @description There.
             */
            online: number;
        };
        /** @description What the model was told first. */
        OrgsPrompt: {
            /** @description The conversation that it was shown, oldest first. */
            messages: components["schemas"]["OrgsPromptMessage"][];
            /** @description The instructions. */
            system: string;
        };
        /** @description A message of a prompt. */
        OrgsPromptMessage: {
            /** @description The text. */
            content: string;
            /** @description `user` or `assistant`. */
            role: string;
        };
        /** @description How the agent's instructions stand to Muster's own. */
        OrgsPromptType: "append" | "replace";
        /** @description What the agent's environment may use, as Kubernetes writes it. */
        OrgsResources: {
            /** @description e.g. `500m` or `2`. */
            cpu?: string | null;
            /** @description e.g. `512Mi`. */
            memory?: string | null;
        };
        /** @description What a caller is in their org. */
        OrgsRole: "viewer" | "operator" | "admin" | "owner";
        /** @description What a turn sees of the turns before it. */
        OrgsSessionMode: "ephemeral" | "persistent";
        /** @description By what agents are sorted. */
        OrgsSortBy: "name" | "created" | "updated";
        /** @description How far a turn has got. */
        OrgsState: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        /** @description How far a message has got. */
        OrgsStatus: "pending" | "processing" | "completed" | "failed" | "cancelled";
        /** @description What sort of step it is. */
        OrgsStepKind: "model" | "tool" | "compaction";
        /** @description Tokens of one model call. */
        OrgsStepUsage: {
            /**
             * Format: int64
             * @description Tokens of the prompt that the provider had cached.
             */
            cachedInputTokens: number;
            /**
             * Format: int64
             * @description Tokens of the prompt, cached ones included.
             */
            inputTokens: number;
            /**
             * Format: int64
             * @description Tokens of the answer.
             */
            outputTokens: number;
        };
        /** @description Which tools turns are offered, by name; a final `*` stands for anything that follows. */
        OrgsToolPolicy: {
            /** @description Only these; all when it is absent. */
            allow?: string[] | null;
            /** @description Never these. */
            deny?: string[] | null;
        };
        /** @description A turn in full. */
        OrgsTurn: {
            /** @description The agent. */
            agentId: string;
            /**
             * Format: int64
             * @description How often it was taken up.
             */
            attempt: number;
            /** @description The conversation. */
            conversationId: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: int64
             * @description The version of the agent's definition that it runs under; null until it has begun.
             */
            definitionVersion: number | null;
            /** @description Why it gave no reply. */
            error?: components["schemas"]["OrgsTurnError"] | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description The messages that it took up. */
            messages: components["schemas"]["OrgsTurnMessage"][];
            /** @description `provider/model`, once one was called. */
            model?: string | null;
            /** @description What the model was told first. */
            prompt?: components["schemas"]["OrgsPrompt"] | null;
            /** @description The reply. */
            reply?: components["schemas"]["OrgsTurnMessage"] | null;
            /**
             * Format: date-time
             * @description When it was first taken up.
             */
            startedAt?: string | null;
            /** @description How far it has got. */
            state: components["schemas"]["OrgsState"];
            /** @description Its steps in their order. */
            steps: components["schemas"]["OrgsTurnStep"][];
            /** @description What it used. */
            usage: components["schemas"]["OrgsTurnUsage"];
        };
        /** @description How many turns there are. */
        OrgsTurnCounts: {
            /**
             * Format: int64
             * @description Failed within 24 hours.
             */
            failed24h: number;
            /**
             * Format: int64
             * @description Waiting.
             */
            queued: number;
            /**
             * Format: int64
             * @description Being worked on.
             */
            running: number;
        };
        /** @description Why a turn gave no reply. */
        OrgsTurnError: {
            /** @description Upper snake case, e.g. `MODEL_ERROR`. */
            code: string;
            /** @description A sentence for people. */
            message: string;
        };
        /** @description A message of a turn. */
        OrgsTurnMessage: {
            /** @description The text. */
            content: string;
            /**
             * Format: date-time
             * @description When it came.
             */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /** @description `user` or `assistant`. */
            role: string;
            /** @description How far it has got. */
            status: components["schemas"]["OrgsStatus"];
        };
        /** @description A step of a turn. */
        OrgsTurnStep: {
            /**
             * Format: int64
             * @description How often it was begun.
             */
            attempts: number;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            durationMs?: number | null;
            /** @description Why it failed. */
            error?: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /**
             * Format: int64
             * @description Its place in the turn, from 0.
             */
            index: number;
            /** @description What it was given. */
            input: unknown;
            /** @description What sort. */
            kind: components["schemas"]["OrgsStepKind"];
            /** @description The model's or tool's name. */
            name: string;
            /** @description What it gave; null until it is done. */
            output: unknown;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /** @description `running`, `done` or `failed`. */
            state: string;
            /** @description Tokens, for model calls. */
            usage?: components["schemas"]["OrgsStepUsage"] | null;
        };
        /** @description A turn in brief. */
        OrgsTurnSummary: {
            /** @description The agent. */
            agentId: string;
            /**
             * Format: int64
             * @description How often it was taken up.
             */
            attempt: number;
            /** @description The conversation. */
            conversationId: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: int64
             * @description The version of the agent's definition that it runs under; null until it has begun.
             */
            definitionVersion: number | null;
            /** @description Why it gave no reply. */
            error?: components["schemas"]["OrgsTurnError"] | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description `provider/model`, once one was called. */
            model?: string | null;
            /**
             * Format: date-time
             * @description When it was first taken up.
             */
            startedAt?: string | null;
            /** @description How far it has got. */
            state: components["schemas"]["OrgsState"];
            /** @description What it used. */
            usage: components["schemas"]["OrgsTurnUsage"];
        };
        /** @description A page of a list. */
        OrgsTurnSummaryList: {
            /** @description The items. */
            data: components["schemas"]["OrgsTurnSummary"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description What a turn used. */
        OrgsTurnUsage: {
            /**
             * Format: int64
             * @description Tokens of the prompts that the provider had cached.
             */
            cachedInputTokens: number;
            /**
             * Format: double
             * @description What it cost in US dollars, when the price is known.
             */
            costUsd?: number | null;
            /**
             * Format: int64
             * @description Tokens of the prompts, cached ones included.
             */
            inputTokens: number;
            /**
             * Format: int64
             * @description Milliseconds within model calls.
             */
            modelMs: number;
            /**
             * Format: int64
             * @description Tokens of the answers.
             */
            outputTokens: number;
        };
        /** @description A person who may sign in. */
        OrgsUser: {
            /**
             * Format: date-time
             * @description When they were added.
             */
            createdAt: string;
            /** @description Whether signing in is closed to them. */
            disabled: boolean;
            /** @description What others see. */
            displayName?: string | null;
            /** @description Their id. */
            id: string;
            /**
             * Format: date-time
             * @description When they last signed in.
             */
            lastLoginAt?: string | null;
            /** @description Their role. */
            role: components["schemas"]["OrgsRole"];
            /**
             * Format: date-time
             * @description When they were last changed.
             */
            updatedAt: string;
            /** @description What they sign in with. */
            username: string;
        };
        /** @description What to change of a user. */
        OrgsUserChange: {
            /** @description Closes or opens signing in. */
            disabled?: boolean | null;
            /** @description A new name; null clears it. */
            displayName?: string | null;
            /** @description A new password; all their sessions end. */
            password?: string | null;
            /** @description A new role. */
            role?: components["schemas"]["OrgsRole"] | null;
        };
        /** @description A page of a list. */
        OrgsUserList: {
            /** @description The items. */
            data: components["schemas"]["OrgsUser"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description What a check of the chain found. */
        OrgsVerification: {
            /**
             * Format: int64
             * @description The first event whose hash does not fit.
             */
            brokenAt?: number | null;
            /**
             * Format: int64
             * @description How many events were checked.
             */
            checked: number;
            /** @description The hash of the newest event: note it elsewhere to prove later that nothing before it was changed. */
            head: string;
            /** @description Whether every event is as it was written. */
            intact: boolean;
        };
        /** @description A version of what an agent is told to be. */
        OrgsVersion: {
            /** @description Who made it. */
            actor: components["schemas"]["OrgsActor"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What is other than in the version before; absent where that is not known. */
            fields?: string[] | null;
            /**
             * Format: int64
             * @description The version that it brought back.
             */
            restored?: number | null;
            /**
             * Format: int64
             * @description Counts from 1.
             */
            version: number;
        };
        /** @description A page of a list. */
        OrgsVersionList: {
            /** @description The items. */
            data: components["schemas"]["OrgsVersion"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description Where to call when something happened. */
        OrgsWebhooks: {
            /** @description When the agent goes into error. */
            agent_error?: string | null;
            /** @description After a reply. */
            message_complete?: string | null;
            /** @description After a failed turn. */
            message_failed?: string | null;
        };
        /** @description A version with what it says. */
        OrgsWholeVersion: {
            /** @description Who made it. */
            actor: components["schemas"]["OrgsActor"];
            /** @description What it says. */
            body: components["schemas"]["OrgsDefinition"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What is different from the version in `against`, which comes before it here whatever its number. */
            diff?: components["schemas"]["OrgsDifference"][] | null;
            /** @description What is other than in the version before; absent where that is not known. */
            fields?: string[] | null;
            /**
             * Format: int64
             * @description The version that it brought back.
             */
            restored?: number | null;
            /**
             * Format: int64
             * @description Counts from 1.
             */
            version: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type HostingAgentBalance = components['schemas']['HostingAgentBalance'];
export type HostingAgentList = components['schemas']['HostingAgentList'];
export type HostingAgentReadiness = components['schemas']['HostingAgentReadiness'];
export type HostingAgentStatus = components['schemas']['HostingAgentStatus'];
export type HostingAgentSummary = components['schemas']['HostingAgentSummary'];
export type HostingBalanceType = components['schemas']['HostingBalanceType'];
export type HostingBudget = components['schemas']['HostingBudget'];
export type HostingChangeBalance = components['schemas']['HostingChangeBalance'];
export type HostingCompaction = components['schemas']['HostingCompaction'];
export type HostingConfiguration = components['schemas']['HostingConfiguration'];
export type HostingConfigurationInput = components['schemas']['HostingConfigurationInput'];
export type HostingConversationMessage = components['schemas']['HostingConversationMessage'];
export type HostingCounterparty = components['schemas']['HostingCounterparty'];
export type HostingCreateAgent = components['schemas']['HostingCreateAgent'];
export type HostingCursorPagination = components['schemas']['HostingCursorPagination'];
export type HostingDeleteAgent = components['schemas']['HostingDeleteAgent'];
export type HostingDone = components['schemas']['HostingDone'];
export type HostingError = components['schemas']['HostingError'];
export type HostingErrorDetails = components['schemas']['HostingErrorDetails'];
export type HostingErrorInner = components['schemas']['HostingErrorInner'];
export type HostingErrorMeta = components['schemas']['HostingErrorMeta'];
export type HostingFileChange = components['schemas']['HostingFileChange'];
export type HostingFileOperation = components['schemas']['HostingFileOperation'];
export type HostingFilesystemSummary = components['schemas']['HostingFilesystemSummary'];
export type HostingHostedAgent = components['schemas']['HostingHostedAgent'];
export type HostingHostedConversation = components['schemas']['HostingHostedConversation'];
export type HostingHostedConversations = components['schemas']['HostingHostedConversations'];
export type HostingHostedMessage = components['schemas']['HostingHostedMessage'];
export type HostingInitialFile = components['schemas']['HostingInitialFile'];
export type HostingLifecycle = components['schemas']['HostingLifecycle'];
export type HostingListedAgent = components['schemas']['HostingListedAgent'];
export type HostingMcpServerView = components['schemas']['HostingMcpServerView'];
export type HostingMemoryConfig = components['schemas']['HostingMemoryConfig'];
export type HostingMessageList = components['schemas']['HostingMessageList'];
export type HostingPagination = components['schemas']['HostingPagination'];
export type HostingPromptType = components['schemas']['HostingPromptType'];
export type HostingQueueMode = components['schemas']['HostingQueueMode'];
export type HostingResources = components['schemas']['HostingResources'];
export type HostingSendMessage = components['schemas']['HostingSendMessage'];
export type HostingSentMessage = components['schemas']['HostingSentMessage'];
export type HostingSessionMode = components['schemas']['HostingSessionMode'];
export type HostingSetAgentStatus = components['schemas']['HostingSetAgentStatus'];
export type HostingSlackTokens = components['schemas']['HostingSlackTokens'];
export type HostingStatus = components['schemas']['HostingStatus'];
export type HostingToolPolicy = components['schemas']['HostingToolPolicy'];
export type HostingUpdateAgent = components['schemas']['HostingUpdateAgent'];
export type HostingWebhooks = components['schemas']['HostingWebhooks'];
export type MissionAction = components['schemas']['MissionAction'];
export type MissionAgent = components['schemas']['MissionAgent'];
export type MissionAgentCounts = components['schemas']['MissionAgentCounts'];
export type MissionAgentKey = components['schemas']['MissionAgentKey'];
export type MissionAgentKeyList = components['schemas']['MissionAgentKeyList'];
export type MissionAgentList = components['schemas']['MissionAgentList'];
export type MissionAgentMemory = components['schemas']['MissionAgentMemory'];
export type MissionAgentTemplate = components['schemas']['MissionAgentTemplate'];
export type MissionAgentTemplateList = components['schemas']['MissionAgentTemplateList'];
export type MissionAgentUpdate = components['schemas']['MissionAgentUpdate'];
export type MissionAgentUpdateByName = components['schemas']['MissionAgentUpdateByName'];
export type MissionChangedUser = components['schemas']['MissionChangedUser'];
export type MissionClaimReason = components['schemas']['MissionClaimReason'];
export type MissionComms = components['schemas']['MissionComms'];
export type MissionCommsAgent = components['schemas']['MissionCommsAgent'];
export type MissionCommsEdge = components['schemas']['MissionCommsEdge'];
export type MissionCommsGraph = components['schemas']['MissionCommsGraph'];
export type MissionCommsMessage = components['schemas']['MissionCommsMessage'];
export type MissionCredentials = components['schemas']['MissionCredentials'];
export type MissionDeleted = components['schemas']['MissionDeleted'];
export type MissionDeletedTask = components['schemas']['MissionDeletedTask'];
export type MissionEnterAgent = components['schemas']['MissionEnterAgent'];
export type MissionEnteredAgent = components['schemas']['MissionEnteredAgent'];
export type MissionError = components['schemas']['MissionError'];
export type MissionGatewayEntry = components['schemas']['MissionGatewayEntry'];
export type MissionGatewaySync = components['schemas']['MissionGatewaySync'];
export type MissionHeartbeat = components['schemas']['MissionHeartbeat'];
export type MissionHeartbeatInput = components['schemas']['MissionHeartbeatInput'];
export type MissionHeartbeatStatus = components['schemas']['MissionHeartbeatStatus'];
export type MissionHeartbeatTaken = components['schemas']['MissionHeartbeatTaken'];
export type MissionMadeAgentKey = components['schemas']['MissionMadeAgentKey'];
export type MissionMe = components['schemas']['MissionMe'];
export type MissionMessageByName = components['schemas']['MissionMessageByName'];
export type MissionMessageSent = components['schemas']['MissionMessageSent'];
export type MissionMissingGatewayEntry = components['schemas']['MissionMissingGatewayEntry'];
export type MissionNewAgentKey = components['schemas']['MissionNewAgentKey'];
export type MissionNewAgentMemory = components['schemas']['MissionNewAgentMemory'];
export type MissionNewSoul = components['schemas']['MissionNewSoul'];
export type MissionNewTask = components['schemas']['MissionNewTask'];
export type MissionNewUser = components['schemas']['MissionNewUser'];
export type MissionOneAgent = components['schemas']['MissionOneAgent'];
export type MissionOneAgentTemplate = components['schemas']['MissionOneAgentTemplate'];
export type MissionOneTask = components['schemas']['MissionOneTask'];
export type MissionOneUser = components['schemas']['MissionOneUser'];
export type MissionOrgOfUser = components['schemas']['MissionOrgOfUser'];
export type MissionPendingMessage = components['schemas']['MissionPendingMessage'];
export type MissionPendingMessageHead = components['schemas']['MissionPendingMessageHead'];
export type MissionPendingTask = components['schemas']['MissionPendingTask'];
export type MissionPresence = components['schemas']['MissionPresence'];
export type MissionPrincipalKind = components['schemas']['MissionPrincipalKind'];
export type MissionQueuedTask = components['schemas']['MissionQueuedTask'];
export type MissionRegister = components['schemas']['MissionRegister'];
export type MissionRegisteredAgent = components['schemas']['MissionRegisteredAgent'];
export type MissionRole = components['schemas']['MissionRole'];
export type MissionSessionToken = components['schemas']['MissionSessionToken'];
export type MissionSignedInUser = components['schemas']['MissionSignedInUser'];
export type MissionSoul = components['schemas']['MissionSoul'];
export type MissionStatus = components['schemas']['MissionStatus'];
export type MissionSuccess = components['schemas']['MissionSuccess'];
export type MissionTask = components['schemas']['MissionTask'];
export type MissionTaskList = components['schemas']['MissionTaskList'];
export type MissionTaskPriority = components['schemas']['MissionTaskPriority'];
export type MissionTaskStats = components['schemas']['MissionTaskStats'];
export type MissionTaskStatus = components['schemas']['MissionTaskStatus'];
export type MissionTaskUpdate = components['schemas']['MissionTaskUpdate'];
export type MissionTokenUsage = components['schemas']['MissionTokenUsage'];
export type MissionTurnCounts = components['schemas']['MissionTurnCounts'];
export type MissionUpdatedAgent = components['schemas']['MissionUpdatedAgent'];
export type MissionUpdatedTask = components['schemas']['MissionUpdatedTask'];
export type MissionUser = components['schemas']['MissionUser'];
export type MissionUserChange = components['schemas']['MissionUserChange'];
export type MissionUserList = components['schemas']['MissionUserList'];
export type MissionWake = components['schemas']['MissionWake'];
export type MissionWhichAgentKey = components['schemas']['MissionWhichAgentKey'];
export type MissionWhichUser = components['schemas']['MissionWhichUser'];
export type MissionWhoseSoul = components['schemas']['MissionWhoseSoul'];
export type MissionWoken = components['schemas']['MissionWoken'];
export type MissionWorkItemList = components['schemas']['MissionWorkItemList'];
export type MissionWorkItems = components['schemas']['MissionWorkItems'];
export type MissionWrittenMemory = components['schemas']['MissionWrittenMemory'];
export type MissionWrittenSoul = components['schemas']['MissionWrittenSoul'];
export type NetworkAgent = components['schemas']['NetworkAgent'];
export type NetworkAgentList = components['schemas']['NetworkAgentList'];
export type NetworkAgentReplied = components['schemas']['NetworkAgentReplied'];
export type NetworkAwaitedReply = components['schemas']['NetworkAwaitedReply'];
export type NetworkConnector = components['schemas']['NetworkConnector'];
export type NetworkConnectorAnswer = components['schemas']['NetworkConnectorAnswer'];
export type NetworkConnectorList = components['schemas']['NetworkConnectorList'];
export type NetworkConnectorQuery = components['schemas']['NetworkConnectorQuery'];
export type NetworkDelivery = components['schemas']['NetworkDelivery'];
export type NetworkError = components['schemas']['NetworkError'];
export type NetworkInterrupt = components['schemas']['NetworkInterrupt'];
export type NetworkInterruptReply = components['schemas']['NetworkInterruptReply'];
export type NetworkInterrupted = components['schemas']['NetworkInterrupted'];
export type NetworkMemoryAnswer = components['schemas']['NetworkMemoryAnswer'];
export type NetworkMemoryDeleted = components['schemas']['NetworkMemoryDeleted'];
export type NetworkMemoryList = components['schemas']['NetworkMemoryList'];
export type NetworkMemoryOperation = components['schemas']['NetworkMemoryOperation'];
export type NetworkMemoryScope = components['schemas']['NetworkMemoryScope'];
export type NetworkMemorySet = components['schemas']['NetworkMemorySet'];
export type NetworkMemoryValue = components['schemas']['NetworkMemoryValue'];
export type NetworkMessage = components['schemas']['NetworkMessage'];
export type NetworkNewAgentReply = components['schemas']['NetworkNewAgentReply'];
export type NetworkOperation = components['schemas']['NetworkOperation'];
export type NetworkStats = components['schemas']['NetworkStats'];
export type NetworkStatus = components['schemas']['NetworkStatus'];
export type OrgsActor = components['schemas']['OrgsActor'];
export type OrgsAgent = components['schemas']['OrgsAgent'];
export type OrgsAgentCounts = components['schemas']['OrgsAgentCounts'];
export type OrgsAgentList = components['schemas']['OrgsAgentList'];
export type OrgsAgentToken = components['schemas']['OrgsAgentToken'];
export type OrgsAgentTokenList = components['schemas']['OrgsAgentTokenList'];
export type OrgsApiKey = components['schemas']['OrgsApiKey'];
export type OrgsApiKeyChange = components['schemas']['OrgsApiKeyChange'];
export type OrgsApiKeyList = components['schemas']['OrgsApiKeyList'];
export type OrgsBudget = components['schemas']['OrgsBudget'];
export type OrgsCompaction = components['schemas']['OrgsCompaction'];
export type OrgsConfiguration = components['schemas']['OrgsConfiguration'];
export type OrgsConnector = components['schemas']['OrgsConnector'];
export type OrgsConnectorAnswer = components['schemas']['OrgsConnectorAnswer'];
export type OrgsConnectorChange = components['schemas']['OrgsConnectorChange'];
export type OrgsConnectorGrant = components['schemas']['OrgsConnectorGrant'];
export type OrgsConnectorGrantList = components['schemas']['OrgsConnectorGrantList'];
export type OrgsConnectorGrants = components['schemas']['OrgsConnectorGrants'];
export type OrgsConnectorList = components['schemas']['OrgsConnectorList'];
export type OrgsConnectorQuery = components['schemas']['OrgsConnectorQuery'];
export type OrgsConnectorResource = components['schemas']['OrgsConnectorResource'];
export type OrgsConnectorResourceList = components['schemas']['OrgsConnectorResourceList'];
export type OrgsConnectorTest = components['schemas']['OrgsConnectorTest'];
export type OrgsConnectorType = components['schemas']['OrgsConnectorType'];
export type OrgsConnectorTypeList = components['schemas']['OrgsConnectorTypeList'];
export type OrgsConversation = components['schemas']['OrgsConversation'];
export type OrgsConversationList = components['schemas']['OrgsConversationList'];
export type OrgsCounterparty = components['schemas']['OrgsCounterparty'];
export type OrgsDefinition = components['schemas']['OrgsDefinition'];
export type OrgsDifference = components['schemas']['OrgsDifference'];
export type OrgsError = components['schemas']['OrgsError'];
export type OrgsEvent = components['schemas']['OrgsEvent'];
export type OrgsEventList = components['schemas']['OrgsEventList'];
export type OrgsHour = components['schemas']['OrgsHour'];
export type OrgsLifecycle = components['schemas']['OrgsLifecycle'];
export type OrgsLifecycleCounts = components['schemas']['OrgsLifecycleCounts'];
export type OrgsLink = components['schemas']['OrgsLink'];
export type OrgsLinkList = components['schemas']['OrgsLinkList'];
export type OrgsMadeAgentToken = components['schemas']['OrgsMadeAgentToken'];
export type OrgsMadeKey = components['schemas']['OrgsMadeKey'];
export type OrgsMemoryConfig = components['schemas']['OrgsMemoryConfig'];
export type OrgsNewAgentToken = components['schemas']['OrgsNewAgentToken'];
export type OrgsNewApiKey = components['schemas']['OrgsNewApiKey'];
export type OrgsNewConnector = components['schemas']['OrgsNewConnector'];
export type OrgsNewUser = components['schemas']['OrgsNewUser'];
export type OrgsOrder = components['schemas']['OrgsOrder'];
export type OrgsOrg = components['schemas']['OrgsOrg'];
export type OrgsOrgChange = components['schemas']['OrgsOrgChange'];
export type OrgsOverview = components['schemas']['OrgsOverview'];
export type OrgsPresence = components['schemas']['OrgsPresence'];
export type OrgsPresenceCounts = components['schemas']['OrgsPresenceCounts'];
export type OrgsPrompt = components['schemas']['OrgsPrompt'];
export type OrgsPromptMessage = components['schemas']['OrgsPromptMessage'];
export type OrgsPromptType = components['schemas']['OrgsPromptType'];
export type OrgsResources = components['schemas']['OrgsResources'];
export type OrgsRole = components['schemas']['OrgsRole'];
export type OrgsSessionMode = components['schemas']['OrgsSessionMode'];
export type OrgsSortBy = components['schemas']['OrgsSortBy'];
export type OrgsState = components['schemas']['OrgsState'];
export type OrgsStatus = components['schemas']['OrgsStatus'];
export type OrgsStepKind = components['schemas']['OrgsStepKind'];
export type OrgsStepUsage = components['schemas']['OrgsStepUsage'];
export type OrgsToolPolicy = components['schemas']['OrgsToolPolicy'];
export type OrgsTurn = components['schemas']['OrgsTurn'];
export type OrgsTurnCounts = components['schemas']['OrgsTurnCounts'];
export type OrgsTurnError = components['schemas']['OrgsTurnError'];
export type OrgsTurnMessage = components['schemas']['OrgsTurnMessage'];
export type OrgsTurnStep = components['schemas']['OrgsTurnStep'];
export type OrgsTurnSummary = components['schemas']['OrgsTurnSummary'];
export type OrgsTurnSummaryList = components['schemas']['OrgsTurnSummaryList'];
export type OrgsTurnUsage = components['schemas']['OrgsTurnUsage'];
export type OrgsUser = components['schemas']['OrgsUser'];
export type OrgsUserChange = components['schemas']['OrgsUserChange'];
export type OrgsUserList = components['schemas']['OrgsUserList'];
export type OrgsVerification = components['schemas']['OrgsVerification'];
export type OrgsVersion = components['schemas']['OrgsVersion'];
export type OrgsVersionList = components['schemas']['OrgsVersionList'];
export type OrgsWebhooks = components['schemas']['OrgsWebhooks'];
export type OrgsWholeVersion = components['schemas']['OrgsWholeVersion'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
