// @ts-check
// The Models page: the example that ships, which model, consent, the test of the connection, and sessions with a server
// that fails in all the ways that servers do.
import { readFile } from 'node:fs/promises';
import { faultServer } from './fault-server.mjs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test as base } from './page.mjs';

const golden = new URL('../golden/example-tape-run.json', import.meta.url);

/** With a server that fails as it is told. */
const test = base.extend({
  server: async ({}, use) => {
    const server = await faultServer();
    await use(server);
    await server.stop();
  },
});

// The larger programs are fetched first.
test.setTimeout(120_000);

/** @typedef {import('@playwright/test').Page} Page */

/** Opens the page; with a link to a session, by way of that session. */
async function models(/** @type {Page} */ page, session = '') {
  await open(page, session || '#/models');
  if (session) {
    await expect(page.locator('.item').first()).toBeVisible();
    await page.getByRole('link', { name: 'Models' }).click();
  }
  await expect(page.getByRole('heading', { name: 'Language models' })).toBeVisible({ timeout: 60_000 });
}

/** Names the server on the page. */
async function choose(/** @type {Page} */ page, /** @type {string} */ url, model = 'little-one') {
  await page.getByTestId('base').fill(url);
  await page.getByTestId('model').fill(model);
}

/** Tests the connection, agreeing to the host where it is asked about. */
async function connect(/** @type {Page} */ page, /** @type {string} */ url) {
  await choose(page, url);
  await page.getByTestId('test-connection').click();
  await page.getByTestId('consent-yes').click();
  await expect(page.getByTestId('tested')).toContainText('It works');
}

/** Lets the model sit down, in a session as short as the page allows, at top speed. */
async function sit(/** @type {Page} */ page, side = 'user') {
  await page.getByTestId('llm-as').selectOption(side);
  await page.getByTestId('sit').click();
  await expect(page.getByTestId('model-panel')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('speed').selectOption('Top');
}

/** Waits for the end of the session and what is asked after it. */
async function over(/** @type {Page} */ page) {
  await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 60_000 });
}

const short = '#slate_size=3&horizon=3&seed=5';

test.describe('the example', () => {
  test('a newcomer watches a session with a language model at once, to the same bytes as in a terminal @look', async ({ page }) => {
    await models(page);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.getByTestId('watch').click();
    const panel = page.getByTestId('model-panel');
    await expect(panel).toBeVisible({ timeout: 60_000 });
    await expect(page.getByTestId('model-name')).toHaveText('SmolLM2-135M-Instruct');
    await expect(page.getByTestId('model-taped')).toBeVisible();
    // It plays by itself.
    await page.getByTestId('speed').selectOption('Top');
    await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 30_000 });
    await expect(page.getByTestId('model-tally')).toContainText('As the user it answered');
    await expect(page.getByTestId('model-tally')).toContainText('As the recommender it answered');
    await expect(page.getByTestId('interview')).toContainText('of 5');
    await expect(page.getByTestId('slate-mark')).toContainText('model');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    const coming = page.waitForEvent('download');
    if (!(await page.getByTestId('files').isVisible())) await page.getByText('Scenario, sides and files').click();
    await page.getByTestId('files').click();
    await page.getByTestId('export-run').click();
    const run = await readFile(await (await coming).path(), 'utf8');
    expect(run).toBe(await readFile(golden, 'utf8'));
  });

  test('a link plays it, the way back leads to the page, and the built-in sides take over again @once', async ({ page }) => {
    await open(page, '#/models?watch');
    await expect(page.getByTestId('model-panel')).toBeVisible({ timeout: 60_000 });
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Language models' })).toBeVisible();
    await page.getByRole('link', { name: 'Session' }).click();
    await page.getByTestId('model-dismiss').click();
    await expect(page.getByTestId('model-panel')).toHaveCount(0);
    await expect(page.getByTestId('user-by')).toHaveValue('builtin');
  });

  test('its tape is saved and opened again, and a file that is none is refused in words @once', async ({ page }) => {
    await models(page);
    await page.getByTestId('watch').click();
    await expect(page.getByTestId('model-panel')).toBeVisible({ timeout: 60_000 });
    const coming = page.waitForEvent('download');
    await page.getByTestId('model-tape').click();
    const path = await (await coming).path();
    const tape = JSON.parse(await readFile(path, 'utf8'));
    expect(tape.schema).toBe('recoworld/tape-v1');
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByTestId('own-tape').setInputFiles({ name: 'other.json', mimeType: 'application/json', buffer: Buffer.from('{"schema":"x"}') });
    await expect(page.getByText('The tape was not opened')).toBeVisible();
    tape.model = 'A copy';
    await page.getByTestId('own-tape').setInputFiles({ name: 'tape.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(tape)) });
    await expect(page.getByTestId('model-name')).toHaveText('A copy', { timeout: 60_000 });
    await page.getByTestId('speed').selectOption('Top');
    await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 30_000 });
  });
});

test('a model’s file that is none, or is cut off, is refused before the engine is given it @once', async ({ page }) => {
  await models(page);
  await page.getByTestId('at-tab').check();
  const give = (/** @type {string} */ name, /** @type {Buffer} */ buffer) => page.getByTestId('own-model').setInputFiles({ name, mimeType: '', buffer });
  await give('notes.gguf', Buffer.from('My notes'));
  await expect(page.getByText('notes.gguf is no GGUF file')).toBeVisible();
  // One tensor of 64 numbers, of which none is there.
  const words = (/** @type {string} */ text) => Buffer.concat([long(text.length), Buffer.from(text)]);
  const long = (/** @type {number} */ n) => Buffer.from(new BigUint64Array([BigInt(n)]).buffer);
  const int = (/** @type {number} */ n) => Buffer.from(new Uint32Array([n]).buffer);
  const head = Buffer.concat([Buffer.from('GGUF'), int(3), long(1), long(0), words('weights'), int(1), long(64), int(0), long(0)]);
  await give('short.gguf', Buffer.concat([head, Buffer.alloc(2_000_000)]).subarray(0, head.length + 40));
  await expect(page.getByText('short.gguf is cut off')).toBeVisible();
  await give('headless.gguf', head.subarray(0, 30));
  await expect(page.getByText('headless.gguf is cut off or damaged')).toBeVisible();
  await expect(page.getByTestId('tab-model')).toHaveText('No model is loaded.');
});

test.describe('with a server', () => {
  test.use({ allowedHosts: [/^http:\/\/127\.0\.0\.1:\d+$/], allowedErrors: [/Failed to load resource|CORS policy|net::ERR/] });

  test('no host is spoken to before the person agrees, and one refusal is heeded @once', async ({ page, server }) => {
    await models(page);
    await choose(page, server.url);
    await page.getByTestId('test-connection').click();
    await expect(page.getByTestId('consent-host')).toHaveText(`127.0.0.1:${server.port}`);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Do not' }).click();
    expect(server.asked).toHaveLength(0);
    // By keyboard alone: Enter in a field asks, Escape refuses.
    await page.getByTestId('model').press('Enter');
    await expect(page.getByTestId('consent')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('consent')).toBeHidden();
    expect(server.asked).toHaveLength(0);
    await page.getByTestId('model').press('Enter');
    await page.getByTestId('consent-yes').press('Enter');
    await expect(page.getByTestId('tested')).toContainText('It works');
    expect(server.asked.length).toBeGreaterThan(0);
    await expect(page.getByTestId('sit')).toBeEnabled();
  });

  test('what is wrong with a connection is told apart, each with what to do @once', async ({ page, server }) => {
    await models(page);
    await choose(page, 'ftp://example.org');
    await page.getByTestId('test-connection').click();
    await expect(page.getByText('The address cannot be used')).toBeVisible();
    await choose(page, server.url);
    await page.getByTestId('timeout').fill('1');
    await page.getByTestId('timeout').blur();
    const tested = page.getByTestId('tested');
    const fails = async (/** @type {import('./fault-server.mjs').Act} */ act, /** @type {RegExp} */ words, /** @type {RegExp} */ fix) => {
      server.act(act);
      await page.getByTestId('test-connection').click();
      await expect(tested).toContainText(words);
      await expect(tested).toContainText(fix);
      await expect(page.getByTestId('sit')).toBeDisabled();
    };
    await page.getByTestId('test-connection').click();
    await page.getByTestId('consent-yes').click();
    await expect(tested).toContainText('It works');
    await fails({ status: 401, body: '{"error":{"message":"Incorrect API key"}}' }, /does not accept the key.*Incorrect API key/, /whole key was entered/);
    await fails({ status: 404, body: '{"error":{"message":"The model `little-one` does not exist"}}' }, /does not know this model/, /Check the model's name/);
    await fails('no-cors', /does not let this page read its answers \(CORS\)/, /allow the origin http/);
    await fails('stall', /No answer came within 1 second/, /allow more time/);
    await fails({ status: 402, body: '{"error":{"message":"no credit left"}}' }, /no credit left/, /Add to the account/);
    await fails({ status: 200, body: '<html>not what was asked</html>' }, /no answer of OpenAI's API/, /speaks OpenAI/);
    await server.stop();
    await page.getByTestId('test-connection').click();
    await expect(tested).toContainText('cannot be reached');
    await server.listen();
    server.act('ok');
    await page.getByTestId('test-connection').click();
    await expect(tested).toContainText('It works');
  });

  test('a key goes to its own host, and nowhere else: not into storage, links, exports or tapes @once', async ({ page, server }) => {
    const key = 'sk-secret-of-mine-123456';
    await models(page, short);
    await choose(page, server.url);
    await page.getByTestId('key').fill(key);
    await page.getByTestId('key').blur();
    server.act('echo-key');
    await page.getByTestId('test-connection').click();
    await page.getByTestId('consent-yes').click();
    await expect(page.getByTestId('tested')).toContainText('It works');
    expect(server.keys.every((sent) => sent === `Bearer ${key}`)).toBe(true);
    server.act((n) => (n % 3 === 0 ? 'echo-key' : 'ok'));
    await sit(page);
    await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 60_000 });
    const coming = page.waitForEvent('download');
    await page.getByTestId('model-tape').click();
    expect(await readFile(await (await coming).path(), 'utf8')).not.toContain(key);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href + document.body.innerText)).not.toContain(key);
    await page.getByRole('link', { name: 'Models' }).first().click();
    const other = await faultServer();
    await choose(page, other.url);
    await page.getByTestId('test-connection').click();
    await page.getByTestId('consent-yes').click();
    await expect(page.getByTestId('tested')).toContainText('It works');
    expect(other.keys.every((sent) => sent === '')).toBe(true);
    await other.stop();
  });

  test('the model plays to the end, its turns, tokens and money counted, and is asked afterwards @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    await page.getByTestId('price-prompt').fill('2');
    await page.getByTestId('price-answer').fill('8');
    await page.getByTestId('price-answer').blur();
    await expect(page.getByTestId('estimate')).toContainText(/All 3 turns .* tokens, 0\.\d+ in cost \(from the length of the prompts and the slate;/);
    await sit(page, 'both');
    await expect(page.getByTestId('model-sides')).toHaveText('plays both sides');
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('As the user it answered 3 of 3 turns itself (100 %).');
    await expect(page.getByTestId('model-tally')).toContainText('As the recommender it answered 3 of 3 turns itself (100 %).');
    // What the server says that it took, by the prices that were entered.
    const spent = await page.getByTestId('model-spent').textContent();
    const [, calls, prompt, answer, cost] = spent?.match(/Spent: (\d+) calls, ([\d,]+) prompt tokens and ([\d,]+) answer tokens, ([\d.]+) in cost/) ?? [];
    const tokens = (text) => Number(text?.replaceAll(',', ''));
    expect(tokens(prompt)).toBe(400 * Number(calls));
    expect(Number(cost)).toBeCloseTo((2 * tokens(prompt) + 8 * tokens(answer)) / 1e6, 4);
    await expect(page.getByTestId('interview')).toContainText('of 5');
    const sent = page.getByTestId('model-panel').getByTestId('sent');
    await sent.locator('summary').click();
    await expect(sent.getByTestId('sent-body')).toContainText('"model":"little-one"');
    await page.getByRole('link', { name: 'Models' }).first().click();
    await expect(page.getByTestId('estimate')).toContainText('measured in a session with this model');
  });

  test('faults that pass are waited out, and no turn is lost @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    const from = server.asked.length;
    /** @type {import('./fault-server.mjs').Act[]} */
    const faults = [{ status: 429, headers: { 'retry-after': '1' } }, 'reset', 'cut', { status: 500 }, { status: 429 }];
    /** @type {number[]} */
    const times = [];
    server.act((n) => {
      times[n] = Date.now();
      const k = n - from;
      return (k % 2 === 0 && faults[k / 2]) || 'ok';
    });
    await sit(page);
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('3 of 3 turns itself (100 %).');
    expect(times[from + 1] - times[from], 'the server is not asked again before it allows').toBeGreaterThanOrEqual(1000);
  });

  test('an answer that cannot be used is asked for once more; then the built-in user answers, marked @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    const from = server.asked.length;
    server.act((n) => (n === from ? 'garbage' : 'ok'));
    await sit(page);
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('3 of 3 turns itself (100 %), 1 after a repair.');
    expect(JSON.stringify(server.asked[from + 1].messages.at(-1))).toContain('cannot be used');
    server.act('wrong-json');
    await page.getByRole('button', { name: 'Reset on the same seed' }).click();
    await page.getByTestId('turn').click();
    await expect(page.getByTestId('mark').first()).toHaveText('built-in fell in');
    await expect(page.getByTestId('model-tally')).toContainText('0 of 1 turn itself (0 %); the built-in side fell in once.');
  });

  test('what only a person can mend holds the session, which goes on from there @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    const from = server.asked.length;
    server.act((n) => (n > from ? { status: 401, body: '{"error":{"message":"key revoked"}}' } : 'ok'));
    await sit(page);
    const held = page.getByTestId('model-held');
    await expect(held).toContainText('key revoked');
    await expect(held).toContainText('whole key was entered');
    await expectAccessible(page, '[data-testid=model-panel]');
    await page.getByTestId('model-builtin').click();
    await expect(page.getByTestId('model-tally')).toContainText('1 of 2 turns itself (50 %); the built-in side fell in once.');
    await expect(held).toContainText('key revoked');
    server.act('ok');
    await page.getByTestId('model-resume').click();
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('2 of 3 turns itself (67 %); the built-in side fell in once.');
  });

  test('a budget stops the session, and a larger one lets it go on @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    await page.getByTestId('most-tokens').fill('900');
    await page.getByTestId('most-tokens').blur();
    const from = server.asked.length;
    await sit(page);
    await expect(page.getByTestId('model-held')).toContainText('The budget of 900 tokens is spent (1000)');
    expect(server.asked.length - from).toBe(2);
    await page.getByTestId('model-raise').click();
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('(100 %)');
  });

  test('a call is cancelled at once, and playing asks anew @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    const from = server.asked.length;
    server.act('stall');
    await sit(page);
    await expect(page.getByTestId('model-doing')).toContainText('looks at the slate of turn 1');
    await expect.poll(() => server.asked.length).toBe(from + 1);
    server.act('ok');
    await page.getByTestId('model-cancel').click();
    await expect(page.getByTestId('play')).toHaveText(/Play/);
    await expect(page.getByTestId('model-cancel')).toHaveCount(0);
    await page.getByTestId('play').click();
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('3 of 3 turns itself (100 %).');
  });

  test('a model gets its report card, and one that failed it is warned of on the Session page @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    const from = server.asked.length;
    await page.getByTestId('check-model').click();
    const cards = page.getByTestId('cards');
    // It passes everything over, whoever it is: so it is nobody.
    await expect(cards).toContainText('failed', { timeout: 30_000 });
    await expect(cards).toContainText('little-one');
    await expect(cards.getByRole('row', { name: 'Valid answers' })).toContainText('100 %');
    await expect(cards.getByRole('row', { name: 'Tokens a turn' })).toContainText('400 + 100');
    expect(server.asked.length - from).toBe(8);
    const coming = page.waitForEvent('download');
    await page.getByTestId('save-cards').click();
    const [card] = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
    expect(card).toMatchObject({ schema: 'recoworld/card-v1', model: 'little-one', calls: 8, valid: 1 });
    await expectAccessible(page);
    await sit(page);
    await expect(page.getByTestId('model-failed')).toContainText('failed its report card');
  });

  test('prompts are read, counted and edited in the page, and what is written is what is sent @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    await page.getByTestId('prompts').click();
    const prompt = page.locator('details.prompt', { hasText: 'user.md' }).first();
    await prompt.locator('summary').click();
    await expect(prompt).toContainText(/about \d+ tokens/);
    await prompt.getByRole('textbox').fill('You are {name}, and in a hurry.');
    await prompt.getByRole('textbox').blur();
    await expect(prompt).toContainText(/about 1\d tokens/);
    await sit(page);
    await over(page);
    expect(server.asked.at(-2).messages[0].content).toBe('You are Dana, and in a hurry.');
  });

  test('a reload keeps the model, how it takes part, its prompts, card and tape, but no key; the session goes on from the tape @once', async ({ page, server }) => {
    const key = 'sk-secret-of-mine-123456';
    await models(page, short);
    await page.getByTestId('key').fill('with a ü in it');
    await page.getByTestId('key').blur();
    await expect(page.getByText('The key was not taken')).toBeVisible();
    await choose(page, server.url);
    await page.getByTestId('key').fill(key);
    await page.getByTestId('key').blur();
    await connect(page, server.url);
    await page.getByTestId('price-prompt').fill('2');
    await page.getByTestId('price-prompt').blur();
    await page.getByTestId('prompts').click();
    const prompt = page.locator('details.prompt', { hasText: 'user.md' }).first();
    await prompt.locator('summary').click();
    const words = 'You are {name}. {about} {declared} {context} {traits}';
    await prompt.getByRole('textbox').fill(words);
    await prompt.getByRole('textbox').blur();
    await page.getByTestId('check-model').click();
    await expect(page.getByTestId('cards')).toContainText('little-one', { timeout: 30_000 });

    // It stops in the second turn, and then the tab is closed and opened again.
    const from = server.asked.length;
    server.act((n) => (n > from ? { status: 401, body: '{"error":{"message":"key revoked"}}' } : 'ok'));
    await sit(page);
    await expect(page.getByTestId('model-held')).toContainText('key revoked');
    await page.getByRole('link', { name: 'Models' }).first().click();
    await expect(page.getByTestId('last-words')).toHaveText('Your last session with little-one, 1 turn, is kept in this browser.');
    await page.goto('about:blank');
    await open(page, '#/models');
    await expect(page.getByTestId('last-words')).toContainText('little-one', { timeout: 60_000 });
    await expect(page.getByTestId('base')).toHaveValue(server.url);
    await expect(page.getByTestId('model')).toHaveValue('little-one');
    await expect(page.getByTestId('price-prompt')).toHaveValue('2');
    await expect(page.getByTestId('cards')).toContainText('little-one');
    await page.getByTestId('prompts').click();
    await prompt.locator('summary').click();
    await expect(prompt.getByRole('textbox')).toHaveValue(words);
    await expect(page.getByTestId('key')).toHaveAttribute('placeholder', '');
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(key);

    // Agreed to anew, and not paid for twice.
    await expect(page.getByTestId('last-go-on')).toBeDisabled();
    server.act('ok');
    await page.getByTestId('test-connection').click();
    await page.getByTestId('consent-yes').click();
    await expect(page.getByTestId('tested')).toContainText('It works');
    expect(server.keys.at(-1), 'the key is gone').toBe('');
    const before = server.asked.length;
    await page.getByTestId('last-go-on').click();
    await expect(page.getByTestId('model-panel')).toBeVisible({ timeout: 60_000 });
    await page.getByTestId('speed').selectOption('Top');
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('3 of 3 turns itself (100 %).');
    expect(server.asked.length - before, 'two turns and the interview').toBe(3);

    // What is whole now plays again without the server, and is forgotten on demand.
    await server.stop();
    await page.getByRole('link', { name: 'Models' }).first().click();
    await expect(page.getByTestId('last-words')).toContainText('3 turns');
    await page.getByTestId('last-watch').click();
    await expect(page.getByTestId('model-taped')).toBeVisible({ timeout: 60_000 });
    await over(page);
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByTestId('last-forget').click();
    await page.goto('about:blank');
    await models(page);
    await expect(page.getByTestId('last')).toHaveCount(0);
  });

  test('a server’s own list gives the prices, and the names where one is not known @once', async ({ page, server }) => {
    await models(page);
    server.models.push({ id: 'little-one', pricing: { prompt: '0.0000001', completion: '0.0000004' } }, { id: 'big-one' });
    await connect(page, server.url);
    await expect(page.getByTestId('tested')).toContainText('a million tokens cost 0.1 (prompt) and 0.4 (answer)');
    await expect(page.getByTestId('price-prompt')).toHaveValue('0.1');
    await expect(page.locator('#example-models option')).toHaveCount(2);
    // What a person enters stays; what was taken from the list goes with the model.
    await page.getByTestId('price-answer').fill('3');
    await page.getByTestId('price-answer').blur();
    await page.getByTestId('test-connection').click();
    await expect(page.getByTestId('tested')).toContainText('It works');
    await expect(page.getByTestId('price-answer')).toHaveValue('3');
    server.act({ status: 404, body: '{"error":{"message":"no such model"}}' });
    await page.getByTestId('test-connection').click();
    await expect(page.getByTestId('tested')).toContainText('It has little-one, big-one.');
  });

  test('a model that is connected reads a person’s words on the Data page, beside the levels @once', async ({ page, server }) => {
    await models(page);
    await connect(page, server.url);
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('tab', { name: 'How words are read' }).click({ timeout: 90_000 });
    await page.getByTestId('words').fill('Something about travel, please');
    await page.getByTestId('model-read').click();
    const card = page.getByTestId('readings').locator('[data-level="language model"]');
    await expect(card).toContainText(/Spent.*500 tokens in 1 call/, { timeout: 30_000 });
    expect(JSON.stringify(server.asked.at(-1).messages)).toContain('Something about travel, please');
    await expectAccessible(page);
    // Of other words it says nothing.
    await page.getByTestId('words').fill('I am bored');
    await page.getByTestId('read').click();
    await expect(page.getByTestId('model-read')).toBeVisible();
    server.act({ status: 401, body: '{"error":{"message":"key revoked"}}' });
    await page.getByTestId('model-read').click();
    await expect(card.getByRole('alert')).toContainText('key revoked');
  });

  test('a model that sees is sent the slate’s pictures, where items are shown by them @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    await expect(page.getByTestId('sees')).toHaveCount(0);
    await page.goto('about:blank');
    await models(page, `${short}&representation=multimodal`);
    await connect(page, server.url);
    await page.getByTestId('sees').check();
    const from = server.asked.length;
    await sit(page);
    await over(page);
    const shown = server.asked[from].messages.at(-1).content.filter((/** @type {any} */ part) => part.type === 'image_url');
    expect(shown).toHaveLength(3);
    expect(shown[0].image_url.url).toMatch(/^data:image\/png;base64,/);
  });

  test('a person talks with a model that recommends @once', async ({ page, server }) => {
    await models(page, short);
    await connect(page, server.url);
    await page.getByRole('link', { name: 'Session' }).click();
    await page.getByTestId('user-by').selectOption('person');
    await page.getByRole('link', { name: 'Models' }).click();
    await sit(page, 'recommender');
    await expect(page.getByTestId('your-turn')).toBeVisible();
    await expect(page.getByTestId('slate-mark')).toContainText('model');
    await page.getByTestId('do-enough').click();
    const said = 'Something about travel, please';
    await page.getByTestId('own-words').fill(said);
    await page.getByTestId('do-say').click();
    await expect(page.getByTestId('your-turn')).toBeVisible();
    expect(JSON.stringify(server.asked.at(-1).messages)).toContain(said);
  });
});

test.describe('offline', () => {
  const host = 'https://models.example';
  test.use({ allowedHosts: [/^https:\/\/models\.example$/], allowedErrors: [/Failed to load resource|net::ERR/] });

  test('the session waits, and goes on by itself when the connection is back @once', async ({ page, server, context }) => {
    await page.route(`${host}/**`, async (route) => {
      const answered = await fetch(server.url + new URL(route.request().url()).pathname.replace('/v1', ''), {
        method: route.request().method(),
        headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1' },
        body: route.request().postData(),
      }).catch(() => undefined);
      if (!answered) return route.abort('internetdisconnected');
      await route.fulfill({
        status: answered.status,
        body: await answered.text(),
        headers: { 'content-type': answered.headers.get('content-type') ?? '', 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      });
    });
    await models(page, short);
    await connect(page, `${host}/v1`);
    const from = server.asked.length;
    // The line goes while the second answer is on its way.
    server.act((n) => (n === from + 1 ? 'stall' : 'ok'));
    await sit(page);
    await expect.poll(() => server.asked.length).toBe(from + 2);
    await context.setOffline(true);
    await server.stop();
    await expect(page.getByTestId('model-doing')).toContainText('Offline: the session waits');
    await page.waitForTimeout(1000);
    expect(server.asked.length).toBe(from + 2);
    await server.listen();
    server.act('ok');
    await context.setOffline(false);
    await over(page);
    await expect(page.getByTestId('model-tally')).toContainText('3 of 3 turns itself (100 %).');
  });
});
