import { createHmac } from 'node:crypto';

export interface NatsConfigOptions {
  /** -1 lets the server choose. */
  readonly port: number;
  /** Who may do what; or a file with an `authorization` or `accounts` block, named as the server finds it from its own file; or that block. */
  readonly users: readonly NatsUser[] | { readonly include: string } | { readonly text: string };
  readonly storeDir: string;
  readonly pidFile?: string | undefined;
  /** The server writes the port it took into a file there. */
  readonly portsFileDir?: string | undefined;
}

/** Without `access` a user may do everything. */
export type NatsUser = NatsLogin & {
  readonly access?: { readonly publish: readonly string[]; readonly subscribe: readonly string[] } | undefined;
};

type NatsLogin =
  /** The password plain, or the bcrypt hash of one. */
  | { readonly user: string; readonly password: string }
  /** Public key of a user who signs with the seed. */
  | { readonly nkey: string };

/**
 * Configuration text of a nats-server on loopback with JetStream. No key that 2.9.10 (Debian 12) does not know: an unknown key
 * stops the server. 8 MB is the largest payload it takes without a warning; bodies above the inline limit go by reference.
 */
export function natsConfig(options: NatsConfigOptions): string {
  const { users } = options;
  return [
    `listen: ${text(`127.0.0.1:${options.port}`)}`,
    'server_name: "headrace"',
    usersText(users),
    `jetstream { store_dir: ${text(options.storeDir)} }`,
    'max_payload: 8MB',
    'max_pending: 64MB',
    ...(options.pidFile === undefined ? [] : [`pid_file: ${text(options.pidFile)}`]),
    ...(options.portsFileDir === undefined ? [] : [`ports_file_dir: ${text(options.portsFileDir)}`]),
    '',
  ].join('\n');
}

function usersText(users: NatsConfigOptions['users']): string {
  if ('include' in users) return `include ${text(users.include)}`;
  return 'text' in users ? users.text : natsUsers(users);
}

/** The `authorization` block of a server's configuration. A password that begins with `$` and a capital is a variable of the environment. */
export function natsUsers(users: readonly NatsUser[]): string {
  return ['authorization {', '  users: [', ...users.flatMap(userLines), '  ]', '}'].join('\n');
}

/** An account: who is in it sees nothing of other accounts but what these offer and it takes. */
export interface NatsAccount {
  readonly name: string;
  readonly users: readonly NatsUser[];
  /** Has streams. */
  readonly hasStreams?: boolean | undefined;
  /** Requests that other accounts may send here. */
  readonly offers?: readonly NatsOffer[] | undefined;
  /** Requests that are sent on to another account; answers come back to this one, wherever they are asked to go. */
  readonly takes?: { readonly from: string; readonly requests: readonly NatsRequest[] } | undefined;
}

export interface NatsRequest {
  readonly subject: string;
  /** What it is called in the account that sends it. */
  readonly local: string;
}

export interface NatsOffer {
  readonly subject: string;
  /** A request has several answers. */
  readonly isStream?: boolean | undefined;
}

/** The `accounts` block of a server's configuration. */
export function natsAccounts(accounts: readonly NatsAccount[]): string {
  return ['accounts {', ...accounts.flatMap(accountLines), '}'].join('\n');
}

function accountLines({ name, users, hasStreams, offers, takes }: NatsAccount): string[] {
  return [
    `  ${text(name)}: {`,
    ...(hasStreams === true ? ['    jetstream: enabled'] : []),
    ...(offers === undefined ? [] : ['    exports: [', ...offers.map(offerLine), '    ]']),
    ...(takes === undefined ? [] : ['    imports: [', ...takes.requests.map((request) => takeLine(takes.from, request)), '    ]']),
    '    users: [',
    ...users.flatMap(userLines).map((line) => `  ${line}`),
    '    ]',
    '  }',
  ];
}

function offerLine({ subject, isStream }: NatsOffer): string {
  return `      { service: ${text(subject)}${isStream === true ? ', response_type: "Stream"' : ''} }`;
}

function takeLine(account: string, { subject, local }: NatsRequest): string {
  return `      { service: { account: ${text(account)}, subject: ${text(subject)} }, to: ${text(local)} }`;
}

function userLines(user: NatsUser): string[] {
  const { access } = user;
  const login = loginOf(user);
  if (access === undefined) return [`    { ${login} }`];
  return [`    { ${login}, permissions: {`, ...list('publish', access.publish), ...list('subscribe', access.subscribe), '    } }'];
}

function loginOf(login: NatsLogin): string {
  if ('nkey' in login) return `nkey: ${text(login.nkey)}`;
  const { user, password } = login;
  return `user: ${text(user)}, password: ${/^\$[A-Z_]+$/.test(password) ? password : text(password)}`;
}

function list(verb: string, subjects: readonly string[]): string[] {
  return [`      ${verb}: { allow: [`, ...subjects.map((subject) => `        ${text(subject)}`), '      ] }'];
}

const text = JSON.stringify;

export function natsUrl(options: { readonly port: number; readonly user: string; readonly password: string }): string {
  return `nats://${options.user}:${options.password}@127.0.0.1:${options.port}`;
}

/** The password of one service's user at the embedded server. Made of the one that is kept: nobody learns another one from his own. */
export function natsServicePassword(password: string, service: string): string {
  return createHmac('sha256', password).update(`nats user ${service}`).digest('hex');
}
