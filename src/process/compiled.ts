/** A compiled file beside the caller's, also where that runs as TypeScript: processes and threads have no loader for it. */
export function compiledBeside(caller: string, file: string): URL {
  return new URL(file, caller.endsWith('.ts') ? caller.replace(/\/src\/(?!.*\/src\/)/, '/dist/src/') : caller);
}
