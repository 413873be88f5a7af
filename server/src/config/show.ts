import type { ConfigError } from './problem.ts';

/** What `check` and `start` print of a configuration that is wrong: one block per problem, in the order of the file. */
export function showConfigError(error: ConfigError): string {
  const blocks = error.problems.map(({ path, line, column, found, expected, hint }) => {
    const place = line === undefined ? '' : ` (line ${line}, column ${column})`;
    return [
      `  ${path === '' ? 'the file' : path}${place}`,
      `    found    ${found}`,
      `    expected ${expected}`,
      ...(hint === undefined ? [] : [`    hint     ${hint}`]),
    ].join('\n');
  });
  const count = error.problems.length;
  return `${error.code}: ${count} ${count === 1 ? 'error' : 'errors'} in ${error.source}\n\n${blocks.join('\n\n')}\n`;
}
