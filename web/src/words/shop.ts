/** Words of the page `shop`. */

import { dictionary } from "./dictionary";

export const shop = dictionary({
  title: { en: "Shop", zh: "店铺" },
});
