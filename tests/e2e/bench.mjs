// @ts-check
// Opens the built page with ?bench and prints, as one line, what it reports in #bench-result.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const url = process.env.RECOWORLD_URL;
if (!url) throw new Error('RECOWORLD_URL is not set: run `cargo xtask bench`');
const browser = await chromium.launch(launchOptions);
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`uncaught in the page: ${error.message}`));
  await page.goto(`${url}?bench`);
  const result = page.locator('#bench-result');
  await result.waitFor({ state: 'attached', timeout: 20_000 });
  // The element is there from the start and filled at the end.
  await page.waitForFunction(() => document.querySelector('#bench-result')?.textContent?.trim(), undefined, { timeout: 300_000 });
  const text = (await result.textContent()) ?? '';
  console.log(JSON.stringify(JSON.parse(text)));
} finally {
  await browser.close();
}
