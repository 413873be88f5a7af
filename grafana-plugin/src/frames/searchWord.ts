/** What opens a group; Grafana cuts off one that is not closed, also behind a backslash, but not within brackets. */
const OPENS = /[[({]/g;

const SPECIAL = /[\\^$.|?*+)\]}]/g;

/**
 * Text as Grafana wants what it marks in rows: as a regular expression, with the flag in front that makes the case of
 * letters mean nothing, as it means nothing to the server.
 */
export const searchWord = (text: string): string => `(?i)${text.replace(SPECIAL, '\\$&').replace(OPENS, '[$&]')}`;
