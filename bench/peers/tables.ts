import type { ProcessCost } from '../process-tree.js';

export interface Measure {
  readonly part: string;
  readonly set: string;
  readonly method: string;
  readonly rows: number;
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Share of good and of bad rows that are flagged with default settings. */
  readonly cleanFlagged: number;
  readonly badFlagged: number;
  readonly cost: ProcessCost;
}

const head = ['rows', 'method', 'AUROC', 'AP', 'clean flagged', 'bad flagged', 'CPU s', 'wall s', 'peak MB'];

export function printTableHead(part: string): void {
  console.log(`\n| ${[part, ...head].join(' | ')} |\n|${' --- |'.repeat(head.length + 1)}`);
}

export function printMeasure({ set, rows, method, cost, ...shares }: Measure): void {
  const cells = [
    set,
    rows,
    method,
    ...[shares.auroc, shares.averagePrecision, shares.cleanFlagged, shares.badFlagged].map((share) =>
      Number.isNaN(share) ? '' : share.toFixed(3),
    ),
    cost.cpuSeconds.toFixed(1),
    cost.wallSeconds.toFixed(1),
    Math.round((cost.peakBytes ?? Number.NaN) / 1e6),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Means of each method over the sets that all methods have ranked. */
export function printMeans(measures: readonly Measure[]): void {
  const methods = [...new Set(measures.map(({ method }) => method))];
  const ranked = (set: string, method: string) => measures.find((one) => one.set === set && one.method === method);
  const sets = [...new Set(measures.map(({ set }) => set))];
  const common = sets.filter((set) => methods.every((method) => ranked(set, method) !== undefined));
  for (const method of methods) {
    const own = common.flatMap((set) => ranked(set, method) ?? []);
    if (own.length > 0) printMeasure(meanOf(own, `mean of ${own.length}`));
  }
}

function meanOf(measures: readonly Measure[], set: string): Measure {
  // Rows without a bad one among them have no ranking.
  const of = (pick: (measure: Measure) => number) => {
    const values = measures.map(pick).filter((value) => !Number.isNaN(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    ...(measures[0] as Measure),
    set,
    rows: Math.round(of(({ rows }) => rows)),
    auroc: of((one) => one.auroc),
    averagePrecision: of((one) => one.averagePrecision),
    cleanFlagged: of((one) => one.cleanFlagged),
    badFlagged: of((one) => one.badFlagged),
    cost: {
      exitCode: 0,
      cpuSeconds: of(({ cost }) => cost.cpuSeconds),
      wallSeconds: of(({ cost }) => cost.wallSeconds),
      peakBytes: of(({ cost }) => cost.peakBytes ?? Number.NaN),
    },
  };
}

/** Where another tool ranks the bad rows better. */
export function printLosses(measures: readonly Measure[]): void {
  const losses = measures
    .filter(({ method }) => method === 'taster')
    .flatMap((own) =>
      measures
        .filter(({ part, set, method }) => part === own.part && set === own.set && method !== 'taster')
        .filter((peer) => peer.averagePrecision > own.averagePrecision || peer.auroc > own.auroc)
        .map((peer) => `${peer.part}, ${peer.set}: ${peer.method} ${ranking(peer)}, taster ${ranking(own)}`),
    );
  console.log(`\nBehind another tool in AUROC or AP: ${losses.length === 0 ? 'nowhere' : ''}`);
  for (const loss of losses) console.log(`- ${loss}`);
}

function ranking({ auroc, averagePrecision }: Measure): string {
  return `${auroc.toFixed(3)} / ${averagePrecision.toFixed(3)}`;
}
