/** Holds a file open for writing until it is killed: `node holder.ts <path>`. */
import { openStreamFile } from '../openStreamFile.ts';

const file = openStreamFile(process.argv[2] ?? '');
await file.stream('events').append([{ payload: 'from the child', at: 1 }]);
process.stdout.write('holding\n');
setInterval(() => file.stream('events').stats(), 1000);
