import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // What lives beside a running currency is run by the test that starts one.
    include: [process.env["TONGBAO_LIVE"] ? "test/live/*.test.ts" : "test/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
