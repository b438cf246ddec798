// @ts-check
// The scenario editor: form, JSON, files, and what it says when something is wrong.
import { readFileSync } from 'node:fs';
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from './page.mjs';

/** Opens the menu of files; on a phone it lies behind a heading. @param {import('@playwright/test').Page} page */
async function openFiles(page) {
  const files = page.getByTestId('files');
  await expect(page.locator('.item').first()).toBeVisible();
  if (!(await files.isVisible())) await page.getByText('Scenario, sides and files').click();
  await files.click();
}

/** @param {import('@playwright/test').Page} page */
async function edit(page) {
  await open(page, '?scenario=CommuteFeed&seed=7');
  await openFiles(page);
  await page.getByTestId('edit-scenario').click();
  const dialog = page.getByRole('dialog', { name: 'Edit the scenario' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('a change in the form restarts the session with it @look', async ({ page }) => {
  const dialog = await edit(page);
  await expectAccessible(page, '[data-testid=scenario-dialog]');
  await expectNoSidewaysScroll(page);
  const slate = dialog.getByLabel('Slate', { exact: true });
  await slate.fill('5');
  await slate.press('Tab');
  await dialog.getByRole('button', { name: 'Apply and restart' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('.slate .item')).toHaveCount(5);
});

test('a wrong value is said at its field and applies nothing', async ({ page }) => {
  const dialog = await edit(page);
  const slate = dialog.getByLabel('Slate', { exact: true });
  await slate.fill('99');
  await slate.press('Tab');
  await expect(slate).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog.getByText('Is 99; must be', { exact: false })).toBeVisible();
  const turns = dialog.getByLabel('Most turns', { exact: true });
  await turns.fill('12');
  await turns.press('Tab');
  await expect(slate, 'what was typed stays').toHaveValue('99');
  await dialog.getByRole('button', { name: 'Apply and restart' }).click();
  await expect(dialog.getByText('1 field must be mended first')).toBeVisible();
  await expect(slate).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('Escape loses no edits: they are there again, and can be given up @once', async ({ page }) => {
  const dialog = await edit(page);
  const again = async () => {
    await openFiles(page);
    await page.getByTestId('edit-scenario').click();
    await expect(dialog).toBeVisible();
  };
  const [slate, turns] = ['Slate', 'Most turns'].map((name) => dialog.getByLabel(name, { exact: true }));
  const before = await slate.inputValue();
  await slate.fill('5');
  await turns.fill('none');
  await turns.press('Tab');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await again();
  await expect(slate).toHaveValue('5');
  await expect(turns, 'what is wrong, too').toHaveValue('none');
  await dialog.getByRole('button', { name: 'Begin from the scenario being played' }).click();
  await expect(slate).toHaveValue(before);
  await slate.fill('5');
  await slate.press('Tab');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await again();
  await expect(slate, 'Cancel gives them up').toHaveValue(before);
});

test('what is saved opens again, with every change @once', async ({ page }) => {
  const dialog = await edit(page);
  const title = dialog.getByLabel('Title', { exact: true });
  await title.fill('My own evening');
  await title.press('Tab');
  const coming = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save file' }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/\.scenario\.json$/);
  const bytes = readFileSync(await file.path());
  const read = JSON.parse(bytes.toString('utf8'));
  expect(read.schema).toBe('recoworld/scenario-v1');
  expect(read.title).toBe('My own evening');
  read.title = 'Another evening';
  await page.getByTestId('scenario-file').setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(read)) });
  await expect(title).toHaveValue('Another evening');
});

test('the JSON view names the line and field of what is wrong, and leads there @once', async ({ page }) => {
  const dialog = await edit(page);
  await dialog.getByRole('button', { name: 'JSON', exact: true }).click();
  const area = dialog.getByRole('textbox', { name: /The scenario file/ });
  const json = await area.inputValue();
  const wrong = json.replace(/"slate_size": \d+/, '"slate_size": 99');
  expect(wrong).not.toBe(json);
  const line = wrong.slice(0, wrong.indexOf('"slate_size"')).split('\n').length;
  await area.fill(wrong);
  await expect(dialog.getByText(new RegExp(`line ${line}, column \\d+: .slate_size. is 99`))).toBeVisible();
  await dialog.getByRole('button', { name: `Go to line ${line}` }).click();
  const at = await area.evaluate((/** @type {HTMLTextAreaElement} */ a) => a.value.slice(0, a.selectionStart).split('\n').length);
  expect(at).toBe(line);
  await area.fill(wrong.replace('"slate_size": 99', '"slate_size": 6'));
  await dialog.getByRole('button', { name: 'Form', exact: true }).click();
  await expect(dialog.getByLabel('Slate', { exact: true })).toHaveValue('6');
});

test('files that are no scenario are refused in words @once', async ({ page }) => {
  const dialog = await edit(page);
  const cases = [
    ['text.json', 'not json at all', /not JSON/],
    ['newer.json', '{"schema":"recoworld/scenario-v9"}', /newer version/],
    ['other.json', '{"schema":"something/else"}', /another kind/],
    ['huge.json', ' '.repeat(1_000_001), /at most 1000000/],
    ['deep.json', '['.repeat(5000), /not JSON/],
  ];
  for (const [name, text, words] of cases) {
    await page.getByTestId('scenario-file').setInputFiles({ name: String(name), mimeType: 'application/json', buffer: Buffer.from(String(text)) });
    await expect(dialog.locator('.modal-said')).toContainText(words);
    await expect(dialog.locator('.modal-said')).toContainText(String(name));
  }
});

test('the editor works by keyboard alone and gives focus back @once', async ({ page }) => {
  await open(page);
  const files = page.getByTestId('files');
  await files.focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('edit-scenario').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Edit the scenario' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
});
