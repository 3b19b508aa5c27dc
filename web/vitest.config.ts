/** Unit tests run in Node.js; a file that needs a document asks for one by `@vitest-environment jsdom`. */

import { defineConfig, mergeConfig } from "vitest/config";
import pages from "./vite.config.ts";

export default mergeConfig(
  pages,
  defineConfig({
    // Without it Svelte would be built for rendering on a server.
    resolve: { conditions: ["browser"] },
    test: { include: ["test/**/*.test.ts"] },
  }),
);
