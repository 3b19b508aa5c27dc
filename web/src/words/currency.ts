/** Words of the page `currency`. */

import { dictionary } from "./dictionary";

export const currency = dictionary({
  title: { en: "The currency at a glance", zh: "货币一览" },
});
