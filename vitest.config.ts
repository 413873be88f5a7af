import { defineConfig } from 'vitest/config';

/** Tests that run whole servers and mostly wait for them: three at a time. */
const SERVERS = ['test/src/{e2e,deliver,demo,bucket,annotations,audit,browser}/**/*.test.ts'];

/** Tests of servers under load and faults: one after the other and alone, so that their waits stay honest. */
const PROCESSES = ['test/src/faults/**/*.test.ts'];

/** Machines of CI are shared: a test that works through megabytes takes many times as long beside others. */
const common = { testTimeout: 90_000, hookTimeout: 120_000 } as const;

/** A stall of many seconds is not a defect of what runs in several processes; two in a row in one test are looked at. */
const patient = { retry: 1 } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'rooms',
          include: ['*/src/**/*.test.ts'],
          exclude: [...SERVERS, ...PROCESSES, 'grafana-plugin/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root: 'grafana-plugin',
        test: {
          ...common,
          name: 'plugin',
          include: ['src/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          setupFiles: ['vitest/setup.ts'],
          // Grafana's packages import style sheets and files without extensions, which Node alone does not take.
          server: { deps: { inline: [/@grafana\//] } },
          // Loading Grafana's packages anew for each file takes four times as long as all tests.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          ...patient,
          name: 'servers',
          include: SERVERS,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          ...patient,
          name: 'processes',
          include: PROCESSES,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
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
