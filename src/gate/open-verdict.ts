import { openEnvelope, parseJson, signersOf, type Trust, weighSigners } from '../attest/index.js';
import { schemaProblem, type VerdictStatement } from '../schema/index.js';
import { batchDigest } from './make-verdict.js';
import { orderProblems } from './replayed.js';

export interface VerdictExpectation {
  readonly trust: Trust;
  /** Undefined: whatever the verdict says, as far as its signer may speak of it. */
  readonly dataset: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The verdicts that lie before it, in whose place it is followed. */
  readonly earlier?: readonly Uint8Array[];
}

export type OpenedVerdict =
  | { readonly statement: VerdictStatement; readonly signers: readonly string[] }
  /** Why nothing may be trained on by it: sentences without full stop. */
  | { readonly problems: readonly string[] };

/** A verdict that counts now, or everything that keeps it from counting. */
export function openVerdict(content: Uint8Array, expected: VerdictExpectation): OpenedVerdict {
  const opened = openEnvelope(parseJson(content));
  if ('problem' in opened) return refused(`it is no signed verdict: ${opened.problem}`);
  const known = signersOf(opened, expected.trust.verifiers, expected.now);
  if (known.length === 0) return refused('no trusted verifier has signed it as it is');
  const value = parseJson(opened.payload);
  const problem = schemaProblem('verdict', value);
  if (problem !== undefined) return refused(`its statement ${problem}`);
  const statement = value as VerdictStatement;
  const { dataset, timeVerified } = statement.predicate;
  const at = { dataset, signed: Date.parse(timeVerified), now: expected.now };
  const { signers, doubts } = weighSigners(known, at);
  const problems = [...doubts.map(({ summary }) => summary), ...statementProblems(statement, expected)];
  return problems.length > 0 ? { problems } : { statement, signers: signers.map(({ name }) => name) };
}

function statementProblems(statement: VerdictStatement, { dataset, now, earlier = [] }: VerdictExpectation) {
  const {
    subject: [batch],
    predicate,
  } = statement;
  const problems = orderProblems(statement, earlier);
  // A time that is none compares as false: it must not make a verdict last for ever.
  if (!(now < Date.parse(predicate.expires))) problems.push(`it expired at ${predicate.expires}`);
  if (dataset !== undefined && predicate.dataset !== dataset) {
    problems.push(`it is about dataset ${predicate.dataset}, not ${dataset}`);
  }
  if (batch?.digest.sha256 !== batchDigest(predicate.shards)) problems.push('its subject is not the shards it lists');
  return problems;
}

function refused(problem: string): OpenedVerdict {
  return { problems: [problem] };
}
