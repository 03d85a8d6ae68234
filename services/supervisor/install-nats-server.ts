import { runProgram } from '#runtime';

/** How one package manager installs a package: programs in order, each must succeed. */
interface PackageManager {
  readonly program: string;
  readonly needsRoot: boolean;
  readonly steps: readonly (readonly string[])[];
}

const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    steps: [
      ['apt-get', 'update', '-q'],
      ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'nats-server'],
    ],
  },
  { program: 'dnf', needsRoot: true, steps: [['dnf', 'install', '-y', '-q', 'nats-server']] },
  { program: 'apk', needsRoot: true, steps: [['apk', 'add', '--quiet', 'nats-server']] },
  { program: 'brew', needsRoot: false, steps: [['brew', 'install', '--quiet', 'nats-server']] },
];

export interface InstallMeans {
  readonly isRoot: boolean;
  /** `sudo -n` works: no password is asked for. */
  readonly hasSudo: boolean;
  readonly programs: ReadonlySet<string>;
}

export type InstallPlan =
  | { readonly kind: 'run'; readonly commands: readonly (readonly string[])[] }
  /** What a person has to run. */
  | { readonly kind: 'ask'; readonly instruction: string };

/** Decides how nats-server gets onto this machine, without doing it. */
export function planInstall(means: InstallMeans): InstallPlan {
  const manager = PACKAGE_MANAGERS.find((candidate) => means.programs.has(candidate.program));
  if (manager === undefined)
    return { kind: 'ask', instruction: 'install the package nats-server of your system, or name a binary in NATS_SERVER_BIN' };
  if (!manager.needsRoot || means.isRoot) return { kind: 'run', commands: manager.steps };
  if (means.hasSudo) return { kind: 'run', commands: manager.steps.map((step) => ['sudo', '-n', ...step]) };
  const command = (manager.steps.at(-1) ?? []).filter((word) => !word.startsWith('-q') && !word.startsWith('--'));
  return { kind: 'ask', instruction: `run "sudo ${command.join(' ')}"` };
}

/**
 * Installs nats-server with the system's package manager where that needs no question. Resolves with `undefined` when it
 * was installed, else with the one line that tells what to install. (The package may start a server of its own on port 4222: ours
 * never uses it.)
 */
export async function installNatsServer(say: (text: string) => void): Promise<string | undefined> {
  const plan = planInstall(await findMeans());
  if (plan.kind === 'ask') return `nats-server is missing: ${plan.instruction}`;
  say(`Installing nats-server (${plan.commands.at(-1)?.join(' ') ?? ''}) …`);
  for (const [program = '', ...args] of plan.commands) {
    const { exitCode, output } = await runProgram(program, args, { env: { ...installEnvironment() } });
    if (exitCode === 0) continue;
    const lastLine = output.trim().split('\n').at(-1) ?? '';
    return `nats-server is missing and "${[program, ...args].join(' ')}" failed (${lastLine}): install it and start again`;
  }
  return undefined;
}

function installEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { ...Object.fromEntries(kept), DEBIAN_FRONTEND: 'noninteractive' };
}

async function findMeans(): Promise<InstallMeans> {
  const available = await Promise.all(
    PACKAGE_MANAGERS.map(async ({ program }) => ((await runProgram(program, ['--version'])).exitCode === 0 ? [program] : [])),
  );
  const isRoot = process.getuid?.() === 0;
  const hasSudo = !isRoot && (await runProgram('sudo', ['-n', 'true'])).exitCode === 0;
  return { isRoot, hasSudo, programs: new Set(available.flat()) };
}
