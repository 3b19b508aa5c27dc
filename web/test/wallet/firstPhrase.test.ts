import { expect, test } from "vitest";
import { FirstPhrase } from "../../src/wallet/model/firstPhrase";

test("a wallet is opened by one phrase at one institution, and by another at another", async () => {
  let made = 0;
  const phrase = new FirstPhrase(() => Promise.resolve(`phrase ${++made}`));

  const used = [await phrase.at(1), await phrase.at(1), await phrase.at(2), await phrase.at(2)];

  expect(used).toEqual(["phrase 1", "phrase 1", "phrase 2", "phrase 2"]);
});
