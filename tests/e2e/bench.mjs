// @ts-check
// Opens the built page with ?bench and prints, as one line, what it reports in #bench-result, and how long a newcomer waits
// for the first session.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const url = process.env.RECOWORLD_URL;
if (!url) throw new Error('RECOWORLD_URL is not set: run `cargo xtask bench`');
const OPENINGS = 5;

/** Milliseconds from asking for the page, with nothing kept from before, to a slate that can be clicked; the median. */
async function usable(browser) {
  const waits = [];
  for (let n = 0; n < OPENINGS; n++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const began = performance.now();
    await page.goto(url);
    await page.locator('.item').first().click({ trial: true });
    waits.push(performance.now() - began);
    await context.close();
  }
  return waits.sort((a, b) => a - b)[Math.floor(OPENINGS / 2)];
}

const browser = await chromium.launch(launchOptions);
try {
  // The first opening of all starts the browser's own parts.
  await usable(browser);
  const first = { name: 'usable', median_ns: 1e6 * (await usable(browser)) };
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`uncaught in the page: ${error.message}`));
  await page.goto(`${url}?bench`);
  const result = page.locator('#bench-result');
  await result.waitFor({ state: 'attached', timeout: 20_000 });
  // The element is there from the start and filled at the end.
  await page.waitForFunction(() => document.querySelector('#bench-result')?.textContent?.trim(), undefined, { timeout: 300_000 });
  const text = (await result.textContent()) ?? '';
  const { results } = JSON.parse(text);
  console.log(JSON.stringify({ results: [...results, first] }));
} finally {
  await browser.close();
}
