/** How the pages are built: several entries, one set of assets, the same bytes each time. */

import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { type Plugin, defineConfig } from "vite";
import { frame } from "./plugins/frame.ts";
import { offline } from "./plugins/offline.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Every page of its own; each is an `index.html` in the folder that its path names, within what all have (`frame`). */
const ENTRIES = {
  door: here("index.html"),
  wallet: here("wallet/index.html"),
  shop: here("shop/index.html"),
  checkout: here("checkout/index.html"),
  mall: here("mall/index.html"),
  currency: here("currency/index.html"),
};

/** Where `npm run dev` passes what is no page: the front that `tongbao up` runs. */
const FRONT = process.env["TONGBAO_FRONT"] ?? "http://127.0.0.1:7301";

const CLIENT = here("../clients/typescript/src/");

/** The client's sources lie outside of this folder; what they import is installed in it. */
function clientImports(): Plugin {
  return {
    name: "tongbao-client-imports",
    enforce: "pre",
    async resolveId(source, importer) {
      const isPackage = !/^[./\0]/.test(source);
      if (!isPackage || !importer?.startsWith(CLIENT)) return null;
      return this.resolve(source, here("package.json"), { skipSelf: true });
    },
  };
}

export default defineConfig({
  root: here("."),
  plugins: [clientImports(), svelte(), frame(), offline({ folder: "wallet", shown: ["early.js", "mark.svg"] })],
  resolve: {
    alias: { "@tongbao/client": here("../clients/typescript/src/index.ts") },
  },
  build: {
    outDir: here("../src/tongbao/service/web/pages"),
    emptyOutDir: true,
    // The browsers that have Ed25519 in WebCrypto, or soon will: nothing older can hold a wallet's key safely.
    target: ["chrome123", "firefox128", "safari17.5"],
    // An asset inside a style sheet or page would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: ENTRIES },
  },
  server: {
    proxy: Object.fromEntries(["/homes", "/v1", "/network.json", "/sandbox"].map((path) => [path, { target: FRONT }])),
  },
});
