interface SecretPattern {
  /** Label of the counter, and what stands in the text instead. */
  readonly kind: string;
  readonly pattern: RegExp;
  /** What replaces a match; `$n` groups are kept. */
  readonly keep: string;
}

/**
 * Shapes of secrets. Linear by construction: every repetition is bounded or is scanned once, because a match cannot
 * begin inside a run of its own characters (look-behind). Order matters: the specific ones name what they found.
 */
const PATTERNS: readonly SecretPattern[] = [
  { kind: 'private_key', pattern: /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*/g, keep: '' },
  { kind: 'url_credentials', pattern: /(:\/\/)[^\s/@:]{0,256}:[^\s/@]{1,256}(?=@)/g, keep: '$1' },
  {
    kind: 'jwt',
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,4096}(?:\.[A-Za-z0-9_-]{2,4096}){1,2}/g,
    keep: '',
  },
  {
    kind: 'bearer',
    pattern: /(?<![A-Za-z])(bearer|basic)(\s{1,4})(?!\[redacted)[A-Za-z0-9._~+/=:*-]{8,4096}/gi,
    keep: '$1$2',
  },
  {
    kind: 'api_key',
    pattern:
      /(?<![A-Za-z0-9_-])(?:sk-[A-Za-z0-9_.*-]{4,4096}|(?:sk_|rk_|pk_live_|gsk_|xai-|pplx-|nvapi-|hf_|glsa_|glc_|glpat-|github_pat_|gh[pousr]_|xox[abeoprs]-|AIza|ya29\.)[A-Za-z0-9_.*-]{16,4096})/g,
    keep: '',
  },
  { kind: 'aws_key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,64}/g, keep: '' },
  {
    kind: 'named_value',
    pattern:
      /((?:api[-_ ]?key|secret(?:[-_ ]?(?:access[-_ ]?)?key)?|access[-_ ]?(?:key|token)(?:[-_ ]?id)?|password|passwd|pwd|private[-_ ]?key|key[-_ ]?hash)(?:\s(?:provided|given|used|value|is|was))?["']?\s{0,4}[:=]\s{0,4}["']?)(?!\[redacted|(?:bearer|basic)\s)[^\s"',;&)}\]]{4,4096}/gi,
    keep: '$1',
  },
  {
    // These words also head error messages ("invalid upstream credentials: …"), so after a colon and a space only
    // what holds a digit counts as a value.
    kind: 'named_value',
    pattern:
      /((?:token|authorization|credentials?|signature)(?:["']?[:=]["']?|["']\s{0,4}[:=]\s{0,4}["']|\s{0,4}=\s{0,4}["']?|:\s{1,4}["']?(?=[^\s"',;&)}\]\d]{0,256}\d)))(?!\[redacted|(?:bearer|basic)\s)[^\s"',;&)}\]]{4,4096}/gi,
    keep: '$1',
  },
  {
    kind: 'keyed_blob',
    pattern:
      /(?<![A-Za-z])((?:key|secret|token|hash|password)[^A-Za-z0-9[]{1,4})(?:[A-Fa-f0-9]{24,4096}|[A-Za-z0-9+/_-]{32,4096}={0,2})/gi,
    keep: '$1',
  },
  { kind: 'long_hex', pattern: /(?<![A-Za-z0-9])[A-Fa-f0-9]{48,4096}/g, keep: '' },
];

/** One cheap look before the patterns: nearly all texts stop here. */
const MAY_HOLD_SECRET =
  /[sr]k[-_]|:\/\/|eyJ|bearer|basic|key|secret|token|pass|pwd|auth|cred|signature|hash|pk_live|gsk_|xai-|pplx-|nvapi|hf_|glsa_|glc_|glpat|gh[pousr]_|github_pat|xox|AIza|ya29|A(?:KIA|SIA|ROA|IDA|BIA|CCA)|[0-9a-f]{48}|BEGIN /i;

/** `sk-` and four more. */
const SHORTEST_SECRET = 7;

/**
 * Texts found clean before: model names and user agents come again with every request. Only saves time; bounded in
 * entries and in length of each.
 */
const known = new Set<string>();
const MAX_KNOWN = 1024;
const MAX_KNOWN_LENGTH = 128;

function remember(text: string): void {
  if (text.length > MAX_KNOWN_LENGTH) return;
  if (known.size >= MAX_KNOWN) known.clear();
  known.add(text);
}

/** The text with every secret that a pattern knows replaced by `[redacted:<kind>]`; counts per kind. */
export function withoutSecrets(text: string, counts: Map<string, number>): string {
  if (text.length < SHORTEST_SECRET || known.has(text)) return text;
  if (!MAY_HOLD_SECRET.test(text)) {
    remember(text);
    return text;
  }
  let result = text;
  for (const { kind, pattern, keep } of PATTERNS) {
    let found = 0;
    const replaced = result.replace(pattern, (_match: string, ...groups: unknown[]) => {
      found += 1;
      if (keep === '') return `[redacted:${kind}]`;
      const second = keep === '$1$2' ? String(groups[1]) : '';
      return `${String(groups[0])}${second}[redacted:${kind}]`;
    });
    if (found > 0) {
      counts.set(kind, (counts.get(kind) ?? 0) + found);
      result = replaced;
    }
  }
  return result;
}

/** Last words of field names whose value is a secret, whatever it looks like (whole words, so `max_tokens` stays). */
const SECRET_NAME =
  /(?:^|[._-])(?:secret|secrets|api_?key|key_hash|token|password|passwd|credential|credentials|authorization|private_key|access_key_id|access_key_secret|secret_access_key|cookie)$/i;

/** Whether a field of this name holds a secret. */
export function namesSecret(field: string): boolean {
  return SECRET_NAME.test(field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_'));
}
