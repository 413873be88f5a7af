import type { Document, LineCounter, Node } from 'yaml';
import { isMap, isNode, isScalar, isSeq } from 'yaml';
import type { ConfigPath } from './interpolate.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a path stands in the file: of its value, or of its key when `atKey` (an unknown key is wrong, not its
 * value); for something that is missing, where the section around it stands.
 */
export function locate(document: Document, lines: LineCounter, path: ConfigPath, atKey = false): Place | undefined {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      const keyOffset = offsetOf(pair.key);
      node = pair.value;
      offset = (atKey && depth === path.length - 1 ? keyOffset : (offsetOf(node) ?? keyOffset)) ?? offset;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = offsetOf(node) ?? offset;
    } else break;
  }
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
