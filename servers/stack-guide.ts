import { command } from './taster.js';

/** A started stack, as whoever tries it has to know it. */
export interface Stack {
  readonly folder: string;
  readonly address: string;
  readonly variables: Readonly<Record<string, string>>;
}

export const BUCKET = 'lake';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a shell reads to reach the stack: addresses, keys, and the command. */
export function shellSettings(variables: Stack['variables']): string {
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const taster = `taster() { ${quoted(process.execPath)} ${quoted(command)} "$@"; }`;
  return `${[...exports, taster].join('\n')}\n`;
}

const UPLOAD = [
  'curl --fail --silent --show-error --aws-sigv4 aws:amz:us-east-1:s3',
  "--header 'x-amz-content-sha256: UNSIGNED-PAYLOAD'",
  '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
  `--upload-file 'batch/images-[1-8].parquet' "$AWS_ENDPOINT_URL/${BUCKET}/incoming/monday/"`,
].join(' \\\n      ');

/** What to type next. Lines to type begin with four blanks. */
export function guide(stack: Stack): string {
  return `
Redis, an S3 server, a worker and taster serve are running, for this machine alone.
Type in another terminal:

    cd ${quoted(stack.folder)} && . ./env

Upload a batch of 8 shards, 3 of them poisoned, and have it judged:

    ${UPLOAD}
    taster enqueue digits monday
    taster status --watch

See what training may read (the first line signs a list of what was recalled, nothing as yet), and why the rest is held:

    taster recall --status status.json --key worker.pem
    taster gate s3://${BUCKET}/released/monday --trust trust.json --status status.json
    taster review list
    taster review show digits monday

Release a held shard, with the first digits of the decision that show has printed:

    taster review release digits monday images-7.parquet --decision <digits> --by me --reason 'meant to be noise'

${stack.address}/metrics tells what goes on; the logs are worker.log and serve.log in that folder.
Ctrl-C stops everything and removes the folder, and with it all that was uploaded.
`;
}
