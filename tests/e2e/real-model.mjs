// @ts-check
// What the journeys with a real, small model share. `cargo xtask test` starts its server and says where it and the
// model's file are.
import { readFile } from 'node:fs/promises';
import { expect, open } from './page.mjs';

const url = process.env.RECOWORLD_LLM_URL;
const weights = process.env.RECOWORLD_LLM_WEIGHTS;

/** Whether there is one. */
export const there = !!url && !!weights;

/** @typedef {import('@playwright/test').Page} Page */

/** Opens the Models page by way of a short session. */
export async function models(/** @type {Page} */ page, turns = 1) {
  await open(page, `#slate_size=3&horizon=${turns}&seed=7`);
  await expect(page.locator('.item').first()).toBeVisible();
  await page.getByRole('link', { name: 'Models' }).click();
  await expect(page.getByRole('heading', { name: 'Language models' })).toBeVisible({ timeout: 60_000 });
}

export async function connect(/** @type {Page} */ page) {
  await page.getByTestId('base').fill(url ?? '');
  await page.getByTestId('model').fill('default');
  await page.getByTestId('test-connection').click();
  await page.getByTestId('consent-yes').click();
  await expect(page.getByTestId('tested')).toContainText('It works', { timeout: 120_000 });
  await expect(page.getByTestId('tested')).toContainText('keeps to a schema');
}

/** Loads the model's file into the tab. */
export async function load(/** @type {Page} */ page, gpu = false) {
  await page.getByTestId('at-tab').check();
  await expect(page.getByTestId('able')).toContainText(gpu ? 'A graphics adapter can be used' : 'thread', { timeout: 60_000 });
  await page.getByTestId('use-gpu').setChecked(gpu);
  await page.getByTestId('own-model').setInputFiles(weights ?? '');
  await expect(page.getByTestId('tab-model')).toContainText(gpu ? 'is loaded: WebGPU' : 'is loaded: WebAssembly', { timeout: 180_000 });
}

/** Plays the session to its end, and gives the shares of turns that the model answered itself, in percent. */
export async function play(/** @type {Page} */ page, /** @type {string} */ side) {
  await page.getByTestId('llm-as').selectOption(side);
  await page.getByTestId('sit').click();
  await expect(page.getByTestId('model-panel')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('speed').selectOption('Top');
  await expect(page.getByTestId('model-doing')).toHaveText('The session is over.', { timeout: 540_000 });
  const tally = (await page.getByTestId('model-tally').textContent()) ?? '';
  console.log(`${side}: ${tally} ${await page.getByTestId('model-spent').textContent()}`);
  const shares = [...tally.matchAll(/\((\d+) %\)/g)].map(([, share]) => Number(share));
  expect(shares.length, tally).toBe(side === 'both' ? 2 : 1);
  for (const share of shares) expect(share, tally).toBeGreaterThanOrEqual(90);
  return tally;
}

/** The tape that the page saves. */
export async function tape(/** @type {Page} */ page) {
  const coming = page.waitForEvent('download');
  await page.getByTestId('model-tape').click();
  return readFile(await (await coming).path(), 'utf8');
}

export async function run(/** @type {Page} */ page) {
  const coming = page.waitForEvent('download');
  await page.getByTestId('files').click();
  await page.getByTestId('export-run').click();
  return readFile(await (await coming).path(), 'utf8');
}
