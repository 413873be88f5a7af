import { signingSecret } from './auditSchema.ts';
import { duration, environmentReference, httpUrl, section, size, text } from './leaves.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const file = text('the path of a file');

/** Watchers beside a data plane, for the command `agent`. */
export const agentSchema = section({
  url: httpUrl,
  secret: signingSecret,
  data_plane: text('the id of a data plane', /^[^\p{Cc}]{1,128}$/u, 128),
  environment: environmentReference.optional(),
  cache_file: file.optional(),
  resources_file: file.optional(),
  status_url: httpUrl.optional(),
  interval: duration(100, 600_000).optional(),
  spool: size(MIB, 64 * GIB).default(256 * MIB),
});
