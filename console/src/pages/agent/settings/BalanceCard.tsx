import { useState, type FormEvent } from 'react';
import { useAgentSummary, useBalance } from '../../../api/agents';
import { ApiError } from '../../../api/client';
import type { Agent } from '../../../api/types';
import { count } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Choice, TextField } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { useSay } from '../../../ui/Toasts';

type Kind = 'increment' | 'set';

export function BalanceCard({ agent, mayChange }: { agent: Agent; mayChange: boolean }) {
  const summary = useAgentSummary(agent.id);
  return (
    <div id="balance">
      <Card title="Output token balance">
        <p className={`big-number ${agent.outputTokenBalance <= 0 ? 'bad-text' : ''}`}>
          {count(agent.outputTokenBalance)}
        </p>
        <p className="muted">
          tokens left{summary.data && `, ${count(summary.data.total_output_tokens_used)} used so far`}
        </p>
        {mayChange && <BalanceForm agentId={agent.id} />}
      </Card>
    </div>
  );
}

function BalanceForm({ agentId }: { agentId: string }) {
  const [kind, setKind] = useState<Kind>('increment');
  const [amount, setAmount] = useState('');
  const balance = useBalance(agentId);
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (balance.isPending) return;
    balance.mutate(
      { amount: Number(amount), type: kind },
      {
        onSuccess: ({ new_balance }) => {
          setAmount('');
          say(`The balance is now ${count(new_balance)}`);
        },
      },
    );
  };

  const fieldError = balance.error instanceof ApiError ? balance.error.fields['amount'] : undefined;
  return (
    <form className="stack" onSubmit={submit}>
      <Choice
        compact
        legend="Change the balance"
        value={kind}
        onChange={setKind}
        options={[
          { value: 'increment', label: 'Add' },
          { value: 'set', label: 'Set to' },
        ]}
      />
      <TextField
        label="Tokens"
        type="number"
        step={1}
        required
        min={kind === 'set' ? 0 : undefined}
        value={amount}
        error={fieldError}
        onChange={(event) => setAmount(event.target.value)}
      />
      {balance.isError && !fieldError && <ErrorNote error={balance.error} />}
      <Button type="submit" busy={balance.isPending}>
        {kind === 'set' ? 'Set balance' : 'Add to balance'}
      </Button>
    </form>
  );
}
