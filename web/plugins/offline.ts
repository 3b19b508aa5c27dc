/** Makes the service worker with which one page opens without a network: it keeps that page's files, and no others. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

const WORKER = new URL("offlineWorker.js", import.meta.url);

export interface OfflinePage {
  /** Its folder, as "wallet"; the worker becomes "/wallet/sw.js". */
  readonly folder: string;
  /** Files of `public` that it shows. */
  readonly shown: readonly string[];
}

/** Everything that the page may come to need is among its files, also what it imports only later. */
export function offline(page: OfflinePage): Plugin {
  let publicFolder = "";
  return {
    name: "tongbao-offline",
    apply: "build",
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const digest = createHash("sha256");
        const built = filesOf(bundle, page.folder);
        for (const name of built) digest.update(name).update(contentOf(bundle[name]));
        for (const name of page.shown) digest.update(name).update(readFileSync(join(publicFolder, name)));
        const files = [...built.map((name) => `/${name.replace(/index\.html$/, "")}`), ...page.shown.map((name) => `/${name}`)];
        const told = { scope: `/${page.folder}/`, version: digest.digest("hex").slice(0, 16), files };
        const source = `const OFFLINE = ${JSON.stringify(told)};\n${readFileSync(WORKER, "utf8")}`;
        this.emitFile({ type: "asset", fileName: `${page.folder}/sw.js`, source });
      },
    },
  };
}

/** The names of the page's files, sorted: its document, its scripts and what these import, their styles and images. */
function filesOf(bundle: Rolldown.OutputBundle, folder: string): string[] {
  const entry = Object.values(bundle).find((each) => each.type === "chunk" && each.isEntry && each.name === folder);
  if (entry === undefined) throw new Error(`there is no page ${folder}`);
  const found = new Set([`${folder}/index.html`]);
  const waiting = [entry.fileName];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chunk = bundle[name];
    if (found.has(name) || chunk?.type !== "chunk") continue;
    found.add(name);
    waiting.push(...chunk.imports, ...chunk.dynamicImports);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const asset of chunk.viteMetadata?.importedAssets ?? []) found.add(asset);
  }
  return [...found].sort();
}

function contentOf(output: Rolldown.OutputBundle[string] | undefined): string | Uint8Array {
  if (output === undefined) throw new Error("a page names a file that was not built");
  return output.type === "chunk" ? output.code : output.source;
}
