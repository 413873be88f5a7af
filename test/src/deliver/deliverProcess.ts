import { createDestination, createSetAsideFiles, openStreamFile } from '@aisix-observability/pipeline';
import { type JsonSpan, jsonRequest, jsonSpan } from './testSpans.ts';

/** Delivers the stream of a directory until it is killed: `node deliverProcess.ts <directory> <url>`. */
const [directory = '', url = ''] = process.argv.slice(2);
const file = openStreamFile(`${directory}/requests.sqlite`);
createDestination<JsonSpan>({
  name: 'backend',
  stream: file.stream('requests'),
  cursors: file.cursors,
  prepare: (row) => ({ items: [jsonSpan(Number(row.payload))] }),
  serialize: jsonRequest,
  endpoint: {
    url,
    headers: {},
    contentType: 'application/json',
    compression: 'gzip',
    timeoutMillis: 2_000,
    userAgent: 'test',
  },
  limits: { batchItems: 20 },
  setAside: createSetAsideFiles({ directory: `${directory}/set-aside` }),
});
// Timers of the room never keep a process alive; this one should live until it is killed.
setInterval(() => {}, 60_000);
process.send?.('started');
