/** Words of the page `checkout`. */

import { dictionary } from "./dictionary";

export const checkout = dictionary({
  title: { en: "Pay", zh: "付款" },
});
