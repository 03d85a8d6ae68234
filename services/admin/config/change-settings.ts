import { byModel, ConfigError } from '#config';
import { GatewayError, STORED_SECTIONS, type StoredSection } from '#contracts';
import { changeStoredSettings, listStoredSettings, transact } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import { configRefusal } from '../models/check-model.ts';
import { publishOrThrow } from '../models/stored-config.ts';
import type { AdminResources } from '../resources.ts';
import { FALLBACK_SETTINGS, LIVE_SETTINGS } from './settings-fields.ts';

export type SettingValues = Readonly<Record<string, unknown>>;

/** Of these a change for one model leaves the others as they are. */
const BY_MODEL: ReadonlySet<string> = new Set([...Object.values(FALLBACK_SETTINGS), 'model_group_alias', 'model_group_retry_policy']);

/**
 * Changes stored settings of a section: null takes one out, so that the file's counts again. All services have them before this resolves. Throws
 * `invalid_request` for what the file would be refused for and for what is read at the start only.
 */
export async function changeSettings(section: StoredSection, changes: SettingValues, caller: Caller, resources: AdminResources) {
  for (const name of Object.keys(changes)) requireLive(section, name);
  const others = await storedSettings(resources);
  const change = (before: Record<string, unknown>): Record<string, unknown> => {
    const values = mergeSettings(before, changes);
    checkSettings({ ...others, [section]: values }, resources);
    return values;
  };
  const { after } = await transact(resources.db, async (tx) => {
    const changed = await changeStoredSettings(tx, section, { by: callerName(caller), change });
    await recordChange(tx, caller, { action: 'updated', table: 'settings', objectId: section, ...changed });
    return changed;
  });
  await publishOrThrow({ kind: 'settings', section }, resources.stored);
  return after;
}

/** All that is stored, by section. */
export async function storedSettings({ db }: Pick<AdminResources, 'db'>): Promise<Record<StoredSection, SettingValues>> {
  const rows = await listStoredSettings(db);
  const values = (section: StoredSection): SettingValues => rows.find((row) => row.section === section)?.values ?? {};
  return { router_settings: values('router_settings'), litellm_settings: values('litellm_settings') };
}

function requireLive(section: StoredSection, name: string): void {
  if (LIVE_SETTINGS[section].includes(name)) return;
  const other = STORED_SECTIONS.find((one) => LIVE_SETTINGS[one].includes(name));
  const hint = other === undefined ? `Set it in config.yaml; here work: ${LIVE_SETTINGS[section].join(', ')}.` : `It belongs to ${other}.`;
  throw new GatewayError('invalid_request', `${section}.${name} can not be changed while the gateway runs. ${hint}`, {
    param: `${section}.${name}`,
  });
}

function mergeSettings(before: SettingValues, changes: SettingValues): Record<string, unknown> {
  const merged = Object.entries(changes).map(([name, value]) => {
    if (value === null || !BY_MODEL.has(name)) return [name, value] as const;
    const entries = Object.entries({ ...byModel(before[name]), ...byModel(value) }).filter(([, entry]) => entry !== null);
    return [name, Object.fromEntries(entries)] as const;
  });
  return Object.fromEntries(Object.entries({ ...before, ...Object.fromEntries(merged) }).filter(([, value]) => value !== null));
}

function checkSettings(settings: Record<StoredSection, SettingValues>, { stored }: AdminResources): void {
  try {
    stored.check(settings);
  } catch (error) {
    if (error instanceof ConfigError) throw configRefusal(error, '');
    throw error;
  }
}
