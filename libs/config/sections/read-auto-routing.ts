import { AUTO_GROUP_KEYS, AUTO_ROUTING_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import { AFTER_ESCALATION, type AutoGroup, type AutoRoutingSettings } from '../settings/auto-routing-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText, wrongKind } from '../values.ts';
import { readChoice } from './read-choice.ts';
import { createRecord } from './read-fallbacks.ts';
import { readEntries, readSection } from './read-section.ts';

const DEFAULT_GROUP: AutoGroup = {
  weak: undefined,
  strong: undefined,
  costShare: 0.5,
  escalate: true,
  sticky: true,
  afterEscalation: 'once',
};

/** `headrace.auto_routing`; undefined without the section. Without `groups` there is one, called `auto`. */
export function readAutoRouting(node: SourceNode | undefined, reading: Reading): AutoRoutingSettings | undefined {
  if (node === undefined) return undefined;
  const fields = readSection([node], AUTO_ROUTING_KEYS, reading);
  const groups = createRecord<AutoGroup>();
  const listed = fields.get('groups');
  for (const entry of listed === undefined ? [] : readEntries(listed, reading)) groups[entry.key] = readGroup(entry.value, reading);
  if (listed === undefined) groups['auto'] = DEFAULT_GROUP;
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
    costShare: readShare(fields.get('cost_share'), reading) ?? DEFAULT_GROUP.costShare,
    escalate: readBoolean(fields.get('escalate'), reading) ?? DEFAULT_GROUP.escalate,
    sticky: readBoolean(fields.get('sticky'), reading) ?? DEFAULT_GROUP.sticky,
    afterEscalation:
      readChoice(fields.get('after_escalation'), { choices: AFTER_ESCALATION, what: 'way to go on after an escalation' }, reading) ??
      DEFAULT_GROUP.afterEscalation,
  };
}

function readShare(node: SourceNode | undefined, reading: Reading): number | undefined {
  const share = readNumber(node, { min: 0, unit: 'shares of the requests' }, reading);
  if (node === undefined || share === undefined || share <= 1) return share;
  wrongKind(node, 'a share from 0 to 1', reading, share <= 100 ? `for ${share} per cent write ${share / 100}` : undefined);
  return undefined;
}
