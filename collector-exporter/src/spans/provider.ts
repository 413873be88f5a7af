/** Values that the GenAI convention lists; for these its spelling must be used. */
const WELL_KNOWN = [
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'groq',
  'ibm.watsonx.ai',
  'mistral_ai',
  'moonshot_ai',
  'openai',
  'perplexity',
  'x_ai',
] as const;

/** Brands as people and consoles write them, letters and digits only. */
const BY_BRAND: ReadonlyMap<string, string> = new Map<string, string>([
  ...WELL_KNOWN.map((name) => [lettersOf(name), name] as const),
  ['claude', 'anthropic'],
  ['bedrock', 'aws.bedrock'],
  ['amazonbedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['azureopenai', 'azure.ai.openai'],
  ['azopenai', 'azure.ai.openai'],
  ['azureai', 'azure.ai.inference'],
  ['azureaifoundry', 'azure.ai.inference'],
  ['gemini', 'gcp.gemini'],
  ['googlegemini', 'gcp.gemini'],
  ['googleaistudio', 'gcp.gemini'],
  ['google', 'gcp.gen_ai'],
  ['vertex', 'gcp.vertex_ai'],
  ['vertexai', 'gcp.vertex_ai'],
  ['googlevertex', 'gcp.vertex_ai'],
  ['googlevertexai', 'gcp.vertex_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['ibmwatsonx', 'ibm.watsonx.ai'],
  ['mistral', 'mistral_ai'],
  ['moonshot', 'moonshot_ai'],
  ['kimi', 'moonshot_ai'],
  ['xai', 'x_ai'],
  ['grok', 'x_ai'],
]);

/**
 * `gen_ai.provider.name` of the brand that the gateway says (`branded_provider`): the convention's value where it has
 * one, else the brand in lower case, which the convention allows.
 *
 * The attribute is required, but the convention has no value for "unknown" and backends parse by it, so an unknown
 * provider stays absent: a made-up value would be a statement about the provider.
 */
export function providerName(brand: string | undefined): string | undefined {
  if (brand === undefined) return undefined;
  const known = remembered.get(brand);
  if (known !== undefined) return known;
  const trimmed = brand.trim().toLowerCase();
  if (trimmed === '') return undefined;
  const name = BY_BRAND.get(lettersOf(trimmed)) ?? trimmed;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(brand, name);
  return name;
}

/** Only saves time: every attempt has a brand, and there are few of them. */
const remembered = new Map<string, string>();
const MAX_REMEMBERED = 256;

function lettersOf(name: string): string {
  return name.replace(/[^a-z0-9]/g, '');
}
