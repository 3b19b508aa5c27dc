/** Words of the page `wallet`. */

import { dictionary } from "./dictionary";

export const wallet = dictionary({
  title: { en: "Wallet", zh: "钱包" },
});
