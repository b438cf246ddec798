// @ts-check
// The same real, small model on a graphics adapter, which is made in software here.
import { launchOptions } from './browser.mjs';
import { test } from './page.mjs';
import { load, models, play, there } from './real-model.mjs';

test.skip(!there, 'there is no model: run `cargo xtask test --only e2e`');
test.setTimeout(900_000);
test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] } });

test('a real model plays a session inside the tab, by WebGPU @once', async ({ page }) => {
  await models(page, 1);
  await load(page, true);
  await play(page, 'user');
});
