/** A team's own model is a group of its own under a name that says whose it is: `team-model:red/fast`. Nobody else can name it. */
const PREFIX = 'team-model:';

export function teamGroup(teamId: string, name: string): string {
  return `${PREFIX}${encodeURIComponent(teamId)}/${name}`;
}

export interface TeamGroup {
  readonly teamId: string;
  /** The name that the team's keys use. */
  readonly name: string;
}

/** Undefined for groups that are everybody's. */
export function parseTeamGroup(group: string): TeamGroup | undefined {
  if (!group.startsWith(PREFIX)) return undefined;
  const slash = group.indexOf('/');
  if (slash === -1) return undefined;
  return { teamId: decodeTeam(group.slice(PREFIX.length, slash)), name: group.slice(slash + 1) };
}

/** Clients can send anything. */
function decodeTeam(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
