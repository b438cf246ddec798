// @ts-check
// What the journeys with a real, small model share. `cargo xtask test` starts its server and says where it and the
// model's file are.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, open } from './page.mjs';

const url = process.env.RECOWORLD_LLM_URL;
const weights = process.env.RECOWORLD_LLM_WEIGHTS;
/** What lets the model be shown pictures, of random numbers; there in the long journeys. */
export const projector = process.env.RECOWORLD_LLM_PROJECTOR ?? '';

/** Whether there is one. */
export const there = !!url && !!weights;

/** @typedef {import('@playwright/test').Page} Page */

/** Opens the Models page by way of a short session. */
export async function models(/** @type {Page} */ page, turns = 1, slate = 3, more = '') {
  await open(page, `#slate_size=${slate}&horizon=${turns}&seed=7${more}`);
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

/** The model's file at an address of its own, slowly, as hosts of models serve it: whole or from a byte on, to any page. */
export async function host() {
  const { size } = await stat(weights ?? '');
  /** @type {number[]} */
  const from = [];
  const server = createServer((request, response) => {
    const at = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    from.push(at);
    response.writeHead(at ? 206 : 200, { 'access-control-allow-origin': '*', 'content-length': size - at });
    const file = createReadStream(weights ?? '', { start: at, highWaterMark: 1 << 20 });
    file.on('data', (part) => {
      file.pause();
      response.write(part, () => setTimeout(() => file.resume(), 15));
    });
    file.on('end', () => response.end());
    response.on('close', () => file.destroy());
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/small.gguf`, from, close: () => server.closeAllConnections() ?? server.close() };
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
  return over(page, side);
}

/** Waits for the session's end, and gives the same. */
export async function over(/** @type {Page} */ page, /** @type {string} */ side) {
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
