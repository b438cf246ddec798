// @ts-check
// Journeys through the built page. `cargo xtask test --only e2e` serves dist/ and runs them; by
// hand: `cargo xtask serve --no-open`, then
// `RECOWORLD_URL=http://127.0.0.1:8080/ npx playwright test --config tests/e2e/playwright.config.mjs`.
import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const url = process.env.RECOWORLD_URL;
if (!url) throw new Error('RECOWORLD_URL is not set: run `cargo xtask test --only e2e`, or see the first lines of this file');

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  outputDir: '../../test-results',
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  // A machine that builds beside the tests can be slow once; what fails twice is broken.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: url,
    launchOptions,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  // A journey tagged @once needs no repetition by size and scheme: it runs on the first only. The others run in two
  // opposite corners, so that each size and each scheme is seen; those tagged @look, one or more a page, run in all four.
  projects: [
    { name: 'desktop-light', use: { viewport: desktop, colorScheme: 'light' } },
    { name: 'desktop-dark', grep: /@look/, use: { viewport: desktop, colorScheme: 'dark' } },
    { name: 'phone-light', grep: /@look/, use: { viewport: phone, colorScheme: 'light', hasTouch: true } },
    { name: 'phone-dark', grepInvert: /@once/, use: { viewport: phone, colorScheme: 'dark', hasTouch: true } },
  ],
});
