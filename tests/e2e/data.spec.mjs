// @ts-check
// The Data page: items under each representation, the tree of codes, words at each level, and both studies.
import { readFileSync } from 'node:fs';
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

test('items are mapped, have neighbours and cost something under each representation', async ({ page }) => {
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
  await expect(reasoning).toContainText('nothing asked');
  await page.getByTestId('words').fill("I'm bored");
  await page.getByTestId('words-after').selectOption('2');
  await expect(reasoning).toContainText('What they may want');
});
