import type { Random } from '../../gateway/random.ts';
import { WORLD } from '../parameters.ts';
import type { World, WorldModel } from './world.ts';

/** A configuration resource as the gateway's store holds it; secrets are made up. */
export type Document = Readonly<Record<string, unknown>>;

/** All resources by `<kind>/<id>`, kinds in the singular. */
export type Documents = ReadonlyMap<string, Document>;

export const keyOf = (kind: string, id: string) => `${kind}/${id}`;

function modelDocument(world: World, model: WorldModel): Document {
  const nameOf = (index: number) => world.models[index]?.name ?? '';
  switch (model.kind) {
    case 'direct':
      return {
        display_name: model.name,
        provider: world.providers[world.providerKeys[model.providerKey]?.provider ?? 0]?.brand,
        model_name: model.name,
        provider_key_id: world.providerKeys[model.providerKey]?.id,
        timeout: WORLD.timeoutMs,
        retries: WORLD.retries,
      };
    case 'routing':
      return {
        display_name: model.name,
        routing: { strategy: model.strategy, targets: model.targets.map((target) => ({ model: nameOf(target) })) },
      };
    case 'ensemble':
      return {
        display_name: model.name,
        ensemble: {
          panel: model.panel.map((member) => ({ model: nameOf(member) })),
          judge: { model: nameOf(model.judge) },
        },
      };
  }
}

/** Ids of the resources that are not in the world itself. */
export interface PolicyIds {
  readonly limits: readonly string[];
  readonly guardrail: string;
  readonly attachment: string;
  readonly cachePolicies: ReadonlyMap<number, string>;
}

export interface DrawnDocuments {
  readonly documents: Documents;
  readonly ids: PolicyIds;
}

/** The resources of a world; one limit for each of the first three callers, one guardrail for all. */
export function drawDocuments(random: Random, world: World): DrawnDocuments {
  const documents = new Map<string, Document>();
  for (const [index, key] of world.providerKeys.entries()) {
    const brand = world.providers[key.provider]?.brand ?? '';
    documents.set(keyOf('provider_key', key.id), {
      display_name: key.name,
      provider: brand,
      adapter: 'openai',
      api_base: `https://api.${brand}.example/v1`,
      secret: `sk-${random.word(20)}`,
      telemetry_tags: { kind: 'catalog', featured: index % 2 === 0, branded_provider: brand, pk_label: key.name },
    });
  }
  for (const model of world.models) documents.set(keyOf('model', model.id), modelDocument(world, model));
  for (const caller of world.callers) {
    documents.set(keyOf('api_key', caller.id), {
      display_name: caller.name,
      key_hash: random.hex(64),
      allowed_models: ['*'],
      rate_limit: { rpm: 100_000 },
      disabled: false,
    });
  }
  const limits = world.callers.slice(0, 3).map((caller) => {
    const id = random.uuid();
    documents.set(keyOf('rate_limit_policy', id), {
      name: `limit-${caller.name}`,
      scope: 'api_key',
      scope_ref: caller.id,
      window: 'minute',
      max_requests: 100_000,
    });
    return id;
  });
  const guardrail = random.uuid();
  documents.set(keyOf('guardrail', guardrail), {
    name: 'words',
    kind: 'keyword',
    enabled: true,
    hook_point: 'input',
    enforcement_mode: 'block',
    patterns: [{ kind: 'literal', value: random.word(8) }],
  });
  const attachment = random.uuid();
  documents.set(keyOf('guardrail_attachment', attachment), {
    guardrail_id: guardrail,
    scope_type: 'env',
    enabled: true,
    priority: 1,
  });
  const cachePolicies = new Map<number, string>();
  for (const [index, model] of world.models.entries()) {
    if (model.kind !== 'direct' || model.cacheHits === 0) continue;
    const id = random.uuid();
    cachePolicies.set(index, id);
    documents.set(keyOf('cache_policy', id), {
      name: `cache-${model.name}`,
      enabled: true,
      backend: 'memory',
      ttl_seconds: 30,
      applies_to: `model:${model.name}`,
    });
  }
  return { documents, ids: { limits, guardrail, attachment, cachePolicies } };
}
