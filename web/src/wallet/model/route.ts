/** Where in the wallet somebody is: the part of the address after #. */

const PLACES = ["home", "pay", "receive", "add", "history", "waiting", "pockets", "settings", "backup", "open", "recover", "keys", "show"] as const;

export type Place = (typeof PLACES)[number];

/** A place, and what it is about: an entry, a code to pay, nothing. */
export interface Route {
  readonly place: Place;
  readonly about: string;
}

/** The code or link that the address asks to pay is longer than any that there is. */
const CODE_CHARACTERS_MAX = 2_000;

/** The route that the hash stands for; `#pay=CODE` is how other pages lead here to pay. */
export function routeOf(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  if (text.startsWith("pay=")) return { place: "pay", about: decoded(text.slice("pay=".length)) };
  const [name = "", ...rest] = text.split("/");
  const place = PLACES.find((each) => each === name) ?? "home";
  return { place, about: decoded(rest.join("/")) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).slice(0, CODE_CHARACTERS_MAX);
  } catch {
    return "";
  }
}

/** The hash that leads to the place. */
export function hashOf(place: Place, about = ""): string {
  if (place === "pay" && about !== "") return `#pay=${encodeURIComponent(about)}`;
  const rest = about === "" ? "" : `/${encodeURIComponent(about)}`;
  return place === "home" && about === "" ? "#/" : `#/${place}${rest}`;
}
