import { readFileSync } from 'node:fs';
import { AMAZON_GUARDRAILS, type ExternalRule, type GatewayConfig, resolveSecret } from '#config';
import { createTokenSources, regionOfHost, type TokenSources } from '#credentials';
import { askPublic } from '#upstream';
import type { Guardrail } from '../compile-guardrails.ts';
import type { GuardTools } from '../guard-request.ts';
import { askPresidio } from './presidio.ts';
import type { GuardCall } from './question.ts';
import { SERVICES } from './service-codec.ts';

export interface AskOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As it is now. */
  readonly config: Pick<GatewayConfig, 'guardrails'>;
  readonly log: { warn(fields: object, message: string): void };
}

/** What guardrails work with in a process. */
export function createGuardTools(options: AskOptions): GuardTools {
  return { ask: createGuardAsker(options), now: () => performance.now() };
}

/** Asks external guardrails over HTTP. What goes wrong is logged without texts and without the service's address. */
function createGuardAsker({ env, config, log }: AskOptions): GuardTools['ask'] {
  const tokens = createTokenSources({ env, fetch, now: Date.now, readFile: (path) => readFileSync(path, 'utf8') });
  const post = async (call: GuardCall, rule: ExternalRule): Promise<unknown> => {
    const headers = await signed(call, rule, env, tokens);
    const text = await askPublic({
      ...call,
      headers,
      timeoutMs: rule.timeoutMs,
      allowedHosts: config.guardrails?.allowedPrivateHosts ?? [],
    });
    return JSON.parse(text) as unknown;
  };
  return async ({ settings }: Guardrail, question) => {
    const { rule, name } = settings;
    if (rule.kind !== 'external') return {};
    try {
      if (rule.service === 'presidio') return await askPresidio(question, rule, (call) => post(call, rule));
      const codec = SERVICES[rule.service];
      return codec.decode(await post(codec.encode(question, rule, resolveSecret(rule.apiKey, env)), rule), question);
    } catch (error) {
      log.warn({ guardrail: name, reason: error instanceof Error ? error.message : String(error) }, 'a guardrail could not be asked');
      throw error;
    }
  };
}

/** AWS's own name of the service. */
const SIGNED_FOR = AMAZON_GUARDRAILS;

/** Amazon's calls are signed, with the guardrail's own credentials or what AWS's own tools would find. */
async function signed(call: GuardCall, rule: ExternalRule, env: AskOptions['env'], tokens: TokenSources): Promise<GuardCall['headers']> {
  if (rule.service !== AMAZON_GUARDRAILS) return call.headers;
  const { origin, pathname, hostname } = new URL(call.url);
  const settings = {
    accessKeyId: resolveSecret(rule.aws?.accessKeyId, env),
    secretAccessKey: resolveSecret(rule.aws?.secretAccessKey, env),
    sessionToken: resolveSecret(rule.aws?.sessionToken, env),
    region: regionOfHost(hostname) ?? rule.options['aws_region_name'] ?? env['AWS_REGION'] ?? 'us-east-1',
    profileName: undefined,
    roleName: undefined,
    sessionName: undefined,
    externalId: undefined,
    webIdentityToken: undefined,
    stsEndpoint: undefined,
  };
  const added = await tokens.awsSigner(
    settings,
    SIGNED_FOR,
  )({ origin, path: pathname, headers: call.headers, body: Buffer.from(call.body) });
  return { ...call.headers, ...added };
}
