import type { ChangeSource, ChangeVersion, ConfigChange } from '@aisix-observability/audit-bridge';
import { exampleChange } from '@aisix-observability/evidence/testing';

/** 2026-01-01T12:00:00.123Z: a time whose milliseconds can be lost. */
export const NOON = 1_767_268_800_123;

/** A change of a model in `prod` at noon. */
export function changeOf(over: Partial<ConfigChange> = {}): ConfigChange {
  return exampleChange({
    occurredAt: NOON,
    observedAt: NOON + 400,
    actor: { type: 'user', id: 'canary-actor', name: 'Canary Actor' },
    paths: [{ path: '/timeout', before: 'canary-before', after: 'canary-after', secret: false }],
    ...over,
  });
}

export interface MemorySource extends ChangeSource {
  /** A new version of a change. */
  put(change: Partial<ConfigChange>, aliases?: readonly string[]): void;
  replace(id: string, replacedBy: string): void;
}

/** Answers as the ledger does: of each change its newest state only. */
export function memorySource(): MemorySource {
  const versions = new Map<string, ChangeVersion>();
  const listeners = new Set<() => void>();
  let last = 0;
  const add = (version: ChangeVersion): void => {
    versions.delete(version.id);
    versions.set(version.id, version);
    for (const listener of listeners) listener();
  };
  return {
    put(change, aliases = []) {
      const whole = changeOf(change);
      add({ version: ++last, id: whole.id, change: whole, aliases });
    },
    replace: (id, replacedBy) => add({ version: ++last, id, replacedBy }),
    versionsAfter: (version, limit) => [...versions.values()].filter((one) => one.version > version).slice(0, limit),
    onVersions(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
