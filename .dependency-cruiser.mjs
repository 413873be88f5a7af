import SwcVisitor from '@swc/core/Visitor.js';

// The visitor that ships with the parser stops at `using` declarations, which it reads like any other. What they
// hold is an ordinary list of declarators.
const { Visitor } = SwcVisitor;
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};

// Import directions of the rooms (docs/decisions.md, "Rooms"). A package that is not declared cannot be resolved
// either, but a relative path could still climb out of a room; these rules close that door too.
const rooms = ['pipeline', 'evidence', 'collector-exporter', 'audit-bridge', 'server', 'grafana-plugin', 'test'];

/** A room may reach itself and what is listed; of `evidence` the adapters may only reach the model. */
const allowed = {
  pipeline: [],
  evidence: [],
  'collector-exporter': ['pipeline', 'evidence'],
  'audit-bridge': ['pipeline', 'evidence'],
  server: ['pipeline', 'evidence', 'collector-exporter', 'audit-bridge'],
  // Only types of the api: what Grafana loads holds nothing of the server.
  'grafana-plugin': ['server'],
  test: rooms,
};

export default {
  forbidden: [
    ...rooms.map((room) => ({
      name: `${room}-reaches-only-what-it-may`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: {
        path: `^(${rooms.filter((other) => other !== room && !allowed[room].includes(other)).join('|') || '$^'})/`,
      },
    })),
    {
      name: 'adapters-see-only-the-model-of-evidence',
      severity: 'error',
      from: { path: '^(collector-exporter|audit-bridge)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^evidence/src/(?!index\\.ts|model/)' },
    },
    {
      name: 'tests-of-adapters-see-its-examples-too',
      severity: 'error',
      from: { path: '^(collector-exporter|audit-bridge)/.*\\.test\\.ts$' },
      to: { path: '^evidence/src/(?!index\\.ts|model/|testing\\.ts)' },
    },
    {
      name: 'plugin-sees-only-the-api',
      severity: 'error',
      from: { path: '^grafana-plugin/' },
      to: { path: '^server/(?!src/api/)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '^grafana-plugin/' },
      to: { circular: true },
    },
    {
      // Editors name the type of the data source that loads them when they are opened.
      name: 'no-cycles-of-code-that-is-loaded-at-once',
      severity: 'error',
      from: { path: '^grafana-plugin/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'type-import', 'dynamic-import'] } },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'product-does-not-use-tests',
      severity: 'error',
      from: { path: '^(pipeline|evidence|collector-exporter|audit-bridge|server)/', pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|coverage)/' },
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
