import { auditEventJsonSchema } from './auditEvent.ts';

// Run by `pnpm schema`, so that what is published is what is read.
process.stdout.write(`${JSON.stringify(auditEventJsonSchema(), null, 2)}\n`);
