import { isIP } from 'node:net';
import { Agent } from 'undici';

/** Connects to the IP address that was checked, whatever the host's name resolves to by now. */
export function pinnedAgent(ip: string): Agent {
  const family = isIP(ip);
  return new Agent({
    allowH2: false,
    connect: {
      lookup: (_host, options, done) => {
        if (options.all === true) done(null, [{ address: ip, family }]);
        else done(null, ip, family);
      },
    },
  });
}
