// @ts-check
// The Session page: what a person does on it, by mouse and by keyboard, light and dark, wide and narrow.
import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

const place = (/** @type {import('@playwright/test').Page} */ page) => page.getByTestId('place');
const cursor = (/** @type {import('@playwright/test').Page} */ page) => page.getByTestId('timeline').inputValue();

/** On a phone the set-up lies behind a heading. */
async function showSetup(/** @type {import('@playwright/test').Page} */ page) {
  const field = page.getByTestId('scenario');
  if (!(await field.isVisible())) await page.getByText('Scenario, sides and files').click();
  await expect(field).toBeVisible();
}

async function ready(/** @type {import('@playwright/test').Page} */ page, route = '') {
  await open(page, route);
  await expect(page.locator('.item').first()).toBeVisible();
}

test('a session is there at once, its first turn played @look', async ({ page }) => {
  await ready(page);
  await expect(place(page)).toContainText(/turn 1/i);
  await expect(page.locator('.item .act').first()).toBeVisible();
  await expect(page.getByTestId('happening')).not.toBeEmpty();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});

test('a first visit is told what to do, until it is closed for good', async ({ page }) => {
  await ready(page);
  const hint = page.getByTestId('hint');
  await expect(hint).toContainText(/Press Play/);
  await hint.getByRole('button', { name: 'Got it' }).click();
  await expect(hint).toHaveCount(0);
  await page.reload();
  await expect(page.locator('.item').first()).toBeVisible();
  await expect(hint).toHaveCount(0);
});

test('while it plays on a phone, the item under review stays in sight', async ({ page, viewport }) => {
  test.skip((viewport?.width ?? 0) > 720, 'on a desk nothing scrolls by itself');
  await ready(page);
  await page.locator('.slate').scrollIntoViewIfNeeded();
  await page.getByTestId('play').click();
  let seen = 0;
  await expect
    .poll(async () => {
      const inSight = await page.evaluate(() => {
        const item = document.querySelector('.item.now')?.getBoundingClientRect();
        const bar = document.querySelector('.play-bar')?.getBoundingClientRect();
        return item && bar ? item.top >= -1 && item.bottom <= bar.top + 1 : undefined;
      });
      expect(inSight, 'an item under review is never behind the play bar or above the window').not.toBe(false);
      if (inSight) seen += 1;
      return seen;
    }, { intervals: [250], timeout: 20_000 })
    .toBeGreaterThan(12);
});

test('it plays, pauses and comes to an end', async ({ page }) => {
  await ready(page);
  // At top speed a whole session is over before a hand has moved.
  await page.getByTestId('speed').selectOption('Fast');
  const before = Number(await cursor(page));
  await page.getByTestId('play').click();
  await expect(page.getByTestId('play')).toHaveText(/Pause/);
  await expect.poll(async () => Number(await cursor(page))).toBeGreaterThan(before + 5);
  await page.getByTestId('play').click();
  await expect(page.getByTestId('play')).toHaveText(/Play/);
  await page.getByTestId('end').click();
  await expect(place(page)).toContainText(/left after|ended at/i);
});

test('the keyboard alone steps, plays, resets and asks for help; fields keep their keys', async ({ page }) => {
  await ready(page);
  const start = await cursor(page);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => cursor(page)).toBe(String(Number(start) + 1));
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => cursor(page)).toBe(start);
  await page.keyboard.press('Shift+ArrowRight');
  await expect(place(page)).toContainText(/turn 2/i);
  await page.keyboard.press('Space');
  await expect(page.getByTestId('play')).toHaveText(/Pause/);
  await page.keyboard.press('Space');
  await expect(page.getByTestId('play')).toHaveText(/Play/);
  await page.keyboard.press('r');
  await expect.poll(() => cursor(page)).toBe(start);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await expect(help).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await showSetup(page);
  await page.getByTestId('seed').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  expect(await cursor(page)).toBe(start);
});

test('a moment can be scrubbed to, and a fork is drawn beside the original @look', async ({ page }) => {
  await ready(page);
  await page.getByTestId('end').click();
  const slider = page.getByTestId('timeline');
  await expect(place(page)).toContainText(/after|ended/i);
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(place(page)).toContainText(/before/i);
  for (let i = 0; i < 12; i += 1) await page.keyboard.press('ArrowRight');
  await expect.poll(() => cursor(page)).toBe('12');
  await page.getByTestId('fork').click();
  await expectAccessible(page);
  await page.getByTestId('fork-go').click();
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toBeChecked();
  await page.getByRole('radio', { name: /Original/ }).check();
  await expect(page.getByRole('radio', { name: /Original/ })).toBeChecked();
  await page.getByRole('button', { name: 'Drop Fork 1' }).click();
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toHaveCount(0);
});

test('a long instruction stays within the readings of the charts, also beside a fork’s', async ({ page }) => {
  await open(page, '?scenario=CommuteFeed&seed=8&at=60');
  await expect(page.locator('.say.user').first()).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByTestId('fork').click();
  await page.getByTestId('fork-go').click();
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toBeChecked();
  await expect(page.getByText(' | ').first()).toBeAttached();
  await expectNoSidewaysScroll(page);
});

test('forks are saved with a run, and are there again', async ({ page }) => {
  await open(page, '?scenario=CommuteFeed&seed=8&at=60');
  await expect(page.locator('.item').first()).toBeVisible();
  await showSetup(page);
  await page.getByTestId('fork').click();
  await page.getByTestId('fork-go').click();
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toBeChecked();
  const cards = await page.locator('.branches').textContent();
  await page.getByTestId('files').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-run').click()]);
  const buffer = await readFile(await download.path());
  await page.getByTestId('new-seed').click();
  await expect(page.getByText('1 fork went with the one before')).toBeVisible();
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toHaveCount(0);
  await page.getByTestId('open-file').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer });
  await expect(page.getByRole('radio', { name: /Fork 1/ })).toBeChecked();
  expect(await page.locator('.branches').textContent()).toBe(cards);
});

test('a seed that cannot be one is refused, and the field shows the one in force @once', async ({ page }) => {
  await open(page, '?scenario=CommuteFeed&seed=8');
  const seed = page.getByTestId('seed');
  await seed.fill('abc');
  await seed.press('Enter');
  await expect(page.getByText('The seed was not changed')).toBeVisible();
  await expect(seed).toHaveValue('8');
  await seed.fill('12');
  await seed.press('Enter');
  await expect(seed).toHaveValue('12');
});

test('a table of items opened as a run is told where it belongs @once', async ({ page }) => {
  await open(page, '?scenario=CommuteFeed&seed=8');
  const buffer = Buffer.from('title,topics\nA,B\n');
  await page.getByTestId('open-file').setInputFiles({ name: 'items.csv', mimeType: 'text/csv', buffer });
  await expect(page.getByText('Bring your own items or people” in the same menu')).toBeVisible();
});

test('a person plays the user, and says in words what should change @look', async ({ page }) => {
  await ready(page);
  await showSetup(page);
  await page.getByTestId('user-by').selectOption('You');
  await expect(page.getByTestId('your-turn')).toBeVisible();
  await page.getByTestId('do-watch').click();
  await page.getByTestId('do-skip').click();
  await expect(page.locator('.item .act').nth(0)).toContainText('by you');
  await expectAccessible(page);
  await page.getByTestId('do-enough').click();
  const words = 'No <b>news</b>, something funny \u202e please';
  await page.getByTestId('own-words').fill(words);
  await page.getByTestId('do-say').click();
  await expect(page.locator('.say.user').first()).toContainText('No <b>news</b>, something funny');
  await expect(page.getByTestId('your-turn')).toBeVisible();
});

test('a person composes the slate by searching the shelf', async ({ page }) => {
  await ready(page);
  await showSetup(page);
  await page.getByTestId('slate-by').selectOption('You');
  await expect(page.getByTestId('composer')).toBeVisible();
  const add = page.getByTestId('composer').getByRole('button', { name: /^Add/ });
  while (await page.getByTestId('show-slate').isDisabled()) await add.first().click();
  await expectAccessible(page);
  await page.getByTestId('show-slate').click();
  await expect(page.getByText('composed by you')).toBeVisible();
});

test('every recommender is compared on this seed, and over many with intervals until stopped', async ({ page }) => {
  await ready(page);
  const rows = page.getByTestId('compare').locator('tbody tr');
  await expect(page.getByTestId('compare')).toHaveAttribute('aria-busy', 'false');
  expect(await rows.count()).toBeGreaterThan(3);
  const many = page.getByTestId('compare-many');
  await many.evaluate((button) => /** @type {HTMLDetailsElement} */ (button.closest('details.card')).open = true);
  await many.click();
  await expect(page.getByTestId('rollouts-progress')).toContainText(/sessions/);
  const table = page.getByTestId('rollouts-table');
  await expect(table.locator('tbody tr').nth(1)).toContainText(/\d\.\d\d ± \d+\.\d\d/);
  await expect(table.locator('tr.on')).toContainText('this one');
  await expect(table.locator('tbody tr:not(.on)').first()).toContainText(/[+−]\d+\.\d\d ± /);
  await many.click();
  await expect(page.getByTestId('rollouts-progress')).toContainText(/Stopped after \d+ of \d+ sessions|^\d+ sessions$/);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});

test('a reload in mid-session goes on where it was', async ({ page }) => {
  await ready(page);
  await page.getByTestId('turn').click();
  await page.getByTestId('step').click();
  await expect(place(page)).toContainText(/turn 3/i);
  const where = await place(page).textContent();
  const reward = await page.getByTestId('reward').textContent();
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(place(page)).toHaveText(where ?? '');
  await expect(page.getByTestId('reward')).toHaveText(reward ?? '');
});

test('a second tab leaves the first one’s session alone @once', async ({ page, context }) => {
  await ready(page);
  await page.getByTestId('turn').click();
  await page.getByTestId('step').click();
  await expect(place(page)).toContainText(/turn 3/i);
  const where = await place(page).textContent();
  await page.waitForTimeout(1000);
  const second = await context.newPage();
  await ready(second);
  await second.getByTestId('step').click();
  await second.waitForTimeout(1000);
  await page.reload();
  await expect(place(page)).toHaveText(where ?? '');
});

test.describe('when the worker ends', () => {
  test.use({ allowedErrors: [/panicked|unreachable|RuntimeError/i] });
  for (const how of ['kill-worker', 'panic-worker']) {
    test(`by ${how} the session goes on where it was, and the page says so @once`, async ({ page }) => {
      await ready(page);
      await page.getByTestId('turn').click();
      await page.getByTestId('step').click();
      await expect(place(page)).toContainText(/turn 3/i);
      const where = await place(page).textContent();
      await page.keyboard.press('?');
      await page.getByText('For developers').click();
      await page.getByTestId(how).click();
      await page.keyboard.press('Escape');
      await expect(page.getByText('The simulation was started again where it was')).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('data-worker', 'ready');
      await page.getByTestId('step').click();
      await expect(place(page)).not.toHaveText(where ?? '');
      await expect(place(page)).toContainText(/turn 3/i);
    });
  }
});

test('a full storage is said once and stops nothing @once', async ({ page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await ready(page);
  await expect(page.getByText('This browser has no room to keep the session')).toHaveCount(1);
  await page.getByTestId('turn').click();
  await expect(place(page)).toContainText(/turn 2/i);
});

test('a link opens the same moment with the same bytes @once', async ({ page, context, browser }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ready(page);
  await showSetup(page);
  await page.getByTestId('turn').click();
  await page.getByTestId('step').click();
  await expect(place(page)).toContainText(/turn 3/i);
  await page.getByTestId('share').click();
  await expect(page.getByText('The link is copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(link);
  await expect(place(elsewhere)).toHaveText((await place(page).textContent()) ?? '');
  for (const part of ['.slate', '.user-col', '.reward .rows']) {
    await expect(elsewhere.locator(part).first()).toHaveText((await page.locator(part).first().textContent()) ?? '');
  }
  await elsewhere.context().close();
});

test('a link is said to leave out what a person answered, also turns later @once', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ready(page);
  await showSetup(page);
  await page.getByTestId('user-by').selectOption('You');
  await page.getByTestId('do-enough').click();
  await page.getByTestId('do-continue').click();
  await page.getByTestId('user-by').selectOption('builtin');
  await page.getByTestId('turn').click();
  await page.getByTestId('turn').click();
  await page.getByTestId('share').click();
  await expect(page.getByText('What you answered yourself does not travel in a link')).toBeVisible();
});

test('a run is saved and reads back to the same screen @once', async ({ page }) => {
  await ready(page);
  await showSetup(page);
  const before = (await place(page).textContent()) ?? '';
  await page.getByTestId('turn').click();
  await expect(place(page)).not.toHaveText(before);
  const reward = await page.getByTestId('reward').textContent();
  const slate = await page.locator('.slate').textContent();
  await page.getByTestId('files').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-run').click()]);
  const text = await readFile(await download.path(), 'utf8');
  expect(JSON.parse(text).schema).toBe('recoworld/trajectory-v1');
  await page.getByTestId('new-seed').click();
  await expect(page.locator('.slate')).not.toHaveText(slate ?? '');
  await page.getByTestId('open-file').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await expect(page.locator('.slate')).toHaveText(slate ?? '');
  await expect(page.getByTestId('reward')).toHaveText(reward ?? '');
});

test('a file that is no run is refused in words, and the session stays @once', async ({ page }) => {
  await ready(page);
  await showSetup(page);
  const slate = await page.locator('.slate').textContent();
  await page.getByTestId('open-file').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"schema": "recoworld/trajectory-v1", "turns": [') });
  await expect(page.getByText('The run was not opened')).toBeVisible();
  await expect(page.locator('.slate')).toHaveText(slate ?? '');
});

test('the decision process is drawn with its present values @look', async ({ page }) => {
  await ready(page);
  await page.getByTestId('mdp').click();
  const dialog = page.getByRole('dialog', { name: /decision process/ });
  await expect(dialog).toContainText('satisfaction');
  await expectAccessible(page);
});
