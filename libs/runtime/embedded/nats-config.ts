export interface NatsConfigOptions {
  /** -1 lets the server choose. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly storeDir: string;
  readonly pidFile?: string | undefined;
  /** The server writes the port it took into a file there. */
  readonly portsFileDir?: string | undefined;
}

/**
 * Configuration text of a nats-server on loopback with JetStream. No key that 2.9.10 (Debian 12) does not know: an unknown key
 * stops the server. 8 MB is the largest payload it takes without a warning; bodies above the inline limit go by reference.
 */
export function natsConfig(options: NatsConfigOptions): string {
  const text = JSON.stringify;
  return [
    `listen: ${text(`127.0.0.1:${options.port}`)}`,
    'server_name: "headrace"',
    `authorization { user: ${text(options.user)}, password: ${text(options.password)} }`,
    `jetstream { store_dir: ${text(options.storeDir)} }`,
    'max_payload: 8MB',
    'max_pending: 64MB',
    ...(options.pidFile === undefined ? [] : [`pid_file: ${text(options.pidFile)}`]),
    ...(options.portsFileDir === undefined ? [] : [`ports_file_dir: ${text(options.portsFileDir)}`]),
    '',
  ].join('\n');
}

export function natsUrl(options: { readonly port: number; readonly user: string; readonly password: string }): string {
  return `nats://${options.user}:${options.password}@127.0.0.1:${options.port}`;
}
