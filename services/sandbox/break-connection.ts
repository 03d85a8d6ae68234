import type { ServerResponse } from 'node:http';

/** Ends the connection in the middle of the HTTP message, after all that was written has left: `close` by FIN, `reset` by RST. */
export function breakConnection(res: ServerResponse, kind: 'close' | 'reset'): void {
  const { socket } = res;
  if (socket === null) return;
  const strike = () => (kind === 'reset' ? socket.resetAndDestroy() : socket.destroy());
  if (!res.headersSent) return void strike();
  socket.write('', () => (kind === 'reset' ? setTimeout(strike, SEND_QUEUE_MS) : strike()));
}

/** A reset throws away what the kernel has taken but not sent: a reader on this machine has it by then. */
const SEND_QUEUE_MS = 20;
