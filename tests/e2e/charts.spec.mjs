// @ts-check
// The charts of the Session page: read by keyboard and pointer, as a table, and as files that are read back.
import { readFileSync } from 'node:fs';
import { expect, expectAccessible, open, test } from './page.mjs';

/** @param {import('@playwright/test').Page} page */
async function played(page) {
  await open(page, '?scenario=CommuteFeed&seed=7');
  await page.getByTestId('end').click();
  await expect(page.getByTestId('interests-chart').getByRole('slider')).toBeVisible();
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} figure
 * @param {string} format
 */
async function saved(page, figure, format) {
  const coming = page.waitForEvent('download');
  await figure.getByRole('button', { name: new RegExp(`^Save .* as ${format}$`) }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** The rows of a CSV text without quoted cells. @param {string} text */
const rows = (text) => text.replace(/^\uFEFF/, '').trimEnd().split('\r\n').map((line) => line.split(','));

test('the streamgraph is read turn by turn with the arrow keys', async ({ page }) => {
  await played(page);
  const figure = page.getByTestId('interests-chart');
  const slider = figure.getByRole('slider');
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(slider).toHaveAttribute('aria-valuetext', /^Turn 1: .*[+−]?\d\.\d\d/);
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', /^Turn 2: /);
  await expect(figure.locator('.figure-reading')).toContainText('Turn 2');
  await page.keyboard.press('End');
  const turns = Number(await slider.getAttribute('aria-valuemax'));
  await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^Turn ${turns}: `));
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuenow', String(turns));
});

test('pointing reads what the keyboard reads', async ({ page }) => {
  await played(page);
  const figure = page.getByTestId('trajectory-chart');
  const slider = figure.getByRole('slider');
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  if (!box) throw new Error('the chart has no place');
  await page.mouse.move(box.x + 40, box.y + box.height / 2);
  await expect(figure.locator('.figure-reading')).toContainText('Turn 1');
});

test('the table holds the numbers of the chart, and the CSV those of the table @look', async ({ page }) => {
  await played(page);
  const figure = page.getByTestId('trajectory-chart');
  await figure.getByRole('button', { name: /as a table/ }).click();
  const table = figure.getByRole('table');
  const shown = await table.locator('tbody tr').evaluateAll((all) => all.map((tr) => [...tr.children].map((c) => c.textContent)));
  expect(shown.length).toBeGreaterThan(1);
  await expectAccessible(page, '[data-testid=trajectory-chart]');
  const { name, bytes } = await saved(page, figure, 'CSV');
  expect(name).toBe('trajectory.csv');
  const [head, ...data] = rows(bytes.toString('utf8'));
  expect(head).toEqual(await table.locator('thead th').allTextContents());
  expect(data.map(([turn, reward]) => [turn, Number(reward).toFixed(2)])).toEqual(
    shown.map(([turn, reward]) => [turn, String(reward).replace('−', '-')]),
  );
});

test('the SVG stands alone: it is well-formed, has its colours, and names every topic @once', async ({ page }) => {
  await played(page);
  const figure = page.getByTestId('interests-chart');
  const { name, bytes } = await saved(page, figure, 'SVG');
  expect(name).toBe('interests-over-the-session.svg');
  const text = bytes.toString('utf8');
  expect(text).not.toMatch(/var\(|<script|javascript:/);
  const read = await page.evaluate((svg) => {
    const doc = new DOMParser().parseFromString(svg, 'image/svg+xml');
    return {
      error: doc.querySelector('parsererror')?.textContent ?? null,
      title: doc.querySelector('title')?.textContent,
      texts: [...doc.querySelectorAll('text')].map((t) => t.textContent),
      bands: doc.querySelectorAll('path[fill^="url(#p"]').length,
    };
  }, text);
  expect(read.error).toBeNull();
  expect(read.title).toBe('Interests over the session');
  const topics = await figure.locator('.figure-reading dt span').allTextContents();
  for (const topic of topics.filter((t) => t !== 'Instruction')) expect(read.texts).toContain(topic);
  expect(read.bands).toBeGreaterThanOrEqual(topics.length - 1);
});

test('the PNG is a picture of the chart, in the colours of the moment @look', async ({ page, colorScheme }) => {
  await played(page);
  const { name, bytes } = await saved(page, page.getByTestId('interests-chart'), 'PNG');
  expect(name).toMatch(/\.png$/);
  const picture = await page.evaluate(async (base64) => {
    const image = new Image();
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no context');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    URL.revokeObjectURL(url);
    return { width: canvas.width, corner: [data[0], data[1], data[2]], colours: colours.size };
  }, bytes.toString('base64'));
  expect(picture.width).toBeGreaterThanOrEqual(1440);
  expect(picture.colours, 'more than paper and ink').toBeGreaterThan(20);
  // A browser's raster may round a channel by one.
  const paper = colorScheme === 'dark' ? [0x17, 0x1b, 0x26] : [255, 255, 255];
  const off = paper.map((value, i) => Math.abs(value - picture.corner[i]));
  expect(Math.max(...off), `the corner ${picture.corner} is paper`).toBeLessThanOrEqual(1);
});

test('charts keep within their card from 280 to 1200 pixels @once', async ({ page }) => {
  await played(page);
  for (const width of [304, 390, 700, 1200, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await expect
      .poll(() => page.evaluate(() => {
        const outside = (/** @type {Element} */ svg) => {
          const card = svg.closest('.figure');
          return !card || svg.getBoundingClientRect().right > card.getBoundingClientRect().right + 0.5;
        };
        return [...document.querySelectorAll('.figure-picture')].filter(outside).length;
      }), { message: `at ${width}` })
      .toBe(0);
  }
});
