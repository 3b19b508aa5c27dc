import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // What lives beside a running currency is run by the test that starts one.
    include: [process.env["TONGBAO_LIVE"] ? "test/live/*.test.ts" : "test/*.test.ts"],
    // Thousands of keys are derived: eight seconds of work for the longest file, and minutes on a machine that has other work.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
