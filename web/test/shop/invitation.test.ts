/** @vitest-environment jsdom */

import { describe, expect, it } from "vitest";
import {
  applicationOf,
  checkDigits,
  invitationIn,
  invitationUrl,
  readApplication,
} from "../../src/shop/model/invitation";

const WALLET = "000102030405060708090a0b0c0d0e0f";
const KEY = "ab".repeat(32);
const NETWORK = "24405a5a3df445d5f4eb0eaedfd63120c955457245c0ff4eebd13959bc95595d";

describe("an invitation", () => {
  it("is read from the link that was made of it", () => {
    const invitation = { home: 12, merchantWalletId: WALLET };

    expect(invitationIn(new URL(invitationUrl(invitation)).hash)).toEqual(invitation);
  });

  it.each(["", "#/orders", `#till=0.${WALLET}`, `#till=1.${WALLET}ff`, "#till=1.<script>"])("is not read from %j", (hash) => {
    expect(invitationIn(hash)).toBeNull();
  });
});

describe("an application", () => {
  it("is read from what the till shows, and from its bare key, however it is broken into lines", () => {
    const shown = applicationOf(KEY, NETWORK);

    expect(readApplication(`  ${shown.slice(0, 40)}\n${shown.slice(40)} `, NETWORK)).toEqual({ publicKey: KEY });
    expect(readApplication(KEY.toUpperCase(), NETWORK)).toEqual({ publicKey: KEY });
  });

  it("of another network, or none at all, says which of the two it is", () => {
    expect(readApplication(applicationOf(KEY, "ff".repeat(32)), NETWORK)).toEqual({ fault: "foreign" });
    expect(readApplication("tongbao:order?home=1", NETWORK)).toEqual({ fault: "unreadable" });
    expect(readApplication(KEY.slice(2), NETWORK)).toEqual({ fault: "unreadable" });
  });

  it("has digits by which two devices are told apart", () => {
    expect(checkDigits("316345733987812e24c9a490978cd307")).toBe("3163 4573");
  });
});
