import { createHash } from 'node:crypto';
import type { ScanOutcome } from '../types.js';
import { columnsSection, limitsSection, recordSection } from './context.js';
import { findingsSection } from './findings.js';
import { html, Markup } from './markup.js';
import { picturesSection } from './pictures.js';
import { shardsSection, sourcesSection } from './scopes.js';
import { style } from './style.js';
import { batchName, verdictSection } from './verdict.js';
import { worstRowsSection } from './worst-rows.js';

/**
 * Whatever data might smuggle in, a browser runs no script and fetches nothing; only this style and pictures within
 * the page are let through.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function navigation(outcome: ScanOutcome): Markup {
  const places: readonly (readonly [string, string])[] = [
    ['findings', 'What was found'],
    ['shards', 'Shards'],
    ...(outcome.decision.sources.length === 0 ? [] : ([['sources', 'Sources']] as const)),
    ['pictures', 'Pictures'],
    ...(outcome.worstRows.length === 0 ? [] : ([['rows', 'Worst rows']] as const)),
    ['limits', 'Limits'],
    ['columns', 'Columns'],
    ['record', 'Policy and record'],
  ];
  return html`<nav aria-label="Parts of this page">${places.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>`;
}

/** The text of report.html: one file that needs nothing else, the same bytes for the same outcome. */
export function reportHtml(outcome: ScanOutcome): string {
  const redacted = outcome.redacted
    ? html`<p class="muted">Values of rows are left out of this page, of report.json and of the terminal, as --redact asked; names of classes, sources and columns stay.</p>`
    : null;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(contentSecurityPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Taster report: ${batchName(outcome)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>${verdictSection(outcome)}${navigation(outcome)}${redacted}</header>
<main>
${findingsSection(outcome)}
${shardsSection(outcome)}
${sourcesSection(outcome)}
${picturesSection(outcome)}
${worstRowsSection(outcome)}
${limitsSection(outcome)}
${columnsSection(outcome)}
${recordSection(outcome)}
</main>
<footer>Made by Taster. The whole record is in report.json, a score for every row in rows.arrow, beside this page.</footer>
</body>
</html>
`;
  return page.toString();
}
