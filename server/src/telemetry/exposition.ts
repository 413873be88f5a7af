interface Family {
  help?: string;
  type?: string;
  readonly samples: string[];
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? \S+$/;

/**
 * Joins the Prometheus texts of several threads to one valid text: families in the order of their first appearance,
 * one HELP and TYPE each, samples of one family side by side, a series that appears twice only once (the first), and
 * nothing that is no sample.
 */
export function joinExpositions(texts: readonly string[]): string {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const comment = COMMENT.exec(line);
    if (comment !== null) {
      const [, kind = '', name = '', rest = ''] = comment;
      const family = familyOf(families, name);
      if (kind === 'HELP') family.help ??= rest;
      else family.type ??= rest;
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) continue;
    const [, name = '', labels = ''] = sample;
    if (seen.has(name + labels)) continue;
    seen.add(name + labels);
    familyOf(families, familyName(families, name)).samples.push(line);
  }
  let joined = '';
  for (const [name, { help, type, samples }] of families) {
    if (samples.length === 0) continue;
    if (help !== undefined) joined += `# HELP ${name} ${help}\n`;
    if (type !== undefined) joined += `# TYPE ${name} ${type}\n`;
    joined += `${samples.join('\n')}\n`;
  }
  return joined;
}

function familyOf(families: Map<string, Family>, name: string): Family {
  let family = families.get(name);
  if (family === undefined) {
    family = { samples: [] };
    families.set(name, family);
  }
  return family;
}

/** `x_bucket`, `x_sum` and `x_count` belong to the histogram `x`. */
function familyName(families: ReadonlyMap<string, Family>, sample: string): string {
  const base = sample.replace(/_(bucket|sum|count)$/, '');
  return base !== sample && families.get(base)?.type === 'histogram' ? base : sample;
}
