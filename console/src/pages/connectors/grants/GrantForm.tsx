import { useState, type FormEvent } from 'react';
import { useAgents } from '../../../api/agents';
import { messageOf } from '../../../ui/Note';
import { useChangeGrants } from '../../../api/grants';
import type { Grant } from '../../../api/types';
import { AgentField } from '../../../ui/AgentField';
import { Button } from '../../../ui/Button';
import { useSay } from '../../../ui/Toasts';

/** Grants the connector to an agent that is named. */
export function GrantForm({ connectorId, granted }: { connectorId: string; granted: Grant[] }) {
  const [name, setName] = useState('');
  const wanted = name.trim();
  const found = useAgents({ q: wanted, sort: 'name', limit: 50 });
  const agent = found.data?.data.find((each) => each.name === wanted || each.id === wanted);
  const grant = useChangeGrants(connectorId);
  const say = useSay();
  const [isAsked, setAsked] = useState(false);

  const problem = () => {
    if (grant.isError) return messageOf(grant.error);
    if (!isAsked || !wanted || agent || found.isFetching) return undefined;
    return 'There is no agent of this name. Begin to type and pick one.';
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!agent || grant.isPending) return;
    if (granted.some(({ id }) => id === agent.id)) {
      setName('');
      return say(`${agent.name} has it already`);
    }
    grant.mutate(
      { add: agent.id },
      {
        onSuccess: () => {
          setName('');
          setAsked(false);
          say(`${agent.name} can ask it from its next turn on`);
        },
      },
    );
  };
  return (
    <form className="grant-form" onSubmit={submit}>
      <AgentField
        label="Agent"
        placeholder="Name of an agent"
        value={name}
        error={problem()}
        onChange={(text) => {
          setName(text);
          setAsked(false);
          grant.reset();
        }}
      />
      <Button type="submit" look="primary" icon="plus" busy={grant.isPending} disabled={!wanted}>
        Grant
      </Button>
    </form>
  );
}
