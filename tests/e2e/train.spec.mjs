// @ts-check
// The Train page: a real, short training runs in the browser, is read, kept, gone on with and taken along.
import { readFileSync } from 'node:fs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

// Fetching and starting the two larger programs takes its time, and so does learning.
test.setTimeout(300_000);

/**
 * Opens the page and sets up a run that learns within seconds: one seed that begins with the wrong taste.
 * @param {import('@playwright/test').Page} page
 * @param {string} steps
 */
async function setUp(page, steps) {
  await open(page, '#/train');
  await expect(page.getByTestId('train')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('train-slate_size').fill('1');
  await page.getByTestId('train-seeds').fill('1');
  await page.getByTestId('train-steps').fill(steps);
  await page.getByLabel('learning_rate', { exact: false }).first().fill('0.003');
}

/** The mean return at each measurement, as the chart's table has it. @param {import('@playwright/test').Page} page */
async function curve(page) {
  const figure = page.getByTestId('return-chart');
  await figure.getByRole('button', { name: /as a table/ }).click();
  const cells = await figure.locator('tbody tr td:nth-child(2)').allTextContents();
  await figure.getByRole('button', { name: /as a table/ }).click();
  return cells.map((cell) => Number(cell.replaceAll(/[^\d.−-]/g, '').replace('−', '-'))).filter((n) => Number.isFinite(n) && n > 0);
}

test('who opens the page sees a policy improve within seconds, told what it is, and may send it away @look', async ({ page }) => {
  await open(page, '#/train');
  const look = page.getByTestId('first-look');
  await expect(look).toContainText('This page began it by itself', { timeout: 60_000 });
  await expect(look).toContainText('It is not kept');
  await expect(page.getByTestId('train-progress')).toContainText(/Done|Stopped/, { timeout: 60_000 });
  const values = await curve(page);
  expect(values.at(-1) ?? 0, `the curve rises: ${values}`).toBeGreaterThan(1.2 * (values[0] ?? 0));
  await expect(page.getByTestId('runs').getByTestId('run')).toContainText('first look');
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  // Nothing of it is kept, and a person who does not want it has an empty board.
  await page.getByTestId('no-look').click();
  await expect(page.getByTestId('run')).toHaveCount(0);
  await expect(look).toHaveCount(0);
  await page.getByTestId('train-algorithm').selectOption('reinforce');
  await expect(page.getByTestId('runs')).toBeAttached();
  await expect(page.getByTestId('run')).toHaveCount(0);
});

test('a first look follows the choice, and gives way to a run of my own, which alone is kept @once', async ({ page }) => {
  await open(page, '#/train');
  const looks = page.getByTestId('run').filter({ hasText: 'first look' });
  await expect(looks).toHaveCount(1, { timeout: 60_000 });
  await page.getByTestId('train-algorithm').selectOption('reinforce');
  await expect(looks).toContainText('REINFORCE');
  await expect(looks).toHaveCount(1);
  await page.getByTestId('train-seeds').fill('1');
  await page.getByTestId('train-steps').fill('3000');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 60_000 });
  await expect(looks).toHaveCount(0);
  await expect(page.getByTestId('train-kept')).toContainText('kept in this browser');
  await page.reload();
  await expect(page.getByTestId('run')).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 60_000 });
  await expect(page.getByTestId('run')).toHaveCount(1);
  await expect(looks).toHaveCount(0);
});

test('a policy learns in the tab, and the page says so with its evidence @once', async ({ page }) => {
  await setUp(page, '40000');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 120_000 });
  const values = await curve(page);
  expect(values.length).toBeGreaterThan(10);
  expect(values.at(-1) ?? 0, `the curve rises: ${values}`).toBeGreaterThan(1.3 * (values[0] ?? 0));
  const verdict = page.getByTestId('verdict');
  await expect(verdict).toContainText('more than greedy (95 % interval');
  await expect(verdict).toHaveClass(/good/);
  await expect(page.getByTestId('slates')).toContainText('Kale');
  await expect(page.getByTestId('inside')).toContainText('entropy');
  await expect(page.getByTestId('runs')).toContainText('PPO');
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  // The best policy as a file: safetensors begin with the length of a JSON header.
  const coming = page.waitForEvent('download');
  await page.locator('summary', { hasText: 'Files' }).last().click();
  await page.getByRole('button', { name: 'Weights (safetensors)' }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toBe('policy.safetensors');
  const bytes = readFileSync(await file.path());
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  expect(header.__metadata__.algorithm).toBe('ppo');
});

test('a run rests, survives a reload and goes on from where it was @once', async ({ page }) => {
  await setUp(page, '400000');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('verdict')).toContainText('earns', { timeout: 60_000 });
  await page.getByTestId('train-pause').click();
  await expect(page.getByTestId('train-progress')).toContainText('Paused after');
  const before = Number((await page.getByTestId('train-progress').textContent())?.match(/after (\d+) k/)?.[1]);
  await expect(page.getByTestId('train-kept')).toContainText('kept in this browser');
  await page.reload();
  await expect(page.getByTestId('run')).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByTestId('verdict')).toContainText('earns', { timeout: 60_000 });
  await expect
    .poll(async () => Number((await page.getByTestId('train-progress').textContent())?.match(/(\d+) k of/)?.[1] ?? 0), { timeout: 60_000 })
    .toBeGreaterThan(before);
  await page.getByTestId('keep-best').click();
  await expect(page.getByTestId('train-progress')).toContainText('Done');
  await page.getByRole('button', { name: /^Remove / }).click();
  await expect(page.getByTestId('run')).toHaveCount(0);
});

test('settings side by side, and what cannot be is refused at its field @once', async ({ page }) => {
  await setUp(page, '20000');
  await page.getByTestId('train-slate_size').fill('99');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('train-refused')).toContainText('slate_size', { timeout: 60_000 });
  await expect(page.getByTestId('train-slate_size')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByTestId('run').filter({ hasNotText: 'first look' })).toHaveCount(0);
  await page.getByTestId('train-slate_size').fill('1');
  await page.locator('summary', { hasText: 'Sweep' }).click();
  await page.getByTestId('sweep-setting').selectOption('learning_rate');
  await page.getByTestId('sweep-values').fill('0.001, 0.003');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('run')).toHaveCount(2);
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 120_000 });
  await expect(page.getByTestId('runs')).toContainText('learning_rate 0.001');
  // Both curves are drawn with their own names, on one axis.
  const table = page.getByTestId('return-chart');
  await table.getByRole('button', { name: /as a table/ }).click();
  for (const value of ['0.001', '0.003']) await expect(table.locator('thead')).toContainText(`learning_rate ${value}`);
  await table.getByRole('button', { name: /as a table/ }).click();
  // Each is looked at by itself.
  await page.getByTestId('run').first().getByRole('button', { name: /learning_rate 0.001/ }).first().click();
  await expect(page.getByTestId('verdict')).toContainText('earns');
  await expectAccessible(page);
});

test('a person chooses between two slates, and DPO trains on what was chosen @once', async ({ page }) => {
  await trainOnSessions(page);
  const judge = page.getByTestId('preferences');
  await judge.getByTestId('ask').click();
  await expect(judge.getByTestId('prefer')).toHaveCount(2);
  /** @type {string[]} */
  const moments = [];
  for (let choice = 1; choice <= 3; choice += 1) {
    moments.push((await judge.locator('.then-now').textContent()) ?? '');
    await judge.getByTestId('prefer').nth(choice % 2).click();
    await expect(page.getByTestId('picked')).toContainText(choice === 1 ? '1 choice' : `${choice} choices`);
    await expect.poll(() => judge.locator('.then-now').textContent(), 'other slates come').not.toBe(moments.at(-1));
  }
  await expectAccessible(page);
  // They are kept with the run, and a file of them is as TRL reads it.
  await page.reload();
  await expect(page.getByTestId('picked')).toContainText('3 choices', { timeout: 60_000 });
  const coming = page.waitForEvent('download');
  await page.getByTestId('picked').getByRole('button', { name: /Save/ }).click();
  const lines = readFileSync(await (await coming).path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line.chosen).not.toEqual(line.rejected);
    expect(line.prompt.length).toBeGreaterThan(20);
  }
  await page.getByTestId('learn-picked').click();
  await expect(page.getByTestId('run')).toHaveCount(2);
  await expect(page.getByTestId('runs')).toContainText('DPO, given pairs');
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 120_000 });
  await expect(page.getByTestId('inside')).toContainText('margin');
});

/**
 * Trains a little on a session scenario, on the smallest network: enough for a policy to be there.
 * @param {import('@playwright/test').Page} page
 */
async function trainOnSessions(page) {
  await open(page, '#/train');
  await expect(page.getByTestId('train')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('train-scenario').selectOption('recoworld/CommuteFeed-v0');
  await page.getByTestId('train-seeds').fill('1');
  await page.getByTestId('train-steps').fill('2000');
  await page.getByTestId('train').click();
  await expect(page.getByTestId('train-progress')).toContainText('Done', { timeout: 240_000 });
}

test('a trained policy serves on the Session page, says why, forks, and is there after a reload @once', async ({ page }) => {
  await trainOnSessions(page);
  await page.getByTestId('serve').click();
  const recommender = page.getByTestId('recommender');
  await expect(recommender).toHaveValue('trained', { timeout: 60_000 });
  await expect(recommender.locator('option:checked')).toHaveText('PPO, trained on Bored on the commute');
  const trace = page.locator('.say.reco');
  await expect(trace).toContainText('PPO, trained on Bored on the commute');
  for (const part of ['Perceive', 'Plan', 'Act', 'Remember']) await expect(trace).toContainText(part);
  await expect(trace).toContainText('Scored a shortlist');
  await expectAccessible(page);
  // It forks as the built-in ones do.
  await page.getByTestId('turn').click();
  await page.getByTestId('turn').click();
  await page.getByTestId('fork').click();
  await page.getByTestId('fork-go').click();
  await expect(page.getByText('Fork 1').first()).toBeVisible();
  const told = () => page.evaluate(() => localStorage.getItem('recoworld.session'));
  const before = await told();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-worker', 'ready', { timeout: 60_000 });
  await expect(recommender).toHaveValue('trained', { timeout: 60_000 });
  await expect(page.getByText('Fork 1').first()).toBeVisible();
  expect(await told()).toBe(before);
  // It goes when it is sent away, and a built-in one plays on; the field never names another meanwhile.
  await page.getByRole('link', { name: 'Train' }).click();
  await page.evaluate(() => {
    const seen = new Set();
    Object.assign(window, { seen });
    const look = () => {
      const field = document.querySelector('[data-testid=recommender]');
      if (field instanceof HTMLSelectElement) seen.add(field.value);
      requestAnimationFrame(look);
    };
    look();
  });
  await page.getByTestId('seated').getByRole('button', { name: 'Send it away' }).click({ timeout: 60_000 });
  await expect(page.getByTestId('seated')).toHaveCount(0);
  await page.getByRole('link', { name: 'Session' }).click();
  await expect(recommender).toHaveValue('agent');
  expect(await page.evaluate(() => [.../** @type {any} */ (window).seen].filter((name) => name !== 'agent' && name !== 'trained'))).toEqual([]);
  await expect(recommender.locator('option[value=trained]')).toHaveCount(0);
});

test('weights from a file serve as well, and those for another task or damaged ones say so @once', async ({ page }) => {
  await trainOnSessions(page);
  const coming = page.waitForEvent('download');
  await page.locator('summary', { hasText: 'Files' }).last().click();
  await page.getByRole('button', { name: 'Weights (safetensors)' }).click();
  const weights = readFileSync(await (await coming).path());
  const give = (/** @type {Buffer} */ buffer) =>
    page.getByTestId('import-weights').setInputFiles({ name: 'policy.safetensors', mimeType: 'application/octet-stream', buffer });
  const damaged = Buffer.from(weights);
  damaged[damaged.length - 3] = (damaged[damaged.length - 3] ?? 0) ^ 1;
  await give(damaged);
  await expect(page.getByTestId('train-refused')).toContainText('it is damaged', { timeout: 60_000 });
  await page.getByTestId('train-scenario').selectOption({ index: 0 });
  await give(weights);
  await expect(page.getByTestId('train-refused')).toContainText('numbers of an observation: it has', { timeout: 60_000 });
  await page.getByTestId('train-scenario').selectOption('recoworld/CommuteFeed-v0');
  await give(weights);
  await expect(page.getByTestId('run')).toHaveCount(2);
  await expect(page.getByTestId('serve')).toBeEnabled({ timeout: 60_000 });
  await page.getByTestId('serve').click();
  await expect(page.getByTestId('recommender').locator('option:checked')).toHaveText('PPO, from a file', { timeout: 60_000 });
});
