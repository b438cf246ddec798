// @ts-check
// What every journey needs: a page whose console is watched, a worker that is ready, and axe.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect } from '@playwright/test';

export { expect };

/**
 * A test whose page must stay silent: any error in the console, any uncaught exception, any breach
 * of the content-security policy and any request to another host fails it. A test that provokes an
 * error on purpose says so: `test.use({ allowedErrors: [/words of it/] })`; one that lets the page speak to a server
 * names its origin: `test.use({ allowedHosts: [/^http:\/\/127\.0\.0\.1:/] })`.
 */
export const test = base.extend({
  allowedErrors: [/** @type {RegExp[]} */ ([]), { option: true }],
  allowedHosts: [/** @type {RegExp[]} */ ([]), { option: true }],
  page: async ({ page, baseURL, allowedErrors, allowedHosts }, use) => {
    /** @type {string[]} */
    const faults = [];
    const note = (/** @type {string} */ text) => {
      if (!allowedErrors.some((allowed) => allowed.test(text))) faults.push(text);
    };
    page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') note(`console: ${message.text()}`);
    });
    const home = new URL(baseURL ?? 'http://127.0.0.1').origin;
    page.on('request', (request) => {
      const url = new URL(request.url());
      const known = url.origin === home || allowedHosts.some((allowed) => allowed.test(url.origin));
      if (url.protocol.startsWith('http') && !known) note(`request to another host: ${url}`);
    });
    await use(page);
    expect(faults, 'the page was silent and spoke to no other host').toEqual([]);
  },
});

/**
 * Opens the page and waits until its worker is ready.
 * @param {import('@playwright/test').Page} page
 * @param {string} [route] what follows the page's address, such as `#/lab` or `?bench`
 */
export async function open(page, route = '') {
  await page.goto(`./${route}`);
  await expect(page.locator('html')).toHaveAttribute('data-worker', 'ready');
}

/**
 * Fails on any breach of WCAG 2.2 A or AA, or of axe's best practices, that axe can see.
 * @param {import('@playwright/test').Page} page
 * @param {string} [within] only inside what this selector finds
 */
export async function expectAccessible(page, within) {
  let axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  if (within) axe = axe.include(within);
  const { violations } = await axe.analyze();
  const readable = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }));
  expect(readable, 'axe finds nothing').toEqual([]);
}

/**
 * Fails when the page is wider than the window, so that it scrolls sideways.
 * @param {import('@playwright/test').Page} page
 */
export async function expectNoSidewaysScroll(page) {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content, 'the page is no wider than the window').toBeLessThanOrEqual(view);
}
