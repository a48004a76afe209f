import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const remedy =
  'Install it (Debian, Ubuntu: apt-get install -y chromium fonts-dejavu-core) or name its binary in the variable CHROMIUM.';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  // Named but absent is a mistake to tell, not to work around.
  if (CHROMIUM !== undefined && CHROMIUM !== '') return isProgram(CHROMIUM) ? CHROMIUM : undefined;
  const folders = [...PATH.split(delimiter), '/usr/bin'];
  return ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram);
}

function installChromium(): void {
  if (process.getuid?.() !== 0 || process.env['CHROMIUM']) return;
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    const packages = ['chromium', 'fonts-dejavu-core'];
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { stdio: 'ignore' });
  } catch {
    // What is missing is said by who asked for it.
  }
}

/** A headless browser; installed first where it is missing and this process may do so. */
export async function startBrowser(): Promise<Browser> {
  if (findChromium() === undefined) installChromium();
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error(`These tests look at pages in Chromium, which is missing. ${remedy}`);
  return chromium.launch({ executablePath, args: flags });
}
