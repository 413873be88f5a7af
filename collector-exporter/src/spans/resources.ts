import type { Attributes } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import manifest from '../../package.json' with { type: 'json' };
import { ATTRIBUTE, DEFAULT_SERVICE_NAME, DISTRO_NAME } from './attributes.ts';
import { capText } from './attributeValue.ts';
import type { Redaction } from './redaction.ts';

export interface ResourceSettings {
  /** `service.name`; default {@link DEFAULT_SERVICE_NAME}. */
  readonly serviceName?: string;
  /** Id → name, for `deployment.environment.name`; an environment without a name is named by its id. */
  readonly environmentNames?: ReadonlyMap<string, string>;
  /** Written last, so they win; `service.name` too. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Finds the resource of a request. Equal arguments give the identical object, by which the serialisers group. */
export type ResourceOf = (environment: string, dataPlane: string | undefined) => Resource;

/** Version of this package, on the scope and as `telemetry.distro.version`. */
export const VERSION: string = manifest.version;

/** Pairs of environment and data plane that are remembered; past it the identity, and with it some grouping, is lost. */
const MAX_RESOURCES = 1024;

/**
 * One resource per environment and data plane: `service.instance.id` is what answers "which gateway was it?", and a
 * resource that is shared by several data planes could not say it.
 */
export function createResources(settings: ResourceSettings, redaction?: Redaction): ResourceOf {
  const held = new Map<string, Map<string, Resource>>();
  let count = 0;
  return (environment, dataPlane = '') => {
    const known = held.get(environment)?.get(dataPlane);
    if (known !== undefined) return known;
    if (count >= MAX_RESOURCES) {
      held.clear();
      count = 0;
    }
    const attributes: Attributes = {
      [ATTRIBUTE.serviceName]: settings.serviceName ?? DEFAULT_SERVICE_NAME,
      ...(dataPlane !== '' && { [ATTRIBUTE.serviceInstanceId]: capText(dataPlane) }),
      [ATTRIBUTE.environmentName]: settings.environmentNames?.get(environment) ?? capText(environment),
      [ATTRIBUTE.environmentId]: capText(environment),
      [ATTRIBUTE.distroName]: DISTRO_NAME,
      [ATTRIBUTE.distroVersion]: VERSION,
      ...settings.attributes,
    };
    redaction?.apply(attributes);
    const resource = resourceFromAttributes(attributes);
    let byDataPlane = held.get(environment);
    if (byDataPlane === undefined) {
      byDataPlane = new Map();
      held.set(environment, byDataPlane);
    }
    byDataPlane.set(dataPlane, resource);
    count++;
    return resource;
  };
}
