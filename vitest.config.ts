import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: one worker less than the tests would like, so that the timing of fault tests stays honest.
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: [
        'pipeline/src/**',
        'evidence/src/**',
        'collector-exporter/src/**',
        'audit-bridge/src/**',
        'server/src/**',
      ],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
