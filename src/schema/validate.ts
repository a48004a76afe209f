import { createRequire } from 'node:module';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { Bug } from '../errors.js';
import type { Diagnosis, PolicyFile, Report } from './types.js';

// `#schemas` is an import of package.json: sources and compiled files lie at different depths.
const readSchema = createRequire(import.meta.url);

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true });
const policySchema = readSchema('#schemas/policy.schema.json') as {
  readonly properties: Readonly<Record<string, unknown>>;
};
ajv.addSchema(readSchema('#schemas/decision.schema.json') as object);

const isPolicyFile: ValidateFunction<PolicyFile> = ajv.compile<PolicyFile>(policySchema);
const isReport: ValidateFunction<Report> = ajv.compile<Report>(readSchema('#schemas/report.schema.json') as object);

const isDiagnosis: ValidateFunction<Diagnosis> = ajv.compile<Diagnosis>(
  readSchema('#schemas/doctor.schema.json') as object,
);

/** `/tolerance` → `tolerance`, the root → nothing. */
function settingOf(error: ErrorObject): string {
  return error.instancePath.slice(1).replaceAll('/', '.');
}

function inWords(error: ErrorObject): string {
  const known = Object.keys(policySchema.properties).filter((name) => !name.startsWith('$'));
  switch (error.keyword) {
    case 'additionalProperties':
      return `unknown setting ${JSON.stringify(error.params['additionalProperty'])} (there are ${known.join(', ')})`;
    case 'enum':
      return `${settingOf(error)} must be one of ${(error.params['allowedValues'] as string[]).join(', ')}`;
    default:
      return `${settingOf(error) || 'the policy'} ${error.message ?? 'is not valid'}`;
  }
}

/** Fills defaults into `policy` and says in words everything that is wrong with it; nothing when it is a policy file. */
export function policyProblems(policy: unknown): readonly string[] {
  return isPolicyFile(policy) ? [] : (isPolicyFile.errors ?? []).map(inWords);
}

function describe([first]: readonly ErrorObject[] = []): string {
  return `does not conform to its schema: ${first?.instancePath ?? ''} ${first?.message ?? ''}`;
}

/** A report that readers of the published schema could not trust must not be written. */
export function assertReport(report: unknown): asserts report is Report {
  if (!isReport(report)) throw new Bug(`the report ${describe(isReport.errors ?? [])}`);
}

export function assertDiagnosis(diagnosis: unknown): asserts diagnosis is Diagnosis {
  if (!isDiagnosis(diagnosis)) throw new Bug(`the diagnosis ${describe(isDiagnosis.errors ?? [])}`);
}
