// @ts-check
// A real, small model plays from the page: on a server of this machine, and inside the tab. It is not clever; what is seen
// here is that it takes part itself: whatever else happens, 90 % of its turns are its own.
import { readFile } from 'node:fs/promises';
import { expect, test } from './page.mjs';
import { connect, host, load, models, over, play, projector, run, tape, there } from './real-model.mjs';

test.skip(!there, 'there is no model: run `cargo xtask test --only e2e`');
test.setTimeout(900_000);
// There is one model, and two processors at the most.
test.describe.configure({ mode: 'serial' });
// A server that does not know a field may answer the test of the connection by an error, of which the console tells.
test.use({ allowedHosts: [/^http:\/\/127\.0\.0\.1:\d+$/], allowedErrors: [/Failed to load resource/] });

test('a real model on a server plays both sides, and its tape plays the session again to the same bytes @once', async ({ page }) => {
  await models(page, 1);
  await connect(page);
  await play(page, 'both');
  const [first, text] = [await run(page), await tape(page)];
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByTestId('own-tape').setInputFiles({ name: 'tape.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await expect(page.getByTestId('model-taped')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 60_000 });
  expect(await run(page)).toBe(first);
});

test('a real model on a server plays the user in the page, in writing and scored @once @long', async ({ page }) => {
  await models(page, 3);
  await connect(page);
  await play(page, 'user');
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByTestId('llm-mode').selectOption('scored');
  await play(page, 'user');
});

test('the temperature of a real model’s scores is fitted to the built-in user, and is on the tape of what it plays @once', async ({ page }) => {
  await models(page, 3);
  await connect(page);
  await page.getByTestId('llm-mode').selectOption('scored');
  await page.getByTestId('fit-actions').selectOption('32');
  await page.getByTestId('fit-temperature').click();
  const found = page.getByTestId('calibration');
  await expect(found).toContainText('temperature', { timeout: 300_000 });
  await expect(found.getByRole('row')).toHaveCount(4);
  const told = (await found.textContent()) ?? '';
  console.log(told);
  const [, fitted] = /temperature ([\d.]+)/.exec(told) ?? [];
  const set = Number(await page.getByTestId('score-temperature').inputValue());
  // It is taken over where it helps on slates left out of the fit, and nowhere else.
  if (told.includes('It is set above')) expect(set).toBeCloseTo(Number(fitted), 2);
  else expect(set).toBe(1);
  await page.getByTestId('score-temperature').fill('2.5');
  await page.getByTestId('score-temperature').blur();
  await play(page, 'user');
  expect(JSON.parse(await tape(page)).settings.score_temperature).toBe(2.5);
});

test('a real model on a server recommends in the page @once @long', async ({ page }) => {
  await models(page, 3);
  await connect(page);
  await play(page, 'recommender');
  await expect(page.getByTestId('slate-mark')).toContainText('model');
});

test('a model at an address is fetched, stopped, gone on with, plays a turn in the tab, is kept and deleted @once', async ({ page }) => {
  test.setTimeout(400_000);
  const at = await host();
  try {
    await models(page, 1, 2);
    await page.getByTestId('at-tab').check();
    await page.getByTestId('use-gpu').setChecked(false);
    await page.getByTestId('offers').click();
    await page.getByTestId('own-address').fill(at.url);
    await page.getByTestId('own-address-load').click();
    await page.getByTestId('consent-yes').click();
    const state = page.getByTestId('tab-model');
    await expect(state).toContainText(/small: [2-9]\d of 98 MB/);
    await state.getByRole('button', { name: 'Stop' }).click();
    const goOn = page.getByRole('button', { name: /^small: Go on \(\d+ of 98 MB are here\)/ });
    await expect(goOn).toBeVisible();
    await goOn.click();
    await expect(state).toContainText('small is loaded: WebAssembly', { timeout: 60_000 });
    expect(at.from).toHaveLength(2);
    expect(at.from[1], 'it goes on from what is here').toBeGreaterThan(8 << 20);

    await page.getByTestId('llm-mode').selectOption('scored');
    await play(page, 'user');

    // After a reload it is here without the host, until it is deleted.
    at.close();
    await page.goto('about:blank');
    await models(page, 1, 2);
    await page.getByTestId('at-tab').check();
    await page.getByTestId('use-gpu').setChecked(false);
    await page.getByTestId('offers').click();
    await page.getByRole('button', { name: 'small: Load' }).click();
    await page.getByTestId('consent-yes').click();
    await expect(state).toContainText('small is loaded', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Delete small' }).click();
    await expect(page.getByRole('button', { name: /^small:/ })).toHaveCount(0);
  } finally {
    at.close();
  }
});

test('a real model writes a turn inside the tab, by WebAssembly: it is seen to move, and stops at once @once @long', async ({ page }) => {
  await models(page, 1);
  await load(page);
  await page.getByTestId('llm-as').selectOption('user');
  await page.getByTestId('sit').click();
  await expect(page.getByTestId('model-pace')).toContainText(/\d+ of \d+ tokens of the prompt read/, { timeout: 60_000 });
  await page.getByTestId('model-cancel').click();
  await expect(page.getByTestId('model-cancel')).toHaveCount(0, { timeout: 2_000 });
  await page.getByTestId('play').click();
  await expect(page.getByTestId('model-pace')).toContainText(/\d+ tokens written, [\d.]+ a second/, { timeout: 120_000 });
  console.log(`in the tab: ${await page.getByTestId('model-pace').textContent()}`);
  await over(page, 'user');
});

test('a real model plays both sides inside the tab @once @long', async ({ page }) => {
  await models(page, 1, 2);
  await load(page);
  await play(page, 'both');
});

test('a model is shown the slate’s pictures inside the tab, as tokens of its own @once @long', async ({ page }) => {
  test.skip(!projector, 'there is no projector: run `cargo xtask test --only e2e-long`');
  await models(page, 1, 2, '&representation=multimodal');
  await page.getByTestId('at-tab').check();
  await expect(page.getByTestId('sees')).toHaveCount(0);
  await page.getByTestId('own-projector').setInputFiles(projector);
  await load(page);
  await expect(page.getByTestId('tab-model')).toContainText('it sees pictures');
  await page.getByTestId('sees').check();
  // What the page asks the engine is overheard, and the engine's prompt tokens are counted for any request.
  await page.evaluate(() => {
    const here = /** @type {any} */ (globalThis);
    const { complete } = here.recoworldTab;
    here.asked = [];
    here.recoworldTab.complete = (/** @type {string} */ body, /** @type {any[]} */ ...rest) => {
      here.asked.push(body);
      return complete(body, ...rest);
    };
    here.promptTokens = async (/** @type {any} */ body) => {
      let tokens = 0;
      const told = (/** @type {string} */ piece) => (tokens = JSON.parse(piece).usage?.prompt_tokens ?? tokens);
      await complete(JSON.stringify({ ...body, max_tokens: 1 }), 300_000, new AbortController().signal, told);
      return tokens;
    };
  });
  await play(page, 'user');
  const body = JSON.parse(await page.evaluate(() => /** @type {any} */ (globalThis).asked[0]));
  const isPicture = (/** @type {any} */ part) => part.type === 'image_url';
  const { content } = body.messages.at(-1);
  expect(content.filter(isPicture)).toHaveLength(2);
  for (const part of content.filter(isPicture)) expect(part.image_url.url).toMatch(/^data:image\/png;base64,/);
  const count = (/** @type {any[]} */ parts) => {
    const messages = [...body.messages.slice(0, -1), { role: 'user', content: parts }];
    return page.evaluate((asked) => /** @type {any} */ (globalThis).promptTokens(asked), { ...body, messages });
  };
  // Sixteen tokens a picture (tests/python/projector.py), and what stands between the parts.
  const more = (await count(content)) - (await count(content.filter((/** @type {any} */ part) => !isPicture(part))));
  expect(more).toBeGreaterThanOrEqual(2 * 16);
  expect(more).toBeLessThanOrEqual(2 * 18);
});

test('the same model gets its report card in the tab and on a server, side by side @once @long', async ({ page }) => {
  await models(page, 1);
  await connect(page);
  await page.getByTestId('check-model').click();
  const cards = page.getByTestId('cards');
  await expect(cards).toContainText('Valid answers', { timeout: 300_000 });
  await load(page);
  await page.getByTestId('check-model').click();
  await expect(cards.locator('thead th')).toHaveCount(2, { timeout: 580_000 });
  const coming = page.waitForEvent('download');
  await page.getByTestId('save-cards').click();
  /** @type {Array<Record<string, any>>} */
  const saved = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
  expect(saved).toHaveLength(2);
  for (const card of saved) {
    console.log(`${card.model}: valid ${card.valid}, ${card.prompt_tokens} + ${card.completion_tokens} tokens, ${card.seconds} s a turn`);
    expect(card.calls).toBe(8);
    expect(card.valid).toBeGreaterThanOrEqual(0.9);
  }
  // The same prompts, counted by the same tokenizer.
  expect(Math.abs(saved[0].prompt_tokens / saved[1].prompt_tokens - 1)).toBeLessThan(0.05);
});
