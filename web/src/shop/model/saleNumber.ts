/** Numbers of orders that nobody has numbered: the day and the time, so that a paper receipt is found, and some chance. */

const CHANCE_DIGITS = 4;

/** As "1122-1730-4F7A". */
export function saleNumber(now: Date, random: Uint8Array = crypto.getRandomValues(new Uint8Array(CHANCE_DIGITS / 2))): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = two(now.getMonth() + 1) + two(now.getDate());
  const time = two(now.getHours()) + two(now.getMinutes());
  const chance = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
  return `${day}-${time}-${chance}`;
}
