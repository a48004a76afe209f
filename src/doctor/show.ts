import { type Canvas, canvasOf, grid, paragraph, section } from '../report/index.js';
import { safeJson, safeText } from '../safe-text.js';
import { assertDiagnosis, type BackendDiagnosis, type Diagnosis } from '../schema/index.js';

const NAME_COLUMNS = 32;
const INDENT = 2;

/** Names with what is known of them; long values go on below. */
function pairs({ width }: Canvas, rows: readonly (readonly [string, string])[]): string[] {
  return grid(
    rows.map(([name, value]) => ['', name, safeText(value)]),
    [{ width: INDENT }, { width: NAME_COLUMNS }, { width: width - INDENT - NAME_COLUMNS }],
  );
}

function size(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function headline(canvas: Canvas, { ready, autoBackend, problems, service }: Diagnosis): string[] {
  const { pen } = canvas;
  const what = service === undefined ? 'A scan' : 'The service';
  if (ready) return paragraph(canvas, `${pen.green(pen.bold('READY'))}  ${what} can run here.`, 0);
  const reasons = problems.map(({ message, remedy }) => safeText(`${message}. ${remedy}`));
  const text = `${pen.red(pen.bold('NOT READY'))}  ${what} cannot run here${autoBackend === null ? '' : ' as it is set up'}:`;
  return [...paragraph(canvas, text, 0), ...reasons.flatMap((reason) => paragraph(canvas, reason, 4, '  -'))];
}

function machine(canvas: Canvas, { version, node, platform, cores, memory, temporaryFolder }: Diagnosis): string[] {
  const { limitBytes, availableBytes, totalBytes } = memory;
  const libc = platform.glibc === null ? '' : `, glibc ${platform.glibc}`;
  const limit = limitBytes === null ? 'no limit below it' : `limited to ${size(limitBytes)}`;
  const free = temporaryFolder.freeBytes === null ? '' : `, ${size(temporaryFolder.freeBytes)} free`;
  return pairs(canvas, [
    ['Taster', version],
    ['Node', `${node.version} (${node.required})`],
    ['platform', `${platform.system} ${platform.architecture}${libc}`],
    ['cores usable', `${cores}`],
    ['memory', `${size(totalBytes)}, ${size(availableBytes)} available, ${limit}`],
    ['temporary folder', `${temporaryFolder.path}, ${temporaryFolder.writable ? 'writable' : 'not writable'}${free}`],
  ]);
}

function backendInWords({ problem, simd, gigaflops }: BackendDiagnosis): string {
  if (problem !== null) return `${problem.message}. ${problem.remedy}`;
  const vectors = simd === null ? '' : simd ? ', SIMD' : ', no SIMD (slow)';
  return `works, about ${(gigaflops ?? 0).toPrecision(2)} GFLOP/s${vectors}`;
}

function tensors(canvas: Canvas, { backends, autoBackend }: Diagnosis): string[] {
  return pairs(canvas, [
    ...backends.map((backend) => [backend.name, backendInWords(backend)] as const),
    ['--backend auto takes', autoBackend ?? 'neither'],
  ]);
}

function serviceInWords(canvas: Canvas, { service }: Diagnosis): string[] {
  if (service === undefined) return [];
  const rows = service.map(({ subject, message, remedy }) => {
    const text = remedy === null ? message : `${message}. ${remedy}`;
    return [subject, text] as const;
  });
  return section(canvas, 'Service', pairs(canvas, rows));
}

/** A diagnosis as text for a person at a terminal, no line wider than asked for. */
export function renderDiagnosis(diagnosis: Diagnosis, color: boolean, width: number): string {
  const canvas = canvasOf(color, width);
  const versions = diagnosis.libraries.map(({ name, version }) => [name, version ?? 'not installed'] as const);
  const settings = diagnosis.variables.map(
    ({ name, value, meaning }) => [name, value ?? `not set: ${meaning}`] as const,
  );
  const sha256 = `about ${diagnosis.sha256GigabytesPerSecond.toPrecision(2)} GB/s on one core`;
  const lines = [
    ...headline(canvas, diagnosis),
    ...serviceInWords(canvas, diagnosis),
    ...section(canvas, 'Machine', machine(canvas, diagnosis)),
    ...section(canvas, 'Tensors', tensors(canvas, diagnosis)),
    ...section(canvas, 'Libraries', pairs(canvas, versions)),
    ...section(canvas, 'Environment variables', pairs(canvas, settings)),
    ...section(canvas, 'Speed (rough: one short run)', pairs(canvas, [['SHA-256', sha256]])),
  ];
  return `${lines.join('\n')}\n`;
}

/** A diagnosis as JSON text. Throws Bug when it would break its schema. */
export function diagnosisJson(diagnosis: Diagnosis): string {
  assertDiagnosis(diagnosis);
  return `${safeJson(JSON.stringify(diagnosis, null, 2))}\n`;
}
