/** Where every page begins. */

import { type Component, mount } from "svelte";
import "./tokens.css";
import "./page.css";

/** Put the page into its document, in place of the mark that is shown until then. */
export function openPage(page: Component): void {
  const place = document.getElementById("page");
  if (place === null) throw new Error("the document has no place for the page");
  place.replaceChildren();
  mount(page, { target: place });
}
