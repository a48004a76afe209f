import { openEnvelope, parseJson } from '../attest/index.js';
import { schemaProblem, type VerdictStatement } from '../schema/index.js';

/** What a verdict says, whoever has signed it, if anybody; or why it is none. */
export function verdictIn(content: Uint8Array): VerdictStatement | string {
  const value = parseJson(content);
  const opened = openEnvelope(value);
  const statement = 'problem' in opened ? value : parseJson(opened.payload);
  return schemaProblem('verdict', statement) ?? (statement as VerdictStatement);
}

/**
 * Why a verdict cannot have come after those that lie before it; undefined where it can. A genuine one that was taken back
 * opens the gate again where somebody copies it to the next name: then it says what an earlier one says, or is older.
 */
export function replayProblem(statement: VerdictStatement, earlier: readonly VerdictStatement[]): string | undefined {
  const { timeVerified } = statement.predicate;
  if (earlier.some((one) => JSON.stringify(one) === JSON.stringify(statement))) {
    return 'it is a copy of an earlier verdict, put in the place of later ones';
  }
  const newer = earlier.find((one) => !(Date.parse(one.predicate.timeVerified) <= Date.parse(timeVerified)));
  if (newer === undefined) return undefined;
  return `it is of ${timeVerified} and lies after one of ${newer.predicate.timeVerified}: an earlier verdict was put back`;
}

/** The same of files; what cannot be read among the earlier ones may be all that tells of it. */
export function orderProblems(statement: VerdictStatement, earlier: readonly Uint8Array[]): string[] {
  const statements: VerdictStatement[] = [];
  for (const content of earlier) {
    const said = verdictIn(content);
    if (typeof said === 'string') return ['a verdict that lies before it cannot be read'];
    statements.push(said);
  }
  const problem = replayProblem(statement, statements);
  return problem === undefined ? [] : [problem];
}
