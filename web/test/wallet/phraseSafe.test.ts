import { expect, test } from "vitest";
import { openPhrase, sealPhrase } from "../../src/wallet/device/phraseSafe";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

test("a sealed phrase is opened again, and its key cannot be taken out", async () => {
  const sealed = await sealPhrase(PHRASE);

  expect(await openPhrase(sealed)).toBe(PHRASE);
  expect(sealed.key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", sealed.key)).rejects.toThrow();
  expect(new TextDecoder().decode(sealed.sealed)).not.toContain("winner");
});

test("the same phrase is sealed differently each time, and changed bytes are refused", async () => {
  const [one, other] = [await sealPhrase(PHRASE), await sealPhrase(PHRASE)];
  const changed = new Uint8Array(one.sealed.slice(0));
  changed[0] = (changed[0] ?? 0) ^ 1;

  expect(new Uint8Array(one.sealed)).not.toEqual(new Uint8Array(other.sealed));
  await expect(openPhrase({ ...one, sealed: changed.buffer })).rejects.toThrow();
});
