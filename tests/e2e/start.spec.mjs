// @ts-check
import { readFileSync } from 'node:fs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

test('the page starts under its policy, in silence, and its worker answers', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(page.workers()).toHaveLength(1);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
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
  await page.route('**/worker_loader.js*', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: "postMessage('ready 000000000000')" }),
  );
  await page.goto('./');
  await expect(page.locator('html')).toHaveAttribute('data-worker', 'lost');
  await expect(page.getByText(/older copy .*Reload/)).toBeVisible();
});

test.describe('when the worker cannot be loaded', () => {
  test.use({ allowedErrors: [/worker|Failed to load resource|404/i] });
  test('the page says so @once', async ({ page }) => {
    await page.route('**/worker_bg.wasm*', (route) => route.fulfill({ status: 404, body: 'gone' }));
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
