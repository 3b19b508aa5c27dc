/** Words of the page `door`. */

import { dictionary } from "./dictionary";

export const door = dictionary({
  title: { en: "Tongbao", zh: "通宝" },
});
