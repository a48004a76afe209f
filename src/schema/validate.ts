import { createRequire } from 'node:module';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { Bug } from '../errors.js';
import type { ConfigFile, Contract, Diagnosis, PolicyFile, Report, ShardLimits, TrustPolicy } from './types.js';

// `#schemas` is an import of package.json: sources and compiled files lie at different depths.
const readSchema = createRequire(import.meta.url);

const policySchema = readSchema('#schemas/policy.schema.json') as {
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly limits: { readonly properties: Readonly<Record<keyof ShardLimits, { readonly default: number }>> };
  };
};
const contractSchema = readSchema('#schemas/contract.schema.json') as {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly $defs: { readonly contractColumn: { readonly properties: Readonly<Record<string, unknown>> } };
};

/** What programs write for programs: one problem is enough to refuse it. */
const plainSchemas = [
  'approval',
  'candidate',
  'rules-record',
  'used-version',
  'ledger-entry',
  'audit-entry',
  'audit-checkpoint',
  'envelope',
  'bundle',
  'manifest',
  'model-signing',
  'signing-key',
  'status',
  'verdict',
  'seal',
  'plan',
  'batch-record',
  'pause-record',
  'seen',
  'swept',
  'notice',
  'incident',
] as const;

let ajv: Ajv2020 | undefined;

/** Schemas are read and compiled when first asked for: that takes tenths of a second, and processes that score need none. */
function validator<Value>(name: string): ValidateFunction<Value> {
  ajv ??= startAjv();
  const validate = ajv.getSchema<Value>(`${name}.schema.json`);
  if (validate === undefined) throw new Bug(`there is no schema ${name}`);
  return validate as ValidateFunction<Value>;
}

function startAjv(): Ajv2020 {
  const started = new Ajv2020({
    allErrors: true,
    useDefaults: true,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
    // They are ours, and a test holds them to it: to do so anew would take as long as to compile the few that are used.
    validateSchema: false,
  });
  for (const name of ['decision', 'report', 'doctor', 'trust', 'config', ...plainSchemas]) {
    started.addSchema(readSchema(`#schemas/${name}.schema.json`) as object, `${name}.schema.json`);
  }
  started.addSchema(policySchema, 'policy.schema.json').addSchema(contractSchema, 'contract.schema.json');
  return started;
}

/** `/tolerance` → `tolerance`, the root → nothing. */
function settingOf(error: ErrorObject): string {
  return stepsTo(error).join('.');
}

/** `/datasets/a~1b` → `datasets`, `a/b`. */
function stepsTo({ instancePath }: ErrorObject): string[] {
  const steps = instancePath.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What the pattern of propertyNames says. */
const NAME_RULE = 'use 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first';

function inWords(error: ErrorObject, whole: string): string {
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema as typeof policySchema).properties);
      const settings = known.filter((name) => !name.startsWith('$')).join(', ');
      const place = settingOf(error) && `${settingOf(error)} has an `;
      return `${place}unknown setting ${JSON.stringify(error.params['additionalProperty'])} (there are ${settings})`;
    }
    case 'enum':
      return `${settingOf(error)} ${mustBe(error)}`;
    case 'propertyNames':
      return `${settingOf(error)} has ${JSON.stringify(error.params['propertyName'])}, which cannot be a name: ${NAME_RULE}`;
    default:
      return `${settingOf(error) || whole} ${error.message ?? 'is not valid'}`;
  }
}

/** Fills defaults into `policy` and says in words everything that is wrong with it; nothing when it is a policy file. */
export function policyProblems(policy: unknown): readonly string[] {
  const isPolicyFile = validator<PolicyFile>('policy');
  return isPolicyFile(policy) ? [] : (isPolicyFile.errors ?? []).map((error) => inWords(error, 'the policy'));
}

/** What is wrong with a configuration file, in words, and what is left of it without that, its defaults filled in. */
export function checkConfig(config: unknown): { readonly problems: readonly string[]; readonly sound: unknown } {
  const isConfigFile = validator<ConfigFile>('config');
  const sound = structuredClone(config);
  if (isConfigFile(sound)) return { problems: [], sound };
  // What is wrong with a name is told once, of whatever has it.
  const errors = (isConfigFile.errors ?? []).filter(({ propertyName }) => propertyName === undefined);
  for (const error of errors) if (!LEAVING.has(error.keyword)) removeAt(sound, stepsTo(error));
  return { problems: errors.map((error) => inWords(error, 'the configuration')), sound };
}

/** Errors of a whole by which its parts are none the worse. */
const LEAVING: ReadonlySet<string> = new Set(['additionalProperties', 'required', 'propertyNames', 'minProperties']);

function removeAt(value: unknown, [name, ...rest]: readonly string[]): void {
  if (typeof value !== 'object' || value === null || name === undefined || !Object.hasOwn(value, name)) return;
  if (rest.length === 0) Reflect.deleteProperty(value, name);
  else removeAt((value as Readonly<Record<string, unknown>>)[name], rest);
}

/** `/columns/3/range/min` → `columns[3].range.min`, the root → `the contract`. */
function placeOf({ instancePath }: ErrorObject): string {
  const place = instancePath
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .slice(1);
  return place || 'the contract';
}

function settingsAt({ instancePath }: ErrorObject): string {
  const depth = instancePath.split('/').length - 1;
  if (depth === 0)
    return Object.keys(contractSchema.properties)
      .filter((name) => !name.startsWith('$'))
      .join(', ');
  return depth === 2 ? Object.keys(contractSchema.$defs.contractColumn.properties).join(', ') : 'min, max';
}

function contractProblem(error: ErrorObject): string {
  const place = placeOf(error);
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const isExpression = ['pattern', 'regex', 'regexp'].includes(name);
      return isExpression
        ? `${place} has ${name}, but contracts hold no regular expressions: use categories or length`
        : `${place} has an unknown setting ${JSON.stringify(name)}: remove it, or use one of ${settingsAt(error)}`;
    }
    case 'required':
      return `${place} lacks ${String(params['missingProperty'])}: add it`;
    case 'enum':
      return `${place} is ${JSON.stringify(error.data)}: it must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'type':
      return `${place} must be of type ${[params['type']].flat().join(' or ')}`;
    case 'pattern':
      return place.startsWith('models')
        ? `${place} is no SHA-256: \`taster contract digest <model>\` prints it`
        : `${place} is no SHA-256: remove it`;
    case 'uniqueItems':
      return `${place} names a value twice (items ${params['j']} and ${params['i']}): remove one`;
    default:
      return `${place} ${error.message ?? 'is not valid'}`;
  }
}

/** Says in words, each with its place, everything in which the value is no contract. */
export function contractProblems(contract: unknown): readonly string[] {
  const isContract = validator<Contract>('contract');
  return isContract(contract) ? [] : (isContract.errors ?? []).map(contractProblem);
}

function describe([first]: readonly ErrorObject[] = []): string {
  return `does not conform to its schema: ${first?.instancePath || 'it'} ${first?.message ?? ''}`;
}

/** What one shard may cost, where a policy says nothing of it: the defaults of the schema. */
export const defaultShardLimits: Readonly<Required<ShardLimits>> = Object.freeze(
  Object.fromEntries(
    Object.entries(policySchema.properties.limits.properties).map(([name, limit]) => [name, limit.default]),
  ) as Required<ShardLimits>,
);

/** A report that readers of the published schema could not trust must not be written. */
export function assertReport(report: unknown): asserts report is Report {
  const isReport: ValidateFunction<Report> = validator<Report>('report');
  if (!isReport(report)) throw new Bug(`the report ${describe(isReport.errors ?? [])}`);
}

export function assertDiagnosis(diagnosis: unknown): asserts diagnosis is Diagnosis {
  const isDiagnosis: ValidateFunction<Diagnosis> = validator<Diagnosis>('doctor');
  if (!isDiagnosis(diagnosis)) throw new Bug(`the diagnosis ${describe(isDiagnosis.errors ?? [])}`);
}

/** What keeps a value from being what the schema says, or nothing. */
export function schemaProblem(name: (typeof plainSchemas)[number], value: unknown): string | undefined {
  const isValid = validator<unknown>(name);
  return isValid(value) ? undefined : describe(isValid.errors ?? []);
}

/** Fills defaults into `trust` and says in words everything that is wrong with it; nothing when it is a trust policy. */
export function trustProblems(trust: unknown): readonly string[] {
  const isTrust = validator<TrustPolicy>('trust');
  return isTrust(trust) ? [] : (isTrust.errors ?? []).map(trustProblem);
}

function mustBe({ params }: Pick<ErrorObject, 'params'>): string {
  const allowed = params['allowedValues'] as string[];
  return `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`;
}

function trustProblem({ instancePath, keyword, message, params }: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll('/', '.') || 'the trust policy';
  if (keyword === 'additionalProperties')
    return `${place} has an unknown setting ${JSON.stringify(params['additionalProperty'])}`;
  if (keyword === 'required') return `${place} lacks ${String(params['missingProperty'])}`;
  if (keyword === 'enum') return `${place} ${mustBe({ params })}`;
  return keyword === 'pattern' ? `${place} must be a time in UTC, as 2026-01-31T00:00:00Z` : `${place} ${message}`;
}
