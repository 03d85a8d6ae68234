import type { Bus } from '#bus';

/** All that the streams and buckets of a gateway hold, as one text: subjects, headers and data. */
export async function keptMessages({ js }: Pick<Bus, 'js'>): Promise<string> {
  const { streams } = await js.jetstreamManager();
  const texts: string[] = [];
  for await (const { config, state } of streams.list()) {
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
      const message = await streams.getMessage(config.name, { seq }).catch(() => null);
      if (message === null) continue;
      const headers = [...message.header].flatMap(([name, values]) => [name, ...values]);
      texts.push([message.subject, ...headers, Buffer.from(message.data).toString()].join('\n'));
    }
  }
  return texts.join('\n');
}
