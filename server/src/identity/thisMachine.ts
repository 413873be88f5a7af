import { isLoopback } from '../config/loopback.ts';
import { type Asking, isThroughGrafana } from './asking.ts';
import type { Reader } from './reader.ts';

/** Headers that a proxy adds: behind one every caller comes from this machine, and being local proves nothing. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

/** Who comes from this machine without saying who it is: may see how the server is, and nothing that it holds. */
export const LOCAL_READER: Reader = {
  kind: 'local',
  id: 'local',
  name: 'this machine',
  scopes: ['metrics', 'status'],
  audit: false,
  environments: [],
  visibility: {},
};

/** A local browser that was led here by a foreign name (DNS rebinding) sends that name as `Host` and is not local. */
export function isThisMachine(asking: Asking): boolean {
  const { header, remoteAddress } = asking;
  // A Grafana on this machine asks for people who are not.
  if (!isLoopback(remoteAddress ?? '') || isThroughGrafana(asking)) return false;
  if (FORWARDED.some((name) => header(name) !== undefined)) return false;
  const host = header('host') ?? '';
  return URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
}
