// @ts-check
// A real, small model plays from the page: on a server of this machine, and inside the tab. It is not clever; what is seen
// here is that it takes part itself: whatever else happens, 90 % of its turns are its own.
import { expect, test } from './page.mjs';
import { connect, load, models, play, run, tape, there } from './real-model.mjs';

test.skip(!there, 'there is no model: run `cargo xtask test --only e2e`');
test.setTimeout(600_000);
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

test('a real model on a server recommends in the page @once @long', async ({ page }) => {
  await models(page, 3);
  await connect(page);
  await play(page, 'recommender');
  await expect(page.getByTestId('slate-mark')).toContainText('model');
});

test('a real model plays a turn inside the tab, by WebAssembly @once @long', async ({ page }) => {
  await models(page, 1);
  await load(page);
  await play(page, 'user');
});

test('a real model plays both sides inside the tab and gets its report card @once @long', async ({ page }) => {
  await models(page, 3);
  await load(page);
  await play(page, 'both');
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByTestId('check-model').click();
  await expect(page.getByTestId('cards')).toBeVisible({ timeout: 540_000 });
  await expect(page.getByTestId('cards')).toContainText('Valid answers');
});
