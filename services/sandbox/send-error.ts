import type { ServerResponse } from 'node:http';
import type { OpenAiError } from './openai-error.ts';

export function sendError(res: ServerResponse, id: string, error: OpenAiError): void {
  const body = Buffer.from(error.toJson());
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'x-request-id', id];
  const { retryAfter } = error.fields;
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  res.writeHead(error.status, headers).end(body);
}

const HTML = '<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body><center><h1>Bad Gateway</h1></center></body>\r\n</html>\r\n';

/** What a proxy before a provider answers when the provider is away. */
export function sendHtml(res: ServerResponse, status: number): void {
  res.writeHead(status, ['content-type', 'text/html', 'content-length', String(HTML.length)]).end(HTML);
}
