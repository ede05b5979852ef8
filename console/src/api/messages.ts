import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import { ApiError, open, path, request } from './client';
import type { Message, MessagePage, Outgoing } from './types';

export const messagesKey = (agentId: string, conversationId: string) => ['messages', agentId, conversationId] as const;

/** The conversation's messages, newest page first; older pages are fetched on request. */
export function useMessages(agentId: string, conversationId: string, isOn = true) {
  return useInfiniteQuery({
    queryKey: messagesKey(agentId, conversationId),
    queryFn: ({ pageParam, signal }) => readPage(agentId, conversationId, pageParam, signal),
    initialPageParam: '',
    enabled: isOn,
    getNextPageParam: (page) => (page.has_more ? page.messages[0]?.id : undefined),
  });
}

async function readPage(agentId: string, conversation_id: string, before: string, signal: AbortSignal) {
  const query = { conversation_id, before, limit: 50 };
  try {
    return await request<MessagePage>(path`/v1/agent/${agentId}/messages`, { query, signal });
  } catch (error) {
    // A conversation whose id the console has just made up begins with its first message.
    if (error instanceof ApiError && error.status === 404) return { messages: [], has_more: false };
    throw error;
  }
}

/** Oldest first, each message once. */
export function flatten(data: InfiniteData<MessagePage> | undefined): Message[] {
  const byId = new Map<string, Message>();
  for (const page of [...(data?.pages ?? [])].reverse()) {
    for (const message of page.messages) byId.set(message.id, message);
  }
  return [...byId.values()];
}

/** Puts a message into the newest page, or replaces it where it already is. */
export function withMessage(data: InfiniteData<MessagePage> | undefined, message: Message): InfiniteData<MessagePage> {
  const pages = data?.pages ?? [];
  if (pages.length === 0) return { pages: [{ messages: [message], has_more: false }], pageParams: [''] };
  const known = pages.some((page) => page.messages.some((each) => each.id === message.id));
  const change = (page: MessagePage, index: number): MessagePage => {
    if (known) return { ...page, messages: page.messages.map((each) => (each.id === message.id ? message : each)) };
    return index === 0 ? { ...page, messages: [...page.messages, message] } : page;
  };
  return { pages: pages.map(change), pageParams: data?.pageParams ?? [''] };
}

/** Stores a message and answers it as stored; the reply is followed separately. */
export function postMessage(agentId: string, body: Outgoing): Promise<Message> {
  return request<Message>(path`/v1/agent/${agentId}/messages`, { method: 'POST', body });
}

/** Stores a message and answers the stream of its turn, whose first event is the stored message. */
export function openMessage(agentId: string, body: Outgoing, signal: AbortSignal): Promise<Response> {
  const headers = { accept: 'text/event-stream' };
  return open(path`/v1/agent/${agentId}/messages`, { method: 'POST', body, headers, signal });
}

/** The stream of a message's turn from the event after `lastEventId` on. */
export function openStream(agentId: string, messageId: string, lastEventId: string, signal: AbortSignal) {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastEventId) headers['last-event-id'] = lastEventId;
  return open(path`/v1/agent/${agentId}/messages/${messageId}/stream`, { headers, signal });
}
