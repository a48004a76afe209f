// Writes src/schema/types.ts from the published schemas; with --check, fails when the file there is stale.
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { writeOrCheck } from './write-or-check.mjs';

const schemas = fileURLToPath(new URL('.', import.meta.url));
const target = new URL('../src/schema/types.ts', import.meta.url);

/** One root that refers to all published schemas, so that what they share is declared once. */
const everything = {
  title: 'Published',
  type: 'object',
  additionalProperties: false,
  properties: {
    contract: { $ref: 'contract.schema.json' },
    policy: { $ref: 'policy.schema.json' },
    decision: { $ref: 'decision.schema.json' },
    report: { $ref: 'report.schema.json' },
    doctor: { $ref: 'doctor.schema.json' },
    ledgerEntry: { $ref: 'ledger-entry.schema.json' },
    bundle: { $ref: 'bundle.schema.json' },
    modelSigning: { $ref: 'model-signing.schema.json' },
    envelope: { $ref: 'envelope.schema.json' },
    manifest: { $ref: 'manifest.schema.json' },
    approval: { $ref: 'approval.schema.json' },
    rulesRecord: { $ref: 'rules-record.schema.json' },
    usedVersion: { $ref: 'used-version.schema.json' },
    candidate: { $ref: 'candidate.schema.json' },
    signingKey: { $ref: 'signing-key.schema.json' },
    trust: { $ref: 'trust.schema.json' },
    status: { $ref: 'status.schema.json' },
    auditEntry: { $ref: 'audit-entry.schema.json' },
    auditCheckpoint: { $ref: 'audit-checkpoint.schema.json' },
    verdict: { $ref: 'verdict.schema.json' },
    config: { $ref: 'config.schema.json' },
    seal: { $ref: 'seal.schema.json' },
    plan: { $ref: 'plan.schema.json' },
    batchRecord: { $ref: 'batch-record.schema.json' },
    pauseRecord: { $ref: 'pause-record.schema.json' },
    seen: { $ref: 'seen.schema.json' },
    swept: { $ref: 'swept.schema.json' },
    notice: { $ref: 'notice.schema.json' },
    incident: { $ref: 'incident.schema.json' },
  },
};

const generated = await compile(everything, 'Published', {
  cwd: schemas,
  additionalProperties: false,
  bannerComment: '/* Written by `npm run types` from schemas/: change the schema, not this file. */',
  ignoreMinAndMaxItems: true,
  style: { singleQuote: true, printWidth: 120 },
});

/** The generator knows no readonly, and values that cross a boundary are never changed. */
const types = generated
  .replace(/^export interface Published \{[^}]*\}\n/m, '')
  .replace(/^( +)(\[k: string\]|\$?\w+\??):/gm, '$1readonly $2:')
  .replace(/: (.+)\[\];$/gm, ': readonly $1[];');

await writeOrCheck(target, types, 'types');
