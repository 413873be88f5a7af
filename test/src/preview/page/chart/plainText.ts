/** Of escaped HTML the text, for a label. Nothing of a parsed document is run or loaded. */
export const plainText = (html: string): string =>
  new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
