// @ts-check
// The browser of the journeys and of the in-page bench.
import { existsSync } from 'node:fs';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const asRoot = process.getuid?.() === 0;

/** @type {import('@playwright/test').LaunchOptions} */
export const launchOptions = {
  executablePath: process.env.CHROMIUM || usual.find((path) => existsSync(path)),
  args: [
    // Chromium's sandbox refuses to run as root, which containers usually are.
    ...(asRoot ? ['--no-sandbox'] : []),
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
  ],
};
