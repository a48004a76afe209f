import { createRequire } from 'node:module';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { Bug } from '../errors.js';
import type { PolicyFile, Report, ShardLimits } from './types.js';

// `#schemas` is an import of package.json: sources and compiled files lie at different depths.
const readSchema = createRequire(import.meta.url);

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true, verbose: true });
const policySchema = readSchema('#schemas/policy.schema.json') as {
  readonly properties: Readonly<Record<string, unknown>>;
};
ajv.addSchema(readSchema('#schemas/decision.schema.json') as object);

const isPolicyFile: ValidateFunction<PolicyFile> = ajv.compile<PolicyFile>(policySchema);
const isReport: ValidateFunction<Report> = ajv.compile<Report>(readSchema('#schemas/report.schema.json') as object);

/** `/tolerance` → `tolerance`, the root → nothing. */
function settingOf(error: ErrorObject): string {
  return error.instancePath.slice(1).replaceAll('/', '.');
}

function inWords(error: ErrorObject): string {
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema as typeof policySchema).properties);
      const settings = known.filter((name) => !name.startsWith('$')).join(', ');
      return `unknown setting ${JSON.stringify(error.params['additionalProperty'])} (there are ${settings})`;
    }
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

/** What one shard may cost, where a policy says nothing of it: the defaults of the schema. */
export const defaultShardLimits: Readonly<Required<ShardLimits>> = readDefaults();

function readDefaults(): Readonly<Required<ShardLimits>> {
  const policy: PolicyFile = {};
  if (policyProblems(policy).length > 0) throw new Bug('the defaults of the policy do not conform to its schema');
  return Object.freeze(policy.limits as Required<ShardLimits>);
}

/** A report that readers of the published schema could not trust must not be written. */
export function assertReport(report: unknown): asserts report is Report {
  if (isReport(report)) return;
  const [first] = isReport.errors ?? [];
  throw new Bug(`the report does not conform to its schema: ${first?.instancePath ?? ''} ${first?.message ?? ''}`);
}
