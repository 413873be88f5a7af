/** Words that mean prompt or answer wherever they stand in a field's name. */
const CONTENT_WORD = /(?:^|_)(?:content|contents|prompt|prompts|completion|completions|messages|transcript)(?:_|$)/;

/** Words that mean it when the name ends with them. */
const CONTENT_END =
  /(?:^|_)(?:message|response|responses|input|inputs|output|outputs|body|arguments|instructions|query|answer|text)$/;

/**
 * Whether a field that this version does not know may hold a prompt or an answer. Rather one field too many: numbers
 * and flags (`content_truncated`, `prompt_audio_tokens`) are told apart by their value, not by their name.
 */
export function namesContent(field: string): boolean {
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return CONTENT_WORD.test(words) || CONTENT_END.test(words);
}
