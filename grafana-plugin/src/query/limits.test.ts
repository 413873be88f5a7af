import { describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../../server/src/api/limits.ts';
import { SERVER_LIMITS } from './limits';

describe('limits of the server that the plugin knows', () => {
  it.each(Object.entries(SERVER_LIMITS))('%s is the one of the server', (name, value) => {
    expect(API_LIMITS[name as keyof typeof SERVER_LIMITS].value).toBe(value);
  });
});
