import { text } from 'node:stream/consumers';
import { terminalSvg } from './terminalSvg.ts';

// A captured screen of the demo on standard input, the picture of README on standard output (CONTRIBUTING.md).
const LABEL = 'The demo in a terminal: a table of requests, and the spans of the newest failed one';
process.stdout.write(terminalSvg(await text(process.stdin), LABEL));
