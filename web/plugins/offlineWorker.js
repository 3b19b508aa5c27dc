// Lets one page open without a network. The build puts two lines before this: the page's files, and a digest of them all.
//
// const OFFLINE = { scope: "/wallet/", version: "…", files: ["/wallet/", "/assets/…"] };

const PREFIX = `tongbao${OFFLINE.scope}`;
const CACHE = PREFIX + OFFLINE.version;
const FILES = new Set(OFFLINE.files);
/** Asked of the network first, and kept in case there is none. */
const NETWORK = "/network.json";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([...OFFLINE.files, NETWORK].map((path) => new Request(path, { cache: "no-cache" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetEarlierVersions().then(() => self.clients.claim()));
});

// A new version waits until the person lets it take over, so that no page changes under somebody's hands.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (FILES.has(url.pathname)) event.respondWith(kept(url.pathname, request));
  else if (url.pathname === NETWORK) event.respondWith(freshOrKept(request));
});

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

async function freshOrKept(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(NETWORK, answer.clone());
    return answer;
  } catch (error) {
    const last = await cache.match(NETWORK);
    if (last === undefined) throw error;
    return last;
  }
}

async function forgetEarlierVersions() {
  const names = await caches.keys();
  const earlier = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(earlier.map((name) => caches.delete(name)));
}
