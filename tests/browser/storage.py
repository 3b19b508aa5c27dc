"""What a page keeps on the device: local and session storage, caches, and databases with their keys."""

from playwright.sync_api import Page

_READ = r"""async () => {
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const written = async (value, depth = 0) => {
    if (depth > 12) return "...";
    if (value instanceof CryptoKey) {
      return value.extractable ? `extractable ${hex(new Uint8Array(await crypto.subtle.exportKey(
        value.type === "private" ? "pkcs8" : "raw", value)))}` : "a key that stays where it is";
    }
    if (value instanceof ArrayBuffer) return hex(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) return hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof Blob) return hex(new Uint8Array(await value.arrayBuffer()));
    if (value instanceof Map || value instanceof Set) value = [...value];
    if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value.join(",");
    if (Array.isArray(value) || (value && typeof value === "object")) {
      const parts = await Promise.all(Object.entries(value).map(async ([key, item]) =>
        `${key}:${await written(item, depth + 1)}`));
      return `{${parts.join(",")}}`;
    }
    return String(value);
  };
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const kept = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([answer(rows.getAllKeys()), answer(rows.getAll())]);
      kept.push(await written(keys), ...await Promise.all(values.map((value) => written(value))));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) kept.push(request.url);
  }
  return kept;
}"""


def everything_stored(page: Page) -> list[bytes]:
    """Everything as text, bytes in hex; keys that can be exported are."""
    found: list[str] = page.evaluate(_READ)
    return [each.encode() for each in found]
