import { describe, expect, it } from 'vitest';
import { createSpanOptions, requestSpans } from './requestSpans.ts';
import { createResources, VERSION } from './resources.ts';
import { createSpanSerializer } from './serialize.ts';
import { exampleRequest } from './testing/exampleRequest.ts';

describe('resources', () => {
  it('name the service, the environment, the data plane, and this distribution', () => {
    const resourceOf = createResources({ environmentNames: new Map([['env-1', 'prod']]) });
    expect(resourceOf('env-1', 'dp-1').attributes).toEqual({
      'service.name': 'aisix-gateway',
      'service.instance.id': 'dp-1',
      'deployment.environment.name': 'prod',
      'aisix.environment.id': 'env-1',
      'telemetry.distro.name': 'aisix-observability',
      'telemetry.distro.version': VERSION,
    });
    expect(resourceOf('env-2', undefined).attributes).not.toHaveProperty('service.instance.id');
    expect(resourceOf('env-2', undefined).attributes['deployment.environment.name']).toBe('env-2');
  });

  it('let the configuration win', () => {
    const attributes = { 'service.namespace': 'ai', 'deployment.environment.name': 'production' };
    expect(createResources({ serviceName: 'gateway', attributes })('env-1', undefined).attributes).toMatchObject({
      'service.name': 'gateway',
      'service.namespace': 'ai',
      'deployment.environment.name': 'production',
    });
  });

  it('are one object for each environment and data plane, and so one group in a batch', () => {
    const options = createSpanOptions();
    const requests = ['env-1', 'env-2', 'env-1'].flatMap((environment) => [
      exampleRequest({ environment, dataPlane: 'dp-1' }),
      exampleRequest({ environment, dataPlane: 'dp-2' }),
    ]);
    const spans = requests.flatMap((request) => requestSpans(request, options));
    expect(new Set(spans.map((span) => span.resource)).size).toBe(4);
    const body = Buffer.from(createSpanSerializer('http/json')(spans)).toString();
    expect(JSON.parse(body).resourceSpans).toHaveLength(4);
  });

  it('are bounded in number', () => {
    const resourceOf = createResources({});
    const first = resourceOf('env-1', 'dp-0');
    for (let index = 0; index < 5_000; index++) resourceOf('env-1', `dp-${index}`);
    expect(resourceOf('env-1', 'dp-0')).not.toBe(first);
    expect(resourceOf('env-1', 'dp-0').attributes).toEqual(first.attributes);
  });
});
