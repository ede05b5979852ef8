import { useMemo, type ReactNode } from 'react';
import { messagesOf, useComms } from '../../api/comms';
import type { CommsMessage } from '../../api/types';
import { date, fromUnix, moment, plural, time } from '../../text/format';
import { isNoSuchAgent, NoSuchAgent } from '../../ui/AgentFilter';
import { Badge } from '../../ui/Badge';
import { Markdown } from '../../ui/Markdown';
import { MorePages } from '../../ui/MorePages';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { namesOf, TalkerLink } from './TalkerLink';
import { daysOf, saysMore, type Exchange } from './thread';

interface ThreadProps {
  agent: string;
  write: ReactNode;
  onClear: () => void;
}

export function ThreadView({ agent, write, onClear }: ThreadProps) {
  const list = useComms(agent);
  const days = useMemo(() => daysOf(messagesOf(list.data)), [list.data]);
  const agents = useMemo(() => namesOf(list.data?.pages[0]?.graph), [list.data]);
  if (list.isPending) return <Loading boxed rows={6} />;
  if (isNoSuchAgent(list.error)) return <NoSuchAgent name={agent} onClear={onClear} />;
  if (list.isError) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  if (days.length === 0) {
    return (
      <Empty icon="comms" title={agent ? `Nothing from or to ${agent}` : 'No messages yet'} action={write}>
        {agent
          ? 'Nobody has written to it yet, and it has written to nobody.'
          : 'What agents send to each other is kept here, and so is what you send to one of them.'}
      </Empty>
    );
  }
  return (
    <>
      {days.map((day) => (
        <section key={day.at} className="day">
          <h2>{date(day.at)}</h2>
          {day.exchanges.map((exchange) => (
            <ExchangeCard key={exchange.pair.join(' ')} exchange={exchange} agents={agents} />
          ))}
        </section>
      ))}
      <MorePages list={list} label="Load older messages" />
    </>
  );
}

function ExchangeCard({ exchange, agents }: { exchange: Exchange; agents: ReadonlySet<string> }) {
  const [one, other] = exchange.pair;
  return (
    <article className="card exchange">
      <header className="card-head">
        <h3>
          <TalkerLink name={one} agents={agents} />
          {other !== one && (
            <>
              {' and '}
              <TalkerLink name={other} agents={agents} />
            </>
          )}
        </h3>
        <span className="muted">{plural(exchange.messages.length, 'message')}</span>
      </header>
      <ol className="letters">
        {exchange.messages.map((message) => (
          <Letter key={message.id} message={message} isSecond={message.from === other} />
        ))}
      </ol>
    </article>
  );
}

function Letter({ message, isSecond }: { message: CommsMessage; isSecond: boolean }) {
  const at = fromUnix(message.created_at);
  return (
    <li className={`letter ${isSecond ? 'second' : ''}`}>
      <header>
        <b>{message.from}</b>
        <time dateTime={at} title={moment(at)}>
          {time(at)}
        </time>
        {saysMore(message.type) && <Badge tone="info">{message.type}</Badge>}
        {message.read_at === null && <Badge tone="quiet">not read yet</Badge>}
      </header>
      <Markdown text={message.content} />
    </li>
  );
}
