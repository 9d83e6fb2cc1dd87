import { defineConfig } from "vitest/config";

// What needs minutes, Go or Chromium: `npm run test:slow`, sized by SCALE=ci (the default) or SCALE=full.
export default defineConfig({
  test: {
    include: ["test/slow/**/*.test.ts"],
    setupFiles: ["test/support/setup.ts"],
    globalSetup: ["test/support/global-setup.ts", "test/slow/support/announce.ts"],
    fileParallelism: false, // each wants the machine for itself
    testTimeout: 60 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
