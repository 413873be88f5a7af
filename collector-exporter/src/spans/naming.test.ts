import type { GatewayRequest } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { operationOf } from './operation.ts';
import { providerName } from './provider.ts';
import { createSpanOptions, requestSpans } from './requestSpans.ts';
import { UNNAMED_REQUEST } from './spanName.ts';
import { exampleAttempt, exampleRequest } from './testing/exampleRequest.ts';

const names = (fields: Partial<GatewayRequest>) =>
  requestSpans(exampleRequest(fields), createSpanOptions()).map((span) => span.name);

/** Without the model, which would otherwise be the object of a name. */
function without(...keys: (keyof GatewayRequest)[]): GatewayRequest {
  return Object.fromEntries(
    Object.entries(exampleRequest()).filter(([key]) => !keys.includes(key as keyof GatewayRequest)),
  ) as unknown as GatewayRequest;
}

describe('operation', () => {
  it.each<[Partial<GatewayRequest>, string]>([
    [{ protocol: 'openai' }, 'chat'],
    [{ protocol: 'anthropic' }, 'chat'],
    [{ protocol: 'mcp' }, 'execute_tool'],
    [{ protocol: 'a2a' }, 'invoke_agent'],
    [{ protocol: 'passthrough' }, 'passthrough'],
    [{ protocol: 'realtime', operation: 'chat' }, 'realtime'],
    [{ protocol: 'batch', operation: 'chat' }, 'batch_completion'],
    [{ protocol: 'openai', operation: 'embeddings' }, 'embeddings'],
    [{ protocol: 'openai', operation: 'completions' }, 'text_completion'],
    [{ protocol: 'anthropic', operation: 'messages' }, 'chat'],
    [{ protocol: 'openai', operation: 'responses' }, 'chat'],
    [{ protocol: 'openai', operation: 'rerank' }, 'rerank'],
    [{ operation: 'execute_tool' }, 'execute_tool'],
    [{ protocol: 'openai', operation: 'Not an operation\n' }, 'chat'],
    [{ protocol: 'of tomorrow' }, 'chat'],
  ])('%j is %s', (fields, expected) => {
    expect(operationOf(exampleRequest(fields))).toBe(expected);
  });

  it('is not made up for a request that reached nothing', () => {
    expect(operationOf({ ...without('protocol', 'requestedModel'), attempts: [] })).toBeUndefined();
  });

  it('decides the kind of output where it can', () => {
    const [, logical] = requestSpans(exampleRequest({ operation: 'speech' }), createSpanOptions());
    expect(logical?.attributes['gen_ai.output.type']).toBe('speech');
  });
});

describe('names of spans', () => {
  it.each<[string, Partial<GatewayRequest>, string[]]>([
    ['a model', {}, ['chat smart', 'chat smart', 'chat primary']],
    [
      'a tool',
      { protocol: 'mcp', mcp: { server: 'files', tool: 'read' } },
      ['execute_tool read', 'execute_tool read', 'execute_tool read'],
    ],
    ['an agent', { protocol: 'a2a', a2a: { agent: 'planner' }, attempts: [] }, ['invoke_agent planner']],
    ['a route', { protocol: 'passthrough', passthroughRoute: 'raw', attempts: [] }, ['passthrough raw']],
    ['a name that is too long', { requestedModel: 'x'.repeat(65) }, [UNNAMED_REQUEST, 'chat', 'chat primary']],
    [
      'an attempt without a model',
      { attempts: [(({ model: _, ...rest }) => rest)(exampleAttempt())] },
      ['chat smart', 'chat smart', 'chat'],
    ],
  ])('%s', (_, fields, expected) => {
    expect(names(fields)).toEqual(expected);
  });

  it('say nothing where nothing is known', () => {
    const request = { ...without('protocol', 'requestedModel'), attempts: [] };
    expect(requestSpans(request, createSpanOptions())[0]?.name).toBe(UNNAMED_REQUEST);
  });
});

describe('provider', () => {
  it.each([
    ['openai', 'openai'],
    ['OpenAI', 'openai'],
    ['Azure OpenAI', 'azure.ai.openai'],
    ['azure-openai', 'azure.ai.openai'],
    ['Amazon Bedrock', 'aws.bedrock'],
    ['bedrock', 'aws.bedrock'],
    ['aws.bedrock', 'aws.bedrock'],
    ['Vertex AI', 'gcp.vertex_ai'],
    ['gemini', 'gcp.gemini'],
    ['mistral', 'mistral_ai'],
    ['xAI', 'x_ai'],
    ['moonshot', 'moonshot_ai'],
    ['watsonx', 'ibm.watsonx.ai'],
    ['DeepSeek', 'deepseek'],
    ['Our Own GPUs', 'our own gpus'],
    ['通义千问', '通义千问'],
    ['  ', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j', (brand, expected) => {
    expect(providerName(brand)).toBe(expected);
  });
});
