import { defineConfig } from "vitest/config";

/**
 * unit: pure decisions, and single modules on real files. integration: real sockets, PTYs and processes.
 * e2e: the built program with the real pi and a real tmux.
 */
export default defineConfig({
  test: {
    globalSetup: ["test/support/leak-check.ts"],
    // Two cores are what the suite is made for. Workers wait for a third of their time, for processes that need the cores.
    maxWorkers: 3,
    // A process for each file costs half a second of a core, and nothing here changes the modules that files share.
    isolate: false,
    // Long, because they only bound a failure; no retries, because a flake is a defect.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    retry: 0,
    projects: [
      { extends: true, test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { extends: true, test: { name: "integration", include: ["test/integration/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts"],
          testTimeout: 180_000,
        },
      },
    ],
  },
});
