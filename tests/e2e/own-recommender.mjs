// @ts-check
// A recommender of a person's own, as anybody may write one: it is posted what a recommender sees, and answers with a slate.
import { createServer } from 'node:http';

/**
 * Serves at a free port of this machine until it is closed. `behave` says what a letter is answered with; without it the
 * shortest candidates are shown, the shortest first.
 */
export async function ownRecommender() {
  /** @type {any[]} */
  const letters = [];
  /** @type {any[]} */
  let items = [];
  /** @type {{ status?: number, body?: string, late?: number, closed?: boolean }} */
  const behave = {};
  const server = createServer((request, response) => {
    if (!behave.closed) {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'content-type');
    }
    if (request.method !== 'POST') return response.end();
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', async () => {
      const letter = JSON.parse(text);
      letters.push(letter);
      if (behave.late) await new Promise((resolve) => setTimeout(resolve, behave.late));
      response.statusCode = behave.status ?? 200;
      if (letter.items) items = letter.items.items;
      const { candidates, slate_size } = letter.observation;
      const shortest = [...candidates].sort((a, b) => items[a].duration_s - items[b].duration_s || a - b).slice(0, slate_size);
      const trace = { perceive: [`${candidates.length} candidates`], plan: ['short ones first'], remember: ['nothing'] };
      response.end(behave.body ?? JSON.stringify({ slate: shortest, trace }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the server has no port');
  const close = () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  return { url: `http://127.0.0.1:${address.port}/slate`, host: `127.0.0.1:${address.port}`, letters, behave, close };
}
