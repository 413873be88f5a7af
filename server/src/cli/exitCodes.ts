/** What a command's exit code means. Documented in `--help`, and stable: scripts depend on it. */
export const EXIT = {
  ok: 0,
  /** It ran and failed, or found that something is wrong (a destination that does not answer `send-test`). */
  failed: 1,
  /** Wrong usage, or a configuration with errors. */
  usage: 2,
  /** The command needs a running server, and none runs on this data directory. */
  notRunning: 3,
  /** Another server or command holds the data directory, or it cannot be used. */
  dataDir: 4,
  /** Stopped by the user before it was done. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    failed, or something is found to be wrong
  2    wrong usage, or the configuration has errors
  3    no server is running on this data directory
  4    the data directory is in use or cannot be used
  130  interrupted
`;
