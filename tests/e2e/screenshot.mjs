// @ts-check
// Takes the picture of the README, docs/session.png, from the built page: an instruction just met, and why. By hand:
// `cargo xtask serve --no-open`, then `node tests/e2e/screenshot.mjs [address]`.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const address = process.argv[2] ?? process.env.RECOWORLD_URL ?? 'http://127.0.0.1:8080/';
const path = fileURLToPath(new URL('../../docs/session.png', import.meta.url));
/** What a README may weigh, bytes. */
const MOST = 250_000;

const browser = await chromium.launch(launchOptions);
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce' });
await page.goto(new URL('?scenario=CommuteFeed&seed=2', address).href);
await page.locator('.item').first().waitFor();
const hint = page.getByTestId('hint').getByRole('button');
if (await hint.isVisible()) await hint.click();

// The comparison runs by itself; the picture shows it whole.
await page.locator('[data-testid=compare][aria-busy=false]').waitFor();
const place = page.getByTestId('place');

/** Presses a button of the play bar and waits until the moment has moved. */
async function press(/** @type {string} */ id) {
  const before = await place.textContent();
  await page.getByTestId(id).click();
  await page.waitForFunction((was) => document.querySelector('[data-testid=place]')?.textContent !== was, before);
}

// In words, and met.
const met = page.locator('.say.user').filter({ hasText: '· explicit' }).locator('.chip.gain');
for (let turn = 0; turn < 40 && !(await met.count()); turn += 1) await press('turn');
if (!(await met.count())) throw new Error('no instruction was met in this session');
// Back to the start of that turn, and on to its third item: the user's words, the answer, the first reactions.
const name = /Turn \d+/.exec((await place.textContent()) ?? '')?.[0] ?? '';
const slider = page.getByTestId('timeline');
await slider.focus();
while (!(await place.textContent())?.startsWith(`${name} · item 3 `)) {
  const before = await place.textContent();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((was) => document.querySelector('[data-testid=place]')?.textContent !== was, before);
}
await slider.evaluate((e) => e.blur());
await page.evaluate(() => scrollTo(0, 0));
mkdirSync(fileURLToPath(new URL('../../docs/', import.meta.url)), { recursive: true });
await page.screenshot({ path, animations: 'disabled' });
await browser.close();

const { size } = statSync(path);
if (size > MOST) throw new Error(`${path} weighs ${size} bytes, more than ${MOST}`);
console.log(`${path}: ${size} bytes`);
