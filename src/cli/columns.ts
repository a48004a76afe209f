import type { Command } from 'commander';
import { type FileDemand, loadContract, requireNoContract } from '../config/index.js';
import { type NamedColumns, namedByContract } from '../encode/index.js';
import { BadInput } from '../errors.js';

/** What the options say of columns. */
export interface ColumnFlags {
  readonly label?: string;
  readonly source?: string;
  readonly group?: string;
  readonly id?: readonly string[];
}

/** Adds the options that say what columns are for. */
export function withColumnOptions(command: Command): Command {
  return command
    .option('--label <column>', 'the column with the label')
    .option('--source <column>', 'who or what a row came from')
    .option('--group <column>', 'rows with the same value belong together')
    .option('--id <column>', 'names a row; repeat for several', (column, ids: string[] = []) => [...ids, column]);
}

/**
 * Columns as the options name them, or else as the contract does.
 * @throws BadInput as loadContract; USAGE naming every option that the contract contradicts
 */
export function columnsOf(flags: ColumnFlags, contractPath?: string, demand?: FileDemand): NamedColumns {
  const { label, source, group, id = [] } = flags;
  if (contractPath === undefined) {
    if (demand !== undefined) requireNoContract(demand);
    return {
      ...(label === undefined ? {} : { label }),
      ...(source === undefined ? {} : { source }),
      ...(group === undefined ? {} : { group }),
      ids: id,
    };
  }
  const contract = loadContract(contractPath, demand);
  const said = [['label', label], ['source', source], ['group', group], ...id.map((name) => ['id', name])] as const;
  const contradicted = said.flatMap(([role, name]) => {
    const agreed = name === undefined ? role : (contract.roles.get(name) ?? 'no role');
    return agreed === role ? [] : [`--${role} ${name}: the contract gives this column ${agreed}`];
  });
  if (contradicted.length > 0) throw new BadInput('USAGE', { detail: contradicted.join('; ') });
  return namedByContract(contract);
}
