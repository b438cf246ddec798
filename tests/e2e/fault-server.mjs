// @ts-check
// A server on loopback that speaks OpenAI's chat completions and fails as it is told: what real servers do now and then,
// at will. Where it is told nothing, it answers with the smallest JSON that the request's own schema allows; how real
// models play is for the journeys of llm.spec.mjs.
import { createServer } from 'node:http';

/**
 * @typedef {'ok' | 'reset' | 'stall' | 'cut' | 'garbage' | 'wrong-json' | 'no-cors' | 'echo-key' | { status: number, body?: string, headers?: Record<string, string> }} Act
 * @typedef {{ url: string, asked: any[], keys: string[], models: any[], port: number, act: (act: Act | ((n: number) => Act)) => void, stop: () => Promise<void>, listen: () => Promise<void> }} FaultServer
 */

/** The smallest value that a schema allows. @param {any} schema @param {number} [place] @returns {any} */
export function least(schema, place = 0) {
  if (schema.enum) return schema.enum[place % schema.enum.length];
  if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties).map(([name, of]) => [name, least(of)]));
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, (_, i) => least(schema.items, i));
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return false;
  return 'Because.';
}

/** @param {any} asked */
function answer(asked) {
  const format = asked.response_format ?? {};
  const schema = format.json_schema?.schema ?? format.schema;
  return schema ? JSON.stringify(least(schema)) : 'Yes.';
}

/** A completion, whole or as a stream. @param {any} asked @param {string} text */
function completion(asked, text) {
  const usage = { prompt_tokens: 400, completion_tokens: 100, total_tokens: 500 };
  if (!asked.stream) {
    return { type: 'application/json', body: JSON.stringify({ choices: [{ message: { role: 'assistant', content: text }, finish_reason: 'stop' }], usage }) };
  }
  const half = Math.ceil(text.length / 2);
  const event = (/** @type {any} */ of) => `data: ${JSON.stringify(of)}\n\n`;
  const body = [text.slice(0, half), text.slice(half)].map((content) => event({ choices: [{ delta: { content } }] })).join('');
  const end = event({ choices: [{ delta: {}, finish_reason: 'stop' }] }) + event({ choices: [], usage });
  return { type: 'text/event-stream', body: `${body}${end}data: [DONE]\n\n` };
}

/** Starts it on a free port. @returns {Promise<FaultServer>} */
export async function faultServer() {
  /** @type {any[]} */
  const asked = [];
  /** @type {string[]} */
  const keys = [];
  /** @type {any[]} What it says that it has. */
  const models = [];
  /** @type {Act | ((n: number) => Act)} */
  let told = 'ok';
  const server = createServer((request, response) => {
    const origin = request.headers.origin ?? '*';
    const cors = { 'access-control-allow-origin': origin, 'access-control-allow-headers': '*, authorization', 'access-control-expose-headers': 'retry-after' };
    if (request.method === 'OPTIONS') {
      const act = typeof told === 'function' ? told(asked.length) : told;
      response.writeHead(204, act === 'no-cors' ? {} : cors).end();
      return;
    }
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      if (request.method !== 'POST') {
        response.writeHead(200, { 'content-type': 'application/json', ...cors }).end(JSON.stringify({ data: models }));
        return;
      }
      const act = typeof told === 'function' ? told(asked.length) : told;
      const ask = JSON.parse(body);
      asked.push(ask);
      keys.push(String(request.headers.authorization ?? ''));
      if (act === 'reset') request.socket.destroy();
      else if (act === 'stall') return;
      else if (typeof act === 'object') response.writeHead(act.status, { 'content-type': 'application/json', ...cors, ...act.headers }).end(act.body ?? '');
      else {
        const text = { garbage: 'Gladly! Here is what I think of them:', 'wrong-json': '{"items":[]}', 'echo-key': `you sent ${request.headers.authorization}` }[String(act)];
        const { type, body: whole } = completion(ask, text ?? answer(ask));
        response.writeHead(200, { 'content-type': type, ...(act === 'no-cors' ? {} : cors) });
        if (act === 'cut') response.write(whole.slice(0, whole.length / 3), () => request.socket.destroy());
        else response.end(whole);
      }
    });
  });
  let port = 0;
  const listen = () =>
    new Promise((done, fail) => {
      server.once('error', fail);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        if (address && typeof address === 'object') port = address.port;
        done(undefined);
      });
    }).then(() => undefined);
  await listen();
  return {
    get url() {
      return `http://127.0.0.1:${port}/v1`;
    },
    get port() {
      return port;
    },
    asked,
    keys,
    models,
    act: (act) => (told = act),
    listen,
    stop: () =>
      new Promise((done) => {
        server.close(() => done(undefined));
        server.closeAllConnections();
      }),
  };
}
