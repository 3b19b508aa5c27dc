/** Words of the page `mall`. */

import { dictionary } from "./dictionary";

export const mall = dictionary({
  title: { en: "Example mall", zh: "示例商城" },
});
