/** Where the preview is, and what there is to find. */
export function previewInvitation(url: string): string {
  return [
    `The Grafana data source, without a Grafana: ${url}`,
    'Open it in a browser on this machine. Requests turn red at a dashed line: click its triangle.',
    '',
  ].join('\n');
}
