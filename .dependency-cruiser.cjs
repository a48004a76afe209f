/** The stages in the order data flows through them; those on one line do not know each other. */
const layers = [
  ['key-text'],
  ['errors', 'safe-text', 'count', 'wide-tables'],
  ['process'],
  ['schema'],
  ['store', 'attest'],
  ['intake', 'audit'],
  ['verify', 'linear'],
  ['encode'],
  ['model'],
  ['detect'],
  ['baseline'],
  ['assess'],
  ['ledger'],
  ['decide'],
  ['mark'],
  ['report'],
  ['gate'],
  ['doctor'],
  ['config'],
  ['pipeline'],
  ['batch'],
  ['permissions'],
  ['enforce'],
  ['promote'],
  ['queue'],
  ['schedule'],
  ['checkup'],
  ['service', 'client'],
  ['cli'],
];

const pathOf = (names) => `^src/(${names.join('|')})(/|[.]ts$)`;

const order = layers.flatMap((names, rank) =>
  names.map((name) => ({
    name: `layer-${name}`,
    comment: `${name} may import only what comes before it: ${layers.slice(0, rank).flat().join(', ')}`,
    severity: 'error',
    from: { path: pathOf([name]) },
    to: { path: '^src/', pathNot: pathOf([...layers.slice(0, rank).flat(), name]) },
  })),
);

const only = (folder, packages, elsewhere = []) => ({
  name: `only-${folder.replace(/\W/g, '-')}-knows-${packages[0]}`,
  comment: `Only ${[`src/${folder}`, ...elsewhere].join(' and ')} may know ${packages.join(', ')}`,
  severity: 'error',
  from: { path: '^(src|workers|bench|datasets)/', pathNot: [`src/${folder}`, ...elsewhere].map((path) => `^${path}/`) },
  to: { path: `(^|node_modules/)(${packages.join('|')})(/|$)` },
});

module.exports = {
  forbidden: [
    ...order,
    only('(linear|model)', ['@tensorflow']),
    only('cli', ['commander', 'ora']),
    only('queue', ['bullmq', 'ioredis']),
    only('service', ['pino', 'prom-client', 'fastify']),
    only('report', ['cli-table3', 'd3-scale', 'd3-shape', 'fast-png'], ['bench/calibration']),
    only('baseline/artefact', ['cborg']),
    only('attest', ['@sigstore']),
    only('store/s3', ['@aws-sdk/client-s3']),
    only('service/sqs', ['@aws-sdk/client-sqs']),
    only('(store/s3|service/sqs)', ['@aws-sdk']),
    {
      name: 's3-when-needed',
      comment: 'The client of S3 takes longer to load than a small scan: only where an s3:// URI is seen',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/store/s3/' },
      to: { path: '^src/store/s3/', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'workers-drive',
      comment: 'Workers call the stages, and the command line starts them',
      severity: 'error',
      from: { path: '^(src|bench|datasets|servers)/', pathNot: '^src/cli/' },
      to: { path: '^workers/' },
    },
    {
      name: 'workers-below-cli',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'placed',
      comment: 'Every file of src/ belongs to a stage that is listed above',
      severity: 'error',
      from: { path: '^src/', pathNot: pathOf(layers.flat()) },
      to: {},
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node$' },
    },
    {
      name: 'product-stands-alone',
      comment: 'What ships knows nothing of benches, demo data, servers to try it with, tests or development packages',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(bench|datasets|servers|test|scripts)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-development-package',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: '(node_modules|^dist)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
