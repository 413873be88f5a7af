import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type LoadOptions, runLoad } from './loadRun.ts';
import { LOAD_INPUTS, type LoadInput } from './loadTemplate.ts';

const ended = new AbortController();
process.once('SIGTERM', () => ended.abort());

/**
 * A load generator as a process of its own: `node loadProcess.ts --url http://127.0.0.1:14318 --input telemetry
 * --token … [--seconds 30] [--connections 8] [--batch 100] [--rate 20000]`. Writes one line of JSON, a `LoadReport`.
 * Uploads: `--input object_store --bucket … --prefix … --access-key … --secret … [--compression none]
 * [--prebuilt 6000]`. SIGTERM ends the load early.
 */
function options(): LoadOptions {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      input: { type: 'string', default: 'telemetry' },
      seconds: { type: 'string', default: '30' },
      connections: { type: 'string', default: '8' },
      batch: { type: 'string', default: '100' },
      rate: { type: 'string' },
      token: { type: 'string' },
      environment: { type: 'string' },
      bucket: { type: 'string', default: 'gateway-logs' },
      prefix: { type: 'string', default: 'aisix/prod' },
      'access-key': { type: 'string', default: 'AKIDEXAMPLE' },
      secret: { type: 'string', default: 'secretexample' },
      region: { type: 'string', default: 'us-east-1' },
      compression: { type: 'string', default: 'gzip' },
      prebuilt: { type: 'string' },
    },
  });
  const input = LOAD_INPUTS.find((name): name is LoadInput => name === values.input);
  if (values.url === undefined || input === undefined) {
    throw new TypeError(`--url is needed, and --input must be one of ${LOAD_INPUTS.join(', ')}.`);
  }
  return {
    input,
    baseUrl: values.url,
    seconds: Number(values.seconds),
    connections: Number(values.connections),
    batch: Number(values.batch),
    ...(values.rate !== undefined && { rate: Number(values.rate) }),
    ...(values.token !== undefined && { token: values.token }),
    ...(values.environment !== undefined && { environment: values.environment }),
    ...(input === 'object_store' && {
      upload: {
        bucket: values.bucket,
        prefix: values.prefix,
        accessKey: values['access-key'],
        secret: values.secret,
        region: values.region,
        compression: values.compression === 'none' ? 'none' : 'gzip',
        ...(values.prebuilt !== undefined && { prebuilt: Number(values.prebuilt) }),
      },
    }),
    ended: ended.signal,
    run: randomBytes(4).toString('hex'),
  };
}

process.stdout.write(`${JSON.stringify(await runLoad(options()))}\n`);
