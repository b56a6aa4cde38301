/**
 * One way down. Each room of server/ may import from itself, from the rooms listed for it and from what those are built
 * on; everything else is an error, and so is a circle, of types too. `npm run check` runs this (docs/architecture.md
 * draws it).
 */

/** room → the rooms right below it. What lies further down is allowed as well. */
const BELOW = {
  base: [],
  protocol: [],
  syntax: ['base'],
  workspace: ['base', 'protocol'],
  store: ['prompt-context'],
  'test-output': ['workspace'],
  'prompt-context': ['workspace', 'syntax'],
  capture: ['store', 'test-output', 'syntax'],
  graph: ['base'],
  model: ['graph', 'protocol'],
  catalogue: ['model'],
  // Of the store: the records only, see below.
  learning: ['model', 'store', 'prompt-context'],
  training: ['learning'],
  completion: ['learning'],
  // To other trainers and back.
  exchange: ['training'],
  // Makes a failing test pass: reads runs as capture does, learns as a round does.
  fixing: ['training', 'capture'],
};

/** A room and all below it. */
function reach(room, seen = new Set()) {
  if (!seen.has(room)) {
    seen.add(room);
    for (const below of BELOW[room]) reach(below, seen);
  }
  return seen;
}

const rooms = Object.keys(BELOW).map((room) => ({
  name: `below-${room}`,
  comment: `server/${room} may import from ${[...reach(room)].join(', ')} only.`,
  severity: 'error',
  from: { path: `^server/${room}/` },
  to: { path: '^(server|extension|test|scripts)/', pathNot: `^server/(${[...reach(room)].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one file, or hide a third that both need.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'learning-reads-records',
      comment: 'Learning, training and completion know what is stored, not how.',
      severity: 'error',
      from: {
        path: '^server/(learning|training/trainer|training/gates|training/augment|training/objectives|completion|fixing)/',
      },
      to: { path: '^server/store/', pathNot: '^server/store/records\\.ts$' },
    },
    {
      name: 'round-and-trainer-apart',
      comment: 'Two processes: what both need is in training/types.ts.',
      severity: 'error',
      from: { path: '^server/training/round/' },
      to: { path: '^server/training/trainer/' },
    },
    {
      name: 'trainer-and-round-apart',
      comment: 'Two processes: what both need is in training/types.ts.',
      severity: 'error',
      from: { path: '^server/training/trainer/' },
      to: { path: '^server/training/round/' },
    },
    {
      name: 'bench-is-imported-by-nothing',
      comment: 'The product does not need its benchmarks; cli/ loads their bundle by its path.',
      severity: 'error',
      from: { path: '^(server|extension)/', pathNot: '^server/bench/' },
      to: { path: '^server/bench/' },
    },
    {
      name: 'one-door-to-onnxruntime',
      severity: 'error',
      from: { pathNot: '^(server/graph/runtime\\.ts|test/)' },
      to: { path: 'onnxruntime-(node|common)' },
    },
    {
      name: 'runs-are-read-in-their-thread',
      comment:
        'The parsers of test output take long: capture asks test-output/reading-thread.ts. fixing/ is a process of its own.',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/(test-output|cli|bench|fixing)/' },
      to: {
        path: '^server/test-output/(read-run|understand-run|runs|runners|streams|parsers/.*)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'one-door-to-sqlite',
      severity: 'error',
      from: { pathNot: '^(server/store/sqlite\\.ts|test/)' },
      to: { path: 'sqlite3' },
    },
    {
      name: 'the-server-knows-no-editor',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: ['^vscode$', '^extension/'] },
    },
    {
      name: 'the-client-knows-the-protocol-only',
      severity: 'error',
      from: { path: '^extension/' },
      to: { path: '^server/', pathNot: '^server/protocol/' },
    },
    {
      name: 'product-knows-no-tests',
      severity: 'error',
      from: { path: '^(server|extension)/' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/(workspaces|fixtures)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.cjs', '.js', '.json'] },
  },
};
