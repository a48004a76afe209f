// Writes docs/config.md from schemas/config.schema.json; with --check, fails when the page there is stale.
import { readFile } from 'node:fs/promises';
import { writeOrCheck } from './write-or-check.mjs';

const schema = JSON.parse(await readFile(new URL('config.schema.json', import.meta.url), 'utf8'));

const code = (value) => `\`${value}\``;

/** What a setting refers to is part of it, and of its description. */
function resolved({ $ref, ...own }) {
  if ($ref === undefined) return own;
  const shared = schema.$defs[$ref.slice('#/$defs/'.length)];
  const description = [own.description, shared.description].filter((text) => text !== undefined).join(' ');
  return { ...shared, ...own, ...(description !== '' && { description }) };
}

function typeOf({ type, enum: values, minimum, maximum }) {
  if (values !== undefined) return values.map(code).join(' or ');
  if (maximum !== undefined) return `${type}, ${minimum} to ${maximum}`;
  return minimum === undefined ? type : `${type}, at least ${minimum}`;
}

/** Whether what an object asks for has to be there, which may itself be left out. */
function needOf(path, isAsked, need) {
  if (!isAsked) return '';
  return need === '' ? `required in ${code(path.join('.'))}` : need;
}

/** A line for each setting that is no object, and below an object for each of its own; `need` says whether it has to be there. */
function rowsOf(setting, path, need) {
  const { properties, additionalProperties, required = [] } = setting;
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, inner]) =>
      rowsOf(resolved(inner), [...path, name], needOf(path, required.includes(name), need)),
    );
  }
  if (setting.type === 'object') return rowsOf(resolved(additionalProperties), [...path, '<name>'], need);
  const usual = setting.default === undefined ? need : code(JSON.stringify(setting.default));
  const cells = [code(path.join('.')), typeOf(setting), usual, setting.description];
  if (cells.some((cell) => cell === undefined)) throw new Error(`${path.join('.')}: teach this script what it is`);
  return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`];
}

const page = `<!-- Written by \`npm run config-reference\` from schemas/config.schema.json: change the schema, not this page. -->

# Settings of the service

${schema.description}
What they are for is told in [operations.md](operations.md#configuration); how strictly batches are judged is said by
[policies](../schemas/policy.schema.json).

A dataset has a name of at most 64 letters, digits, dots, dashes and underscores; \`<name>\` stands for it.

| setting | type | default | what it is |
| --- | --- | --- | --- |
${rowsOf(schema, [], 'required').join('\n')}
`;

await writeOrCheck(new URL('../docs/config.md', import.meta.url), page, 'config-reference');
