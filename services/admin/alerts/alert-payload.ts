import type { AlertDestination } from '#config';
import type { AlertEvent } from '#contracts';
import { describeAlert } from './describe-alert.ts';

/** What is posted to a destination: the same bytes for every try. */
export function alertPayload(event: AlertEvent, { format, to }: Pick<AlertDestination, 'format' | 'to'>): string {
  if (format === 'slack') return JSON.stringify(slackPayload(event));
  return JSON.stringify(format === 'email' ? emailPayload(event, to) : webhookPayload(event));
}

/** In the form of Standard Webhooks: type, time, data (https://github.com/standard-webhooks/standard-webhooks). */
function webhookPayload(event: AlertEvent) {
  const { title } = describeAlert(event);
  return { type: `alert.${event.kind}`, timestamp: new Date(event.at).toISOString(), data: { ...event, title } };
}

/** `text` is what clients without blocks show (https://api.slack.com/messaging/webhooks); others that read Slack's form read it too. */
function slackPayload(event: AlertEvent) {
  const { title, facts } = describeAlert(event);
  return {
    text: title,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
      { type: 'section', text: { type: 'mrkdwn', text: facts.map(([name, value]) => `*${name}:* ${escapeSlack(value)}`).join('\n') } },
    ],
  };
}

/** For a program that sends e-mail. */
function emailPayload(event: AlertEvent, to: readonly string[] | undefined) {
  const { title, facts } = describeAlert(event);
  const rows = facts.map(([name, value]) => `<tr><th align="left">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`);
  return {
    id: event.id,
    kind: event.kind,
    to: to ?? [],
    subject: title,
    text: [title, '', ...facts.map(([name, value]) => `${name}: ${value}`)].join('\n'),
    html: `<p>${escapeHtml(title)}</p><table>${rows.join('')}</table>`,
  };
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeHtml(text: string): string {
  return escapeSlack(text).replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
