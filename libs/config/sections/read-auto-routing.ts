import { AUTO_GROUP_KEYS, AUTO_ROUTING_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { AutoGroup, AutoRoutingSettings } from '../settings/auto-routing-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText, wrongKind } from '../values.ts';
import { createRecord } from './read-fallbacks.ts';
import { readEntries, readSection } from './read-section.ts';

const DEFAULT_COST_SHARE = 0.5;

/** `headrace.auto_routing`; undefined without the section. Without `groups` there is one, called `auto`. */
export function readAutoRouting(node: SourceNode | undefined, reading: Reading): AutoRoutingSettings | undefined {
  if (node === undefined) return undefined;
  const fields = readSection([node], AUTO_ROUTING_KEYS, reading);
  const groups = createRecord<AutoGroup>();
  const listed = fields.get('groups');
  for (const entry of listed === undefined ? [] : readEntries(listed, reading)) groups[entry.key] = readGroup(entry.value, reading);
  if (listed === undefined)
    groups['auto'] = { weak: undefined, strong: undefined, costShare: DEFAULT_COST_SHARE, escalate: true, sticky: true };
  return { weightsFile: readText(fields.get('weights'), reading), groups };
}

function readGroup(node: SourceNode, reading: Reading): AutoGroup {
  const fields = readSection([node], AUTO_GROUP_KEYS, reading);
  const weak = readText(fields.get('weak'), reading);
  const strong = readText(fields.get('strong'), reading);
  const strongNode = fields.get('strong');
  if (weak !== undefined && weak === strong && strongNode !== undefined) {
    reading.problem(strongNode, 'must be another model group than weak', { suggestion: 'name a stronger one, or leave both out' });
  }
  return {
    weak,
    strong,
    costShare: readShare(fields.get('cost_share'), reading) ?? DEFAULT_COST_SHARE,
    escalate: readBoolean(fields.get('escalate'), reading) ?? true,
    sticky: readBoolean(fields.get('sticky'), reading) ?? true,
  };
}

function readShare(node: SourceNode | undefined, reading: Reading): number | undefined {
  const share = readNumber(node, { min: 0, unit: 'shares of the requests' }, reading);
  if (node === undefined || share === undefined || share <= 1) return share;
  wrongKind(node, 'a share from 0 to 1', reading, share <= 100 ? `for ${share} per cent write ${share / 100}` : undefined);
  return undefined;
}
