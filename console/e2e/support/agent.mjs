// An agent that runs elsewhere: dials in over the rendezvous WebSocket and answers interrupts.
import WebSocket from 'ws';

/** Answers the agent once it is registered. `answer` makes the reply to an interrupt; without it none is given. */
export async function dialIn({ url, token, name, machineId = name, version = '1.2.3', answer }) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/rendezvous`);
  const interrupts = [];
  const registered = new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => send({ type: 'register', token, machineId, publicKey: 'none', version, name }));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'registered') resolve(frame);
      if (frame.type === 'error' && frame.fatal) reject(new Error(frame.message));
      if (frame.type === 'interrupt') receive(frame);
    });
  });

  const send = (frame) => socket.send(JSON.stringify(frame));
  const receive = ({ messageId, reason }) => {
    interrupts.push(reason);
    if (answer) send({ type: 'reply', messageId, content: answer(reason) });
    else send({ type: 'ack', messageId });
  };

  const { agentId } = await registered;
  return {
    agentId,
    /** What it was told. */
    interrupts,
    leave: () =>
      new Promise((resolve) => {
        socket.once('close', resolve);
        socket.close();
      }),
  };
}
