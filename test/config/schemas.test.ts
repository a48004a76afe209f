import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';

const schemas = readdirSync('schemas').filter((name) => name.endsWith('.schema.json'));

it.each(schemas)('%s is a schema', (name) => {
  const ajv = new Ajv2020();
  expect(ajv.validateSchema(JSON.parse(readFileSync(`schemas/${name}`, 'utf8'))), ajv.errorsText()).toBe(true);
});
