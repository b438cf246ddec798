// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

test('the page starts under its policy, in silence, and its worker answers @look', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(page.workers()).toHaveLength(1);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
});

test('a first visit fetches the first load, once, and nothing that is only fetched when asked for @once', async ({ page }) => {
  /** @type {string[]} */
  const fetched = [];
  page.on('request', (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (protocol.startsWith('http')) fetched.push(pathname.split('/').pop() || 'index.html');
  });
  await open(page);
  await expect(page.locator('.item').first()).toBeVisible();
  const built = readdirSync(new URL('../../dist/', import.meta.url)).filter((name) => /\.(html|css|js|wasm)$/.test(name));
  // The same rule by which the build counts what the first load weighs.
  const first = built.filter((name) => !/^(studio|lab)/.test(name));
  expect([...new Set(fetched)].sort()).toEqual(first.sort());
  expect(first.length).toBeLessThan(built.length);
});

test('an address that leads to no page says so and shows the session @once', async ({ page }) => {
  await open(page, '#/nowhere');
  await expect(page.getByText('There is no such page')).toBeVisible();
  await expect(page.locator('.item').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Session' })).toHaveAttribute('aria-current', 'page');
  expect(new URL(page.url()).hash).toBe('');
});

test('a link put into the address of an open page is opened @once', async ({ page }) => {
  await open(page);
  await expect(page.locator('.item').first()).toBeVisible();
  const slate = await page.locator('.slate').textContent();
  await page.evaluate(() => {
    location.hash = 'scenario=GiftShop&seed=11';
  });
  await expect(page.locator('.slate')).not.toHaveText(slate ?? '');
  await expect.poll(() => new URL(page.url()).hash).toBe('');
});

test('a link that changes more than the seed is opened too, and one that cannot be is told @once', async ({ page }) => {
  await open(page, '?slate_size=5&seed=7');
  await expect(page.locator('.slate .item')).toHaveCount(5);
  await page.evaluate(() => {
    location.hash = 'slate_size=99';
  });
  await expect(page.getByText('The link was not opened')).toBeVisible();
  await expect(page.locator('.slate .item')).toHaveCount(5);
  await open(page, '?scenario=nothing');
  await expect(page.getByText('The link was not opened')).toBeVisible();
  await expect(page.getByTestId('scenario')).toHaveValue('recoworld/CommuteFeed-v0');
});

test('the larger worker reports as the small one does @once', async ({ page }) => {
  await open(page);
  const build = await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name).find((n) => n.includes('worker_loader.js')));
  const said = await page.evaluate(
    (address) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(`${address}&program=lab&desk=session`, { type: 'module' });
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
      }),
    build ?? '',
  );
  expect(said).toBe(`ready ${new URL(build ?? '').searchParams.get('v')}`);
});

test.describe('when a script is put into the page', () => {
  test.use({ allowedErrors: [/Content Security Policy/] });
  test('the policy stops it @once', async ({ page }) => {
    await open(page);
    const ran = await page.evaluate(async () => {
      const breached = new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
      });
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.body.append(script);
      return { directive: await breached, inlineRan: 'inlineRan' in window };
    });
    expect(ran).toEqual({ directive: 'script-src-elem', inlineRan: false });
  });
});

test('a worker of another build is noticed and said @once', async ({ page }) => {
  // What a stale cache would do: the worker's first words name another build.
  await page.route('**/worker_loader.js*', async (route) =>
    route.fulfill({ response: await route.fetch(), body: "postMessage('ready 000000000000')" }),
  );
  await page.goto('./');
  await expect(page.locator('html')).toHaveAttribute('data-worker', 'lost');
  await expect(page.getByText(/older copy .*Reload/)).toBeVisible();
});

test.describe('when the worker cannot be loaded', () => {
  test.use({ allowedErrors: [/worker|Failed to load resource|404/i] });
  test('the page says so @once', async ({ page }) => {
    await page.route('**/worker_loader.js*', (route) => route.fulfill({ status: 404, body: 'gone' }));
    await page.goto('./');
    await expect(page.locator('html')).toHaveAttribute('data-worker', 'lost');
    await expect(page.getByText(/could not be started/)).toBeVisible();
  });
});

test('every address in the built page is relative, so that it works from any folder @once', async () => {
  const html = readFileSync(new URL('../../dist/index.html', import.meta.url), 'utf8');
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) expect(address).toMatch(/^(\.\/|data:)/);
});
