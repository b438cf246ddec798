// @ts-check
// A recommender of a person's own, a small server on this machine, serves on the Session page.
import { ownRecommender } from './own-recommender.mjs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

test.setTimeout(180_000);
test.use({
  allowedHosts: [/^http:\/\/127\.0\.0\.1:/],
  // A browser reports what a server did wrong by itself.
  allowedErrors: [/Failed to load resource|blocked by CORS policy/],
});

/** @param {import('@playwright/test').Page} page @param {{ url: string }} own @param {string} [seconds] */
async function seat(page, own, seconds = '10') {
  await open(page, '#/train');
  await expect(page.getByTestId('own-url')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('own-url').fill(own.url);
  await page.getByTestId('own-seconds').fill(seconds);
  await page.getByTestId('own-seat').click();
  await expect(page.getByTestId('own-consent')).toBeVisible();
}

test('a server of mine recommends, once its host is agreed to, and is explained as any other @once', async ({ page }) => {
  const own = await ownRecommender();
  try {
    await seat(page, own);
    await expect(page.getByTestId('own-consent-host')).toHaveText(own.host);
    expect(own.letters, 'nothing is sent before it is agreed to').toEqual([]);
    await page.getByTestId('own-consent-yes').click();
    await expect(page.getByTestId('own-panel')).toBeVisible({ timeout: 60_000 });
    await page.getByTestId('turn').click();
    await expect(page.getByTestId('own-tally')).toContainText('It composed 1 slate.');
    await expect(page.getByTestId('slate-mark')).toContainText('your recommender');
    const trace = page.locator('.say.reco');
    await expect(trace).toContainText('short ones first');
    await expect(trace).toContainText(`Asked your recommender at ${own.host}`);
    expect(own.letters[0].protocol).toBe('recoworld/recommender-v1');
    expect(Object.keys(own.letters[0].observation).sort()).toEqual(['candidates', 'context', 'history', 'profile', 'slate_size', 'turn']);
    await page.getByTestId('turn').click();
    await expect(page.getByTestId('own-tally')).toContainText('It composed 2 slates.');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    // Its slates are kept without it.
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-worker', 'ready');
    await expect(page.getByTestId('slate-mark')).toContainText('your recommender');
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(own.url);
  } finally {
    await own.close();
  }
});

test('where my server fails the page says how, and the built-in recommender falls in, marked @once', async ({ page }) => {
  const own = await ownRecommender();
  try {
    await seat(page, own, '1');
    await page.getByTestId('own-consent-yes').click();
    const fault = page.getByTestId('own-fault');
    const turn = async () => {
      await page.getByTestId('turn').click();
      await expect(page.getByTestId('own-doing')).toBeEmpty({ timeout: 20_000 });
    };
    await expect(page.getByTestId('own-panel')).toBeVisible({ timeout: 60_000 });
    own.behave.status = 500;
    await turn();
    await expect(fault).toContainText('HTTP status 500');
    await expect(page.getByTestId('slate-mark')).toContainText('built-in fell in');
    own.behave.status = 200;
    own.behave.body = '{"slate":[1]}';
    await turn();
    await expect(fault).toContainText('has 1 items; 8 were asked for');
    own.behave.body = undefined;
    await turn();
    await expect(fault).toHaveCount(0);
    own.behave.late = 1500;
    await turn();
    await expect(fault).toContainText('did not answer within 1 s');
    own.behave.late = undefined;
    own.behave.closed = true;
    await turn();
    await expect(fault).toContainText('does not let this page read its answers');
    await own.close();
    await turn();
    await expect(fault).toContainText('cannot be reached');
    await turn();
    await expect(fault).toContainText('press Play to try again');
    await page.getByTestId('own-dismiss').click();
    await expect(page.getByTestId('own-panel')).toHaveCount(0);
    await page.getByTestId('turn').click();
    await expect(page.getByTestId('slate-mark')).toHaveCount(0);
  } finally {
    await own.close().catch(() => undefined);
  }
});

test('an address that cannot be used is refused before anything is sent @once', async ({ page }) => {
  await open(page, '#/train');
  await expect(page.getByTestId('own-url')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('own-url').fill('ftp://example.org/slate');
  await page.getByTestId('own-seat').click();
  // The browser's own check of an address may hold the form back; ours says why where it does not.
  await expect(page.getByTestId('own-wrong')).toContainText('must begin with https://');
  await page.getByTestId('own-url').fill('http://127.0.0.1:9/slate');
  await page.getByTestId('own-seconds').fill('0');
  await page.getByTestId('own-seat').click();
  await expect(page.getByTestId('own-wrong')).toContainText('1 to 600 whole seconds');
});
