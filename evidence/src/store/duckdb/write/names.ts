import type { ResourceName } from '../../store.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';

/** Replaces the names of these resources. */
export async function writeNames(names: readonly ResourceName[], session: Session): Promise<void> {
  const last = [
    ...new Map(names.map((name) => [JSON.stringify([name.environment, name.kind, name.id]), name])).values(),
  ];
  if (last.length === 0) return;
  const parameters = new Parameters();
  const given = `SELECT unnest(${parameters.texts(last.map(({ environment }) => environment))}) AS environment,
    unnest(${parameters.texts(last.map(({ kind }) => kind))}) AS kind,
    unnest(${parameters.texts(last.map(({ id }) => id))}) AS id,
    unnest(${parameters.texts(last.map(({ name }) => name))}) AS name`;
  await session.run('BEGIN');
  try {
    await session.run(
      `DELETE FROM store.names USING (${given}) g
       WHERE names.environment = g.environment AND names.kind = g.kind AND names.id = g.id`,
      parameters,
    );
    await session.run(`INSERT INTO store.names ${given}`, parameters);
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
