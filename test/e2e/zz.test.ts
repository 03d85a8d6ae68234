import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { test } from 'vitest';
import { startHeadrace } from '#testing';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { chat } from '../support/chat-client.ts';

const ANSWER = JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
test('probe', async () => {
  let mode = '';
  const provider = await startScriptedProvider((request, response) => {
    if (mode === 'utf8head') { response.socket!.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-note: 世界 é\r\nconnection: close\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`); response.socket!.end(); return; }
    if (mode === 'gzip') { response.setHeader('content-encoding', 'gzip'); response.setHeader('content-type', 'application/json'); response.end(zlib.gzipSync(ANSWER)); return; }
    if (mode === 'bighead') { for (let i = 0; i < 14; i++) response.setHeader(`x-big-${i}`, 'y'.repeat(1000)); }
    if (mode === 'manyhead') { for (let i = 0; i < 300; i++) response.setHeader(`x-h-${i}`, 'y'); }
    if (mode === 'continue') response.writeContinue();
    response.setHeader('content-type', 'application/json').end(ANSWER.replace('"hi"', JSON.stringify(request.body.toString())));
  });
  const h = await startHeadrace({ config: `
model_list:
  - model_name: "世界 model"
    litellm_params: { model: openai/x, api_base: "${provider.url}", api_key: sk-p }
    model_info: { id: "größe-世界" }
  - model_name: plain
    litellm_params: { model: openai/upstream-name, api_base: "${provider.url}", api_key: sk-p }
  - model_name: other
    litellm_params: { model: openai/upstream-other, api_base: "${provider.url}", api_key: sk-p }
  - model_name: sandbox/*
    litellm_params: { model: sandbox/* }
router_settings: { num_retries: 0 }
` });
  const t = { url: h.url, key: h.masterKey };
  const msgs = '"messages":[{"role":"user","content":"hi"}]';
  const show = (name: string, a: { status: number; text: string; headers: object }) => console.log(name, a.status, a.text.slice(0, 100), Object.entries(a.headers).filter(([n]) => /x-note|model|deploy/.test(n)));
  for (const [name, body] of [
    ['nonlatin model', `{"model":"世界 model",${msgs}}`],
    ['nonlatin stream', `{"model":"世界 model","stream":true,${msgs}}`],
    ['dup model', `{"model":"plain","model":"other",${msgs}}`],
    ['escaped', `{"mod\\u0065l":"plain",${msgs}}`],
    ['dup escaped', `{"model":"plain","mod\\u0065l":"other",${msgs}}`],
    ['dup stream', `{"model":"plain","stream":true,"stream":false,${msgs}}`],
    ['proto', `{"model":"plain","__proto__":{"model":"other"},${msgs}}`],
    ['BOM', `\ufeff{"model":"plain",${msgs}}`],
    ['user num', `{"model":"plain","user":5,"metadata":"x","tags":[1],${msgs}}`],
  ] as const) show(name, await chat(t, body).catch((e: Error) => ({ status: -1, text: String(e), headers: {} })));
  for (mode of ['utf8head', 'gzip', 'bighead', 'manyhead', 'continue']) show(mode, await chat(t, `{"model":"plain",${msgs}}`).catch((e: Error) => ({ status: -1, text: String(e), headers: {} })));
  mode = '';
  const raw = (bytes: string, halfClose = false) => new Promise<string>((resolve) => {
    let text = '';
    const s = net.connect({ port: Number(new URL(h.url).port), host: '127.0.0.1', allowHalfOpen: true }, () => { s.write(bytes); if (halfClose) s.end(); });
    s.on('data', (c) => (text += c)); s.on('close', () => resolve(text)); s.on('end', () => { s.end(); }); s.on('error', (e) => resolve(text + e)); setTimeout(() => { resolve(text + ' [timeout]'); s.destroy(); }, 2500);
  });
  const body = `{"model":"sandbox/echo",${msgs}}`;
  const req = (b: string, extra = '') => `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${h.masterKey}\r\n${extra}content-length: ${Buffer.byteLength(b)}\r\n\r\n${b}`;
  console.log('halfclose', (await raw(req(body), true)).slice(0, 200));
  console.log('pipelined', (await raw(req(body) + req(body, 'connection: close\r\n'))).match(/HTTP\/1.1 \d+/g));
  console.log('pipelined stream', (await raw(req(body.replace('{', '{"stream":true,')) + req(body, 'connection: close\r\n'))).match(/HTTP\/1.1 \d+|\[DONE\]/g));
  console.log('short body', (await raw(req(body).slice(0, -5), true)).slice(0, 300));
  console.log('dup content-length', (await raw(req(body, 'content-length: 3\r\n'))).slice(0, 300));
  console.log('http/1.0', (await raw(req(body).replace('HTTP/1.1', 'HTTP/1.0'))).slice(0, 100));
  console.log('http/1.0 stream', (await raw(req(body.replace('{', '{"stream":true,')).replace('HTTP/1.1', 'HTTP/1.0'))).slice(-200));
  console.log('expect', (await raw(req(body, 'expect: 100-continue\r\nconnection: close\r\n'))).slice(0, 80));
  console.log('upgrade', (await raw(req(body, 'connection: upgrade\r\nupgrade: websocket\r\n'))).slice(0, 200));
  console.log('connect', (await raw(`CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n`)).slice(0, 200));
  const auth = { authorization: `Bearer ${h.masterKey}` };
  for (const [m, p, b, hd] of [
    ['GET', '/key/../v1/models'], ['GET', '/key/%2e%2e/%2e%2e/health/readiness'], ['POST', '/key/generate', '{bad'], ['POST', '/key/generate', 'x'.repeat(2_000_000)],
    ['GET', '/key/generate'], ['GET', '/key/nothing'], ['POST', '/key'], ['GET', '/spend/logs?start_date=zzz'], ['GET', '/spend/logs?request_id=%00'], ['GET', '/key/info?key=%ff'],
    ['GET', '//key/info'], ['GET', '/v1/models/'], ['HEAD', '/v1/models'], ['OPTIONS', '/v1/chat/completions'], ['GET', '/v1/models?x=%zz'], ['POST', '/v1/models', '{}'], ['GET', '/'], ['GET', '/%00'], ['POST', '/v1/chat/completions/', body], ['POST', '/V1/chat/completions', body], ['POST', '/openai/deployments/sandbox%2Fecho/chat/completions?api-version=1', body.replace('"model":"sandbox/echo",', '')],
    ['POST', '/engines/plain/chat/completions', `{${msgs}}`],
  ] as [string, string, string?, object?][]) {
    const text = await raw(`${m} ${p} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: ${auth.authorization}\r\n${b === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(b)}\r\n`}\r\n${b ?? ''}`);
    console.log(m, p, '=>', text.split('\r\n')[0], text.split('\r\n\r\n')[1]?.slice(0, 220));
  }
  console.log((await h.pids('ingress')).length, h.output().slice(-1500));
  await h.stop(); provider.close();
}, 40_000);
