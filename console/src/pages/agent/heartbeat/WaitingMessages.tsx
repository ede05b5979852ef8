import type { PendingMessage } from '../../../api/types';
import { fromUnix } from '../../../text/format';
import { Badge } from '../../../ui/Badge';
import { Ago } from '../../../ui/Time';
import { saysMore } from '../../comms/thread';

export function WaitingMessages({ messages }: { messages: PendingMessage[] }) {
  return (
    <ol className="letters">
      {messages.map((message) => (
        <li key={message.id} className="letter">
          <header>
            <b>{message.from}</b>
            {saysMore(message.type) && <Badge tone="quiet">{message.type}</Badge>}
            <Ago at={fromUnix(message.created_at)} />
          </header>
          <p className="said">{message.content}</p>
        </li>
      ))}
    </ol>
  );
}
