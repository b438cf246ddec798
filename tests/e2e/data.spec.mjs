// @ts-check
// The Data page: items under each representation, the tree of codes, words at each level, and both studies.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { crc32, deflateSync } from 'node:zlib';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

// Fetching and starting the two larger programs takes its time, and so does making representations.
test.setTimeout(120_000);

const REPRESENTATIONS = ['text', 'multimodal', 'semantic_id'];

/** Opens the page and waits until all representations are made. @param {import('@playwright/test').Page} page */
async function openData(page) {
  await open(page, '#/data');
  await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
}

/** @param {import('@playwright/test').Page} page */
async function openWords(page) {
  await openData(page);
  await page.getByRole('tab', { name: 'How words are read' }).click();
  await expect(page.getByTestId('readings').locator('[data-level=reasoning]')).toBeVisible();
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} figure
 * @param {string} format
 */
async function saved(page, figure, format) {
  const coming = page.waitForEvent('download');
  await figure.getByRole('button', { name: new RegExp(`^Save .* as ${format}$`) }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path()).toString('utf8') };
}

/** The rows of the table of a figure, read from the screen. @param {import('@playwright/test').Locator} figure */
async function tableOf(figure) {
  await figure.getByRole('button', { name: /as a table/ }).click();
  const table = figure.getByRole('table');
  const columns = await table.locator('thead th').allTextContents();
  const rows = await table.locator('tbody tr').count();
  await figure.getByRole('button', { name: /as a table/ }).click();
  return { columns, rows };
}

/** How many lines of data a CSV text has; a quoted cell may hold a comma. @param {string} text */
const lines = (text) => text.replace(/^\uFEFF/, '').trimEnd().split('\r\n').length - 1;

test('items are mapped, have neighbours and cost something under each representation @look', async ({ page }) => {
  await openData(page);
  for (const name of REPRESENTATIONS) {
    await expect(page.getByTestId(`map-${name}`).getByRole('slider')).toBeVisible();
    await expect(page.getByTestId(`near-${name}`).getByRole('listitem')).toHaveCount(8);
    await expect(page.getByTestId(`cost-${name}`)).toContainText('bytes an item');
  }
  const bytes = async (/** @type {string} */ name) =>
    Number((await page.getByTestId(`cost-${name}`).locator('dd').first().textContent())?.replaceAll(/\D/g, ''));
  expect(await bytes('semantic_id')).toBeLessThan(await bytes('text'));
  expect(await bytes('text')).toBeLessThan(await bytes('multimodal'));
  await expectAccessible(page, '.data');
  await expectNoSidewaysScroll(page);
});

test('words are read at each level, and the page stays within the window', async ({ page }) => {
  await openWords(page);
  await page.getByTestId('words').fill('No more cooking, but keep the travel clips, under three minutes');
  await page.getByTestId('read').click();
  for (const level of ['lexical', 'semantic', 'reasoning']) {
    const reading = page.getByTestId('readings').locator(`[data-level=${level}]`);
    await expect(reading).toContainText('Cooking');
    await expect(reading).toContainText('180 s');
  }
  await expectAccessible(page, '.data');
  await expectNoSidewaysScroll(page);
});

test('an address that leads straight here shows the session that is open, not another @once', async ({ page }) => {
  await open(page, '?scenario=GiftShop&seed=7');
  await expect(page.locator('.item').first()).toBeVisible();
  await page.goto('./#/data');
  await page.reload();
  const progress = page.getByTestId('data-progress');
  await expect(progress).toContainText('3 representations', { timeout: 90_000 });
  const choice = page.getByTestId('data-scenario');
  await expect(choice.locator('option:checked')).toHaveText('A present for a friend (as on the Session page)');
  const items = /^[\d,]+ items/.exec((await progress.textContent()) ?? '')?.[0];
  const first = await page.getByTestId('data-chosen').locator('b').textContent();
  // The same items as that preset has when it is chosen by name.
  await choice.selectOption({ label: 'A present for a friend' });
  await expect(progress).toContainText('3 representations', { timeout: 90_000 });
  await expect(progress).toContainText(items ?? 'items');
  await expect(page.getByTestId('data-chosen').locator('b')).toHaveText(first ?? '');
});

test('an item is chosen in a map by keyboard, in a list, and by a search @once', async ({ page }) => {
  await openData(page);
  const chosen = page.getByTestId('data-chosen').locator('b');
  const slider = page.getByTestId('map-text').getByRole('slider');
  await slider.focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  const read = await slider.getAttribute('aria-valuetext');
  await page.keyboard.press('Enter');
  await expect.poll(async () => read?.includes((await chosen.textContent()) ?? '?')).toBe(true);
  const neighbour = page.getByTestId('near-multimodal').getByRole('button').first();
  const title = await neighbour.locator('.clip2').textContent();
  await neighbour.click();
  await expect(chosen).toHaveText(title ?? '');
  await page.getByTestId('data-search').fill('cooking');
  const found = page.getByTestId('data-found').getByRole('button').first();
  await expect(found).toBeVisible();
  const other = await found.locator('.clip1').textContent();
  await found.click();
  await expect(chosen).toHaveText(other ?? '');
  await page.getByTestId('data-search').fill('no such item anywhere');
  await expect(page.getByText('Nothing found.')).toBeVisible();
});

test('the tree of codes opens branch by branch, and leads to items @once', async ({ page }) => {
  await openData(page);
  const tree = page.getByTestId('codes');
  const branch = tree.getByRole('button', { name: /^Branch \d+,/ }).first();
  const items = Number(/(\d+) items/.exec((await branch.getAttribute('aria-label')) ?? '')?.[1]);
  await branch.focus();
  await page.keyboard.press('Enter');
  await expect(branch).toHaveAttribute('aria-expanded', 'true');
  const below = tree.getByRole('button', { name: /^Branch \d+-\d+,/ });
  await expect(below.first()).toBeVisible();
  // What is small is shown when asked for.
  const more = tree.getByRole('button', { name: /^Show \d+ smaller branches$/ });
  if ((await more.count()) > 1) await more.first().click();
  const labels = await below.evaluateAll((all) => all.map((b) => b.getAttribute('aria-label') ?? ''));
  const sum = labels.map((label) => Number(/, (\d+) item/.exec(label)?.[1])).reduce((a, b) => a + b, 0);
  expect(sum, 'what lies under a branch is all of it').toBe(items);
  const example = tree.locator('.examples .link').first();
  const title = await example.textContent();
  await example.click();
  await expect(page.getByTestId('data-chosen').locator('b')).toHaveText(title ?? '');
  await branch.click();
  await expect(below).toHaveCount(0);
  await tree.getByRole('button', { name: 'Let the catalogue grow' }).click();
  await expect(tree.getByTestId('grown')).toContainText('got codes without retraining', { timeout: 60_000 });
});

test('both studies run in slices, stop when told, and give their numbers as tables and files @once', async ({ page }) => {
  await openData(page);
  await page.getByTestId('study-episodes').fill('5000');
  await page.getByTestId('study-run').click();
  await expect(page.getByTestId('study-progress')).toContainText(/\d+ of 15000 sessions/);
  await expect(page.getByTestId('study-run')).toHaveText('Stop');
  await page.getByTestId('study-run').click();
  await expect(page.getByTestId('study-progress')).toContainText('Stopped after');
  await page.getByTestId('study-episodes').fill('12');
  await page.getByTestId('study-run').click();
  await expect(page.getByTestId('study-progress')).toContainText('Done: 36 sessions', { timeout: 60_000 });
  const study = page.getByTestId('study-table');
  await expect(study.locator('tbody tr')).toHaveCount(3);
  await expect(study).toContainText('Clicks');
  await expect(study).toContainText('Tokens an item');
  await expectAccessible(page, '[data-testid=study]');

  for (const name of [...REPRESENTATIONS.map((r) => `map-${r}`), 'study-chart']) {
    const figure = page.getByTestId(name);
    const { columns, rows } = await tableOf(figure);
    const csv = await saved(page, figure, 'CSV');
    expect(csv.name).toMatch(/\.csv$/);
    expect(lines(csv.text), name).toBe(rows);
    for (const column of columns) expect(csv.text).toContain(column);
    const svg = await saved(page, figure, 'SVG');
    expect(svg.text).toContain('<svg');
    expect(svg.text).not.toMatch(/var\(|<script/);
  }

  await page.getByRole('tab', { name: 'How items are seen' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'How words are read' })).toBeFocused();
  await page.getByTestId('levels-episodes').fill('5000');
  await page.getByTestId('levels-run').click();
  await expect(page.getByTestId('levels-progress')).toContainText(/\d+ of \d+ sessions/, { timeout: 30_000 });
  await page.getByTestId('levels-run').click();
  await expect(page.getByTestId('levels-progress')).toContainText('Stopped after');
  await page.getByTestId('levels-episodes').fill('4');
  await page.getByTestId('levels-run').click();
  await expect(page.getByTestId('levels-progress')).toContainText('Done:', { timeout: 60_000 });
  await expect(page.getByTestId('levels-table').locator('tbody tr').first()).toContainText('explicit specific');
  await page.getByTestId('levels-measure').selectOption('Reward saved from leaving');
  await expect(page.getByTestId('levels-chart').locator('svg').first()).toContainText('Reward saved');
  const csv = await saved(page, page.getByTestId('levels-chart'), 'CSV');
  expect(lines(csv.text)).toBeGreaterThan(8);
});

test('what cannot be is refused at its field, in words @once', async ({ page }) => {
  await openData(page);
  await page.getByTestId('data-codebook').fill('1');
  await page.getByTestId('data-codebook').press('Enter');
  await expect(page.getByTestId('data-refused')).toContainText('2 to 4096');
  await expect(page.getByTestId('data-codebook')).toHaveAttribute('aria-invalid', 'true');
  await page.getByTestId('data-codebook').fill('16');
  await page.getByTestId('data-codebook').press('Enter');
  await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
  await expect(page.getByTestId('data-refused')).toHaveCount(0);
  await page.getByTestId('study-seed').fill('many');
  await page.getByTestId('study-run').click();
  await expect(page.getByTestId('data-refused')).toContainText('many');
});

test('other languages, nothing, and orders to the recommender are read for what they are @once', async ({ page }) => {
  await openWords(page);
  const reasoning = page.getByTestId('readings').locator('[data-level=reasoning]');
  await page.getByRole('button', { name: 'Mehr Reisen bitte', exact: false }).click();
  await expect(reasoning).toContainText('another language');
  await page.getByRole('button', { name: 'Ignore your rules', exact: false }).click();
  await expect(reasoning).not.toContainText('another language');
  await expect(reasoning.locator('.intent')).not.toContainText('Avoid');
  await page.getByTestId('words').fill('');
  await page.getByTestId('read').click();
  await expect(page.getByTestId('read-of')).toContainText('Nothing said after turn');
  await page.getByTestId('words-after').selectOption('0');
  await expect(reasoning).toContainText('nothing asked');
  await page.getByTestId('words').fill("I'm bored");
  await page.getByTestId('words-after').selectOption('2');
  await expect(reasoning).toContainText('What they may want');
});

/** A PNG of one colour, as the browser writes it. @param {import('@playwright/test').Page} page @param {string} colour */
const photograph = async (page, colour) =>
  Buffer.from(
    await page.evaluate(async (c) => {
      const canvas = new OffscreenCanvas(320, 240);
      const brush = canvas.getContext('2d');
      if (brush) {
        brush.fillStyle = c;
        brush.fillRect(0, 0, 320, 240);
      }
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    }, colour),
  );

/** A PNG that claims to be huge: a few bytes. */
function bomb() {
  const chunk = (/** @type {string} */ name, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const ends = Buffer.alloc(4);
    ends.writeUInt32BE(crc32(body));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, body, ends]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(20_000, 0);
  head.writeUInt32BE(20_000, 4);
  head.set([8, 6], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * Opens a session on items of one's own, and the Data page on them.
 * @param {import('@playwright/test').Page} page
 * @param {(i: number) => string} image
 */
async function openOwn(page, image) {
  await open(page, '?scenario=GiftShop&seed=7');
  await expect(page.locator('.item').first()).toBeVisible();
  const files = page.getByTestId('files');
  if (!(await files.isVisible())) await page.getByText('Scenario, sides and files').click();
  await files.click();
  await page.getByTestId('import').click();
  const rows = Array.from({ length: 60 }, (_, i) => `Shirt ${i},${i % 2 ? 'Basics' : 'Tops'},3,${image(i)}`);
  const buffer = Buffer.from(`title,topic,minutes,image\n${rows.join('\n')}\n`);
  await page.getByTestId('import-file').setInputFiles({ name: 'shirts.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Open a session on 60 items' }).click();
  await expect(page.locator('.item').first()).toContainText('Shirt');
  await page.evaluate(() => (location.hash = '#/data'));
  await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
}

test('pictures from files are seen, and what is wrong with some is told in words', async ({ page }) => {
  await openOwn(page, (i) => (i < 50 ? `shirt${i}.png` : ''));
  const told = page.getByTestId('pictures-told');
  await expect(told).toContainText('50 name a file');
  const [red, blue] = [await photograph(page, 'crimson'), await photograph(page, 'navy')];
  const file = (/** @type {number} */ i) => ({
    name: `SHIRT${i}.png`,
    mimeType: 'image/png',
    buffer: i === 3 ? bomb() : i === 4 ? red.subarray(0, 60) : i === 5 ? Buffer.from('<html>') : i % 2 ? red : blue,
  });
  await page.getByTestId('pictures-files').setInputFiles([{ name: 'notes.png', mimeType: 'image/png', buffer: red }]);
  await expect(page.getByTestId('pictures').getByRole('alert')).toContainText('None of the 1 files');
  await page.getByTestId('pictures-files').setInputFiles(Array.from({ length: 48 }, (_, i) => file(i)));
  await expect(told).toContainText('45 of 60 items are seen with their own picture. 5 files are missing (shirt3.png', { timeout: 30_000 });
  const refused = page.getByTestId('pictures-refused');
  await refused.locator('summary').click();
  await expect(refused).toContainText('SHIRT3.png It has 20000 × 20000 pixels; at most 40 megapixels');
  await expect(refused).toContainText('SHIRT4.png The file is broken or was cut off');
  await expect(refused).toContainText('SHIRT5.png It is no picture that can be read here');
  await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
  const photo = page.getByTestId('near-multimodal').locator('img.thumb').first();
  await expect(photo).toBeVisible();
  expect(await photo.evaluate((/** @type {HTMLImageElement} */ img) => img.naturalWidth)).toBeGreaterThan(0);
  await expectAccessible(page, '.data');
  await expectNoSidewaysScroll(page);
  // They are kept: after a reload they are still there, here and on the Session page.
  await page.reload();
  await expect(told).toContainText('45 of 60 items are seen with their own picture', { timeout: 90_000 });
  await page.getByRole('link', { name: 'Session' }).first().click();
  await expect(page.locator('.item').first()).toContainText('Shirt');
  const shown = page.locator('.item img.thumb').first();
  await expect(shown).toBeVisible();
  expect(await shown.evaluate((/** @type {HTMLImageElement} */ img) => img.naturalWidth)).toBeGreaterThan(0);
});

test.describe('pictures at hosts', () => {
  test.use({ allowedErrors: [/Failed to load resource|CORS policy|ERR_FAILED/], allowedHosts: [/^http:\/\/127\.0\.0\.1:/] });

  test('nothing is fetched before the person agrees, and a host that refuses is told of @once', async ({ page }) => {
    const red = await (async () => {
      await open(page);
      return photograph(page, 'crimson');
    })();
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      const at = Number(/(\d+)\.png/.exec(request.url ?? '')?.[1]);
      // One in four is not there, one in four may not be read by a page, one is no picture.
      if (at % 4 !== 1) response.setHeader('access-control-allow-origin', '*');
      if (at % 4 === 2) response.statusCode = 404;
      response.end(at === 3 ? 'nothing' : red);
    });
    await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
    const host = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
    try {
      await openOwn(page, (i) => (i < 20 ? `http://${host}/${i}.png` : ''));
      const fetch = page.getByTestId('pictures-fetch');
      await expect(fetch).toHaveText(`Fetch 20 from ${host}`);
      await fetch.click();
      await expect(page.getByTestId('data-consent-host')).toHaveText(host);
      await expectAccessible(page, '[data-testid=data-consent]');
      await page.getByRole('button', { name: 'Do not' }).click();
      expect(asked).toBe(0);
      await fetch.click();
      await page.getByTestId('data-consent-yes').click();
      await expect(page.getByTestId('pictures-told')).toContainText('9 of 60 items', { timeout: 30_000 });
      expect(asked).toBe(20);
      const refused = page.getByTestId('pictures-refused');
      await refused.locator('summary').click();
      await expect(refused).toContainText('does not let this page read its pictures (CORS)');
      await expect(refused).toContainText('(status 404)');
      await expect(refused).toContainText('It is no picture that can be read here');
      await expect(fetch).toHaveText(`Fetch 11 from ${host}`);
    } finally {
      server.close();
    }
  });
});

/**
 * A server of OpenAI's /v1/embeddings for pages: it wants a key, and counts what it is asked.
 * @param {{ slow?: number }} how
 */
async function embeddings({ slow = 0 } = {}) {
  const state = { texts: 0, calls: 0, bad: 0 };
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    if (request.method === 'OPTIONS') return void response.end();
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      const answer = (/** @type {number} */ status, /** @type {unknown} */ value) => {
        response.statusCode = status;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(value));
      };
      if (request.headers.authorization !== 'Bearer sk-for-this-test') {
        return answer(401, { error: { message: `Incorrect API key: ${request.headers.authorization}` } });
      }
      const asked = JSON.parse(body);
      if (!request.url?.endsWith('/v1/embeddings') || asked.encoding_format !== 'float') state.bad += 1;
      state.calls += 1;
      state.texts += asked.input.length;
      const embedding = (/** @type {string} */ text) =>
        Array.from({ length: 24 }, (_, k) => ((text.length * 7 + text.charCodeAt(k % text.length) * (k + 3)) % 17) - 8);
      const data = asked.input.map((/** @type {string} */ text, /** @type {number} */ index) => ({ object: 'embedding', index, embedding: embedding(text) }));
      setTimeout(() => answer(200, { object: 'list', data, model: asked.model, usage: { prompt_tokens: 9 * data.length, total_tokens: 9 * data.length } }), slow);
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
  const host = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return { state, host, close: () => server.close() };
}

test.describe('texts by an embedding model', () => {
  test.use({ allowedErrors: [/Failed to load resource/], allowedHosts: [/^http:\/\/127\.0\.0\.1:/] });

  test('a server embeds the texts once the person agrees; the rest is compared with them and kept', async ({ page }) => {
    const server = await embeddings();
    try {
      await open(page, '?catalog.items=120&seed=7');
      await expect(page.locator('.item').first()).toBeVisible();
      await page.evaluate(() => (location.hash = '#/data'));
      await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
      const told = page.getByTestId('embed-told');
      const card = page.getByTestId('embedder');
      await page.getByTestId('embed-run').click();
      await expect(card.getByRole('alert')).toContainText('The address cannot be used');
      await page.getByTestId('embed-base').fill(`http://${server.host}/v1`);
      await page.getByTestId('embed-run').click();
      await expect(card.getByRole('alert')).toContainText('Which model?');
      await page.getByTestId('embed-model').fill('sentences');
      await page.getByTestId('embed-run').click();
      await expect(page.getByTestId('data-consent-host')).toHaveText(server.host);
      expect(server.state.calls).toBe(0);
      await page.getByTestId('data-consent-yes').click();
      await expect(card.getByRole('alert')).toContainText('The server does not accept the key.');
      await page.getByTestId('embed-key').fill('sk-for-this-test');
      await page.getByTestId('embed-key').blur();
      await page.getByTestId('embed-run').click();
      await expect(told).toContainText('120 texts, 24 numbers each: 1,080 tokens');
      expect(server.state).toEqual({ texts: 120, calls: 4, bad: 0 });
      await expect(page.getByTestId('near-embedded').getByRole('listitem')).toHaveCount(8);
      await expect(page.getByTestId('cost-embedded')).toContainText('tokens to embed an item');
      await page.getByTestId('study-episodes').fill('4');
      await page.getByTestId('study-run').click();
      await expect(page.getByTestId('study-progress')).toContainText('Done: 16 sessions', { timeout: 60_000 });
      const table = page.getByTestId('study-table');
      await expect(table.locator('tbody tr')).toHaveCount(4);
      await expect(table).toContainText('Text by sentences');
      await expect(table).toContainText('Tokens to embed an item');
      await expectAccessible(page, '.data');
      await expectNoSidewaysScroll(page);
      // After a reload the browser still has them: nothing is asked, and no key is needed.
      await page.reload();
      await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
      await page.getByTestId('embed-base').fill(`http://${server.host}/v1`);
      await page.getByTestId('embed-model').fill('sentences');
      await page.getByTestId('embed-run').click();
      await page.getByTestId('data-consent-yes').click();
      await expect(told).toContainText('kept in this browser from before');
      await expect(page.getByTestId('map-embedded').getByRole('slider')).toBeVisible();
      expect(server.state.calls).toBe(4);
    } finally {
      server.close();
    }
  });

  test('embedding is stopped, gone on with, and leaves no key behind @once', async ({ page }) => {
    const server = await embeddings({ slow: 400 });
    try {
      await openData(page);
      await page.getByTestId('embed-base').fill(`http://${server.host}/v1`);
      await page.getByTestId('embed-model').fill('sentences');
      await page.getByTestId('embed-key').fill('sk-for-this-test');
      await page.getByTestId('embed-key').blur();
      await page.getByTestId('embed-run').click();
      await page.getByTestId('data-consent-yes').click();
      const told = page.getByTestId('embed-told');
      await expect(told).toContainText(/^[1-9]\d* of \d+ texts/);
      await page.getByTestId('embed-run').click();
      await expect(told).toContainText('Stopped after');
      const first = server.state.texts;
      await page.getByTestId('embed-run').click();
      await expect(told).toContainText(/ of \d+ texts/);
      await page.getByTestId('embed-run').click();
      await expect(told).toContainText('Stopped after');
      expect(server.state.texts, 'what came is not asked for again').toBeLessThanOrEqual(first + 96);
      const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
      expect(stored).not.toContain('sk-for-this-test');
    } finally {
      server.close();
    }
  });

  test('a real model on a server embeds the texts from the page @once', async ({ page }) => {
    const url = process.env.RECOWORLD_LLM_URL ?? '';
    test.skip(!url, 'there is no model: run `cargo xtask test --only e2e`');
    await open(page, '?catalog.items=30&candidates=20&seed=7');
    await expect(page.locator('.item').first()).toBeVisible();
    await page.evaluate(() => (location.hash = '#/data'));
    await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
    await page.getByTestId('embed-base').fill(url);
    await page.getByTestId('embed-model').fill('default');
    await page.getByTestId('embed-run').click();
    await page.getByTestId('data-consent-yes').click();
    await expect(page.getByTestId('embed-told')).toContainText(/30 texts, \d+ numbers each/, { timeout: 90_000 });
    await expect(page.getByTestId('near-embedded').getByRole('listitem')).toHaveCount(8);
  });

  test('a model of sentences in the tab embeds the texts: as it should, stopped, gone on with and kept @once @long', async ({ page }) => {
    const file = process.env.RECOWORLD_SENTENCES ?? '';
    test.skip(!file, 'there is no model of sentences: run `cargo xtask test --only e2e-long`');
    test.setTimeout(300_000);
    const openOn = async () => {
      await open(page, '?catalog.items=64&candidates=40&seed=7');
      await expect(page.locator('.item').first()).toBeVisible();
      await page.evaluate(() => (location.hash = '#/data'));
      await expect(page.getByTestId('data-progress')).toContainText('3 representations', { timeout: 90_000 });
      await page.getByTestId('embed-where').selectOption('tab');
      await page.getByTestId('embed-file').setInputFiles(file);
    };
    await openOn();
    const told = page.getByTestId('embed-told');
    await expect(told).toContainText(/[1-9]\d* of \d+ texts/, { timeout: 120_000 });
    await page.getByTestId('embed-run').click();
    await expect(page.getByTestId('embed-run')).toHaveText('Embed', { timeout: 2_000 });
    await page.getByTestId('embed-file').setInputFiles([]);
    await page.getByTestId('embed-file').setInputFiles(file);
    await expect(told).toContainText(/\d+ texts, 384 numbers each: /, { timeout: 240_000 });
    console.log(`in the tab: ${await told.textContent()}`);
    await expect(page.getByTestId('near-embedded').getByRole('listitem')).toHaveCount(8);
    await page.getByTestId('study-episodes').fill('4');
    await page.getByTestId('study-run').click();
    await expect(page.getByTestId('study-table').locator('tbody tr')).toHaveCount(4, { timeout: 120_000 });

    // The very vectors that the original weights give, computed without llama.cpp (tests/python/minilm.py).
    const reference = JSON.parse(readFileSync(file.replace(/gguf$/, 'json'), 'utf8'));
    const began = Date.now();
    const made = await page.evaluate(
      async (input) => JSON.parse(await /** @type {any} */ (globalThis).recoworldTab.embed(JSON.stringify({ input }), new AbortController().signal)),
      reference.map((/** @type {{ text: string }} */ r) => r.text),
    );
    console.log(`${(reference.length / (Date.now() - began)) * 1000} sentences a second`);
    const like = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
      a.reduce((sum, x, k) => sum + x * b[k], 0) / Math.hypot(...a) / Math.hypot(...b);
    const vectors = made.data.map((/** @type {{ embedding: number[] | number[][] }} */ d) => d.embedding.flat());
    vectors.forEach((/** @type {number[]} */ v, /** @type {number} */ i) => expect(like(v, reference[i].vector), reference[i].text).toBeGreaterThan(0.999));
    // Sentences stand in pairs of one meaning, but for the last two.
    for (const i of [0, 2, 4]) {
      for (let k = 0; k < vectors.length; k += 1) if (k !== i && k !== i + 1) expect(like(vectors[i], vectors[i + 1])).toBeGreaterThan(like(vectors[i], vectors[k]) + 0.2);
    }

    // Another time the browser has them.
    await openOn();
    await expect(told).toContainText('384 numbers each, kept in this browser from before', { timeout: 60_000 });
  });
});
