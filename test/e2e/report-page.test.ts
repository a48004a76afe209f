import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml, type ScanOutcome } from '../../src/report/index.js';
import { startBrowser } from '../browser.js';
import { illustrated, wide } from '../report/html/pictures.js';
import { badSource, hostile, manyShards, observed, released } from '../report/outcomes.js';

const pages: readonly (readonly [string, ScanOutcome])[] = [
  ['held shards with pictures', illustrated],
  ['a bad source', badSource],
  ['a clean batch', released],
  ['observe mode', observed],
  ['10,000 shards', manyShards],
  ['thousands of columns', wide],
  ['hostile values', hostile],
];

const screens = ([1280, 375] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, height: 800, colorScheme })),
);

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-page-'));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the page and returns with it everything the browser complains about and every address it asks for. */
async function open(outcome: ScanOutcome, screen: (typeof screens)[number]) {
  const file = join(folder, 'report.html');
  await writeFile(file, reportHtml(outcome));
  const { width, height, colorScheme } = screen;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  return { page, complaints, requests: requests.filter((url) => url !== address && !url.startsWith('data:')) };
}

/** Words of the page's own in tables that go on in another line. */
function brokenWords(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('th[scope=col], #columns tbody th, #columns tbody td:nth-child(2), .tag')].flatMap(
      (cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        const text = cell.textContent ?? '';
        return !/\s/.test(text) && range.getClientRects().length > 1 ? [text] : [];
      },
    ),
  );
}

/** Texts whose contrast against what lies behind them is under 4.5, with the contrast. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string) => {
      const [r = 0, g = 0, b = 0] = channels(color)
        .slice(0, 3)
        .map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
    };
    const selectors = 'h1, h2, h3, h4, p, li, a, td, th, dt, dd, summary, figcaption, caption, .tag, code, svg text';
    return [...document.querySelectorAll(selectors)].flatMap((element) => {
      const style = getComputedStyle(element);
      const text = luminance(element.tagName === 'text' ? style.fill : style.color);
      const ground = luminance(behind(element));
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      return contrast < 4.5 ? [`${contrast.toFixed(2)} ${element.tagName} ${element.textContent?.slice(0, 40)}`] : [];
    });
  });
}

describe.each(pages)('the page on %s', (_, outcome) => {
  it.each(screens)('reads well at $width px, $colorScheme', async (screen) => {
    const { page, complaints, requests } = await open(outcome, screen);
    const verdict = await page.locator('h1').boundingBox();
    const fits = await page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth);
    const empty = await page.evaluate(() =>
      [...document.querySelectorAll('img, svg')]
        .filter((drawing) => drawing.closest('details:not([open])') === null)
        .filter((drawing) => drawing.getBoundingClientRect().width < 1 || drawing.getBoundingClientRect().height < 1)
        .map((drawing) => drawing.outerHTML.slice(0, 80)),
    );
    const broken = await page.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).length);
    const faint = await faintTexts(page);
    const brokenUp = await brokenWords(page);
    await page.close();
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    expect(verdict && verdict.y + verdict.height).toBeLessThan(screen.height);
    expect(fits).toBe(true);
    expect(empty).toEqual([]);
    expect(broken).toBe(0);
    expect(faint).toEqual([]);
    expect(brokenUp).toEqual([]);
  });
});

it('has its own style let through and a smuggled one refused', async () => {
  const { page } = await open(released, screens[0]!);
  const border = await page.locator('.verdict').evaluate((verdict) => getComputedStyle(verdict).borderLeftStyle);
  const color = await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body{background:rgb(1, 2, 3)}';
    document.head.append(style);
    return getComputedStyle(document.body).backgroundColor;
  });
  await page.close();
  expect(border).toBe('solid');
  expect(color).not.toBe('rgb(1, 2, 3)');
});
