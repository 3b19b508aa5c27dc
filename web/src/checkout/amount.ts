/** Amounts as readers of these pages are told them. */

import { formatYuan } from "../design/money";
import { preferences } from "../design/preferences.svelte";

/** The amount in the reader's way, as "¥1,234.50"; reading it in a component follows the choice of language. */
export function money(fen: number): string {
  return formatYuan(fen, preferences.tag);
}
