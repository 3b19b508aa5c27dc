/** Where in the shop somebody is: the part of the address after #. */

const PLACES = ["charge", "orders", "day", "tills", "online", "more"] as const;

export type ShopPlace = (typeof PLACES)[number];

/** A place, and which order it is about, if any. */
export interface ShopRoute {
  readonly place: ShopPlace;
  readonly about: string;
}

/** What a cashier's device shows; the rest is the owner's. */
export const TILL_PLACES: readonly ShopPlace[] = ["charge", "orders", "more"];

/** The route that the hash stands for; anything else is where money is taken. */
export function shopRouteOf(hash: string): ShopRoute {
  const [name = "", about = ""] = hash.replace(/^#\/?/, "").split("/");
  const place = PLACES.find((each) => each === name) ?? "charge";
  return { place, about: /^[0-9a-f]{32}$/.test(about) ? about : "" };
}

/** The hash that leads to the place. */
export function shopHashOf(place: ShopPlace, about = ""): string {
  return about === "" ? `#/${place}` : `#/${place}/${about}`;
}
