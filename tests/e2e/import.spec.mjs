// @ts-check
// One's own catalogue: real films, hostile files, people.
import { readFileSync } from 'node:fs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

/** The films of vega-datasets: 3,201 of them, some without a title. */
function movies() {
  return readFileSync(new URL('../../node_modules/vega-datasets/data/movies.json', import.meta.url));
}

/** Opens the menu of files; on a phone it lies behind a heading. @param {import('@playwright/test').Page} page */
async function openFiles(page) {
  const files = page.getByTestId('files');
  await expect(page.locator('.item').first()).toBeVisible();
  if (!(await files.isVisible())) await page.getByText('Scenario, sides and files').click();
  await files.click();
}

/** @param {import('@playwright/test').Page} page */
async function bring(page) {
  await open(page, '?scenario=FilmNight&seed=7');
  await openFiles(page);
  await page.getByTestId('import').click();
  const dialog = page.getByRole('dialog', { name: 'Bring your own items or people' });
  await expect(dialog).toBeVisible();
  return dialog;
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 * @param {string | Buffer} content
 */
const choose = (page, name, content) =>
  page.getByTestId('import-file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

test('a session runs over 3,201 real films', async ({ page }) => {
  const films = movies();
  const titles = new Set(JSON.parse(films.toString('utf8')).map((/** @type {{Title: unknown}} */ f) => String(f.Title)));
  const dialog = await bring(page);
  await expectAccessible(page, '[data-testid=import-dialog]');
  await choose(page, 'movies.json', films);
  await expect(dialog.getByTestId('import-summary')).toContainText(/3,\d\d\d items would be taken/);
  await expect(dialog.getByLabel('title (needed)')).toHaveValue('Title');
  await expectAccessible(page, '[data-testid=import-dialog]');
  await expectNoSidewaysScroll(page);
  await dialog.getByRole('button', { name: /Open a session on 3,\d\d\d items/ }).click();
  await expect(dialog).toBeHidden();
  await expect(async () => {
    const shown = await page.locator('.slate .about-item > b').allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    for (const title of shown) expect(titles.has(title.trim()), `“${title}” is one of the films`).toBe(true);
  }).toPass();
  await page.getByTestId('end').click();
  await expect(page.getByTestId('interests-chart').getByRole('slider')).toBeVisible();
});

test('another mapping gives another preview @once', async ({ page }) => {
  const dialog = await bring(page);
  const rows = Array.from({ length: 40 }, (_, i) => `${i},First ${i},Second ${i}`);
  await choose(page, 'two.csv', `id,title,other\n${rows.join('\n')}\n`);
  await expect(dialog.getByRole('cell', { name: 'First 0', exact: true })).toBeVisible();
  await dialog.getByLabel('title (needed)').selectOption('other');
  await expect(dialog.getByRole('cell', { name: 'Second 0', exact: true })).toBeVisible();
});

test('hostile files are refused or shown as text, and the session stays as it was @once', async ({ page }) => {
  const dialog = await bring(page);
  const before = await page.locator('.slate').textContent();
  const cases = [
    ['empty.csv', ''],
    ['broken.json', '[{"title": "a"'],
    ['deep.json', '['.repeat(100_000)],
    ['header.csv', 'title,duration\n'],
  ];
  for (const [name, content] of cases) {
    await choose(page, String(name), content);
    const refused = dialog.getByRole('alert').filter({ hasText: /could not be read/ });
    const nothing = dialog.getByTestId('import-summary').filter({ hasText: /: 0 items/ });
    await expect(refused.or(nothing), String(name)).toBeVisible();
    await dialog.getByRole('button', { name: 'Other files' }).click();
  }
  const evil = '<script>window.ran = 1</script><img src=x onerror="window.ran = 1">';
  const rows = Array.from({ length: 30 }, (_, i) => `"${evil.replaceAll('"', '""')} ${i}\u202e",${i % 3 ? '60' : '-5'}`);
  await choose(page, 'evil.csv', `title,duration\n${rows.join('\n')}\n`);
  await expect(dialog.getByTestId('import-summary')).toBeVisible();
  await expect(dialog.getByText('<script>', { exact: false }).first()).toBeVisible();
  await expect(dialog.getByRole('list', { name: 'What is wrong' })).toContainText(/line \d+/);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(await page.locator('.slate').textContent()).toBe(before);
});

test('100,000 items are read while the page stays awake @once', async ({ page }) => {
  const dialog = await bring(page);
  const rows = Array.from({ length: 100_000 }, (_, i) => `${i},Item number ${i},topic ${i % 20},${30 + (i % 500)}`);
  await page.evaluate(() => {
    const seen = { frames: 0 };
    Object.assign(window, { seen });
    const tick = () => {
      seen.frames += 1;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await choose(page, 'many.csv', `id,title,topics,duration\n${rows.join('\n')}\n`);
  await expect(dialog.getByTestId('import-summary')).toContainText('100,000 items would be taken', { timeout: 20_000 });
  // A page that froze would draw no frame until the end; how long frames take is for the bench.
  const frames = await page.evaluate(() => /** @type {any} */ (window).seen.frames);
  expect(frames, 'frames drawn while the file was read').toBeGreaterThan(5);
});

test('a person of one’s own becomes the user @once', async ({ page }) => {
  const dialog = await bring(page);
  await dialog.getByRole('radio', { name: /People/ }).check();
  await choose(page, 'people.csv', 'name,age,about,interests\nAda,36,counts things,Science:0.9\nBo,52,walks,Nature:0.8\n');
  await expect(dialog.getByTestId('import-summary')).toContainText('2 people would be taken');
  await dialog.getByRole('button', { name: 'Take 2 people' }).click();
  await dialog.getByLabel('Who shall be the user?').selectOption({ label: 'Bo, 52 · walks' });
  await dialog.getByRole('button', { name: 'Open a session with them' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'The user' })).toContainText('Bo');
});
