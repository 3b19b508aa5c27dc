/** Puts into every page what all of them have, so that a page's own file holds only what is its own. */

import type { Plugin } from "vite";

/** The start of each head: `early.js` runs before anything is drawn, a page's own script, being a module, after it. */
const HEAD = `
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
    <meta name="color-scheme" content="light dark" />
    <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf6ef" />
    <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#16130f" />
    <link rel="icon" type="image/svg+xml" href="/mark.svg" />
    <script src="/early.js"></script>`;

/**
 * All of each body: where `openPage` draws, and what is said where it cannot. Until the page's script has come, a slow
 * telephone shows the mark rather than nothing; `openPage` takes it away.
 */
const BODY = `
    <div id="page">
      <svg class="before-script" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
        <path fill-rule="evenodd" d="M32 3a29 29 0 1 1 0 58a29 29 0 0 1 0-58ZM23 23v18h18V23Z" />
      </svg>
    </div>
    <noscript>These pages need JavaScript. 这些页面需要 JavaScript。</noscript>
  `;

export function frame(): Plugin {
  return {
    name: "tongbao-frame",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace("<head>", `<head>${HEAD}`).replace("<body></body>", `<body>${BODY}</body>`),
    },
  };
}
