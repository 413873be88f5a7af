// Names of Grafana's palette, which are readable on its dark and its light theme.

/** Colour of a change by what was done; other actions are blue. */
const BY_ACTION: Readonly<Record<string, string>> = {
  create: 'green',
  enable: 'green',
  delete: 'red',
  disable: 'red',
  revoke: 'red',
  rotate: 'purple',
};

export const colourOfAction = (action: string): string => BY_ACTION[action] ?? 'blue';
