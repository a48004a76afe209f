// Puts what each process and thread loads into few files, in the place of those that the compiler wrote for them: read
// one by one, the hundreds that a scan needs take three times as long to load. Packages that bring files of their own,
// or are loaded by few commands, stay where they are installed.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const stayOutside = [/^node:/, /^#/, /^@tensorflow\//, /^@aws-sdk\//];

/** The command, and what runs in processes and threads that it starts. */
const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  .filter((path) => /-worker\.ts$|^src\/cli\/main\.ts$/.test(path));

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((path) => [path.slice(0, -'.ts'.length), path])),
  platform: 'node',
  external: stayOutside,
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  // CommonJS inside of modules.
  transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  treeshake: { moduleSideEffects: 'no-external' },
});
await bundle.write({ dir: join(root, 'dist'), entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' });
await bundle.close();
