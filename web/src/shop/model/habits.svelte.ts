/** How this shop takes money on this device, kept from day to day. */

const PREFIX = "tongbao.shop.";

/** The most that a payer may add, of the price. */
export const TIP_PERCENT = 20;

function kept(name: string, otherwise: boolean): boolean {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : text === "yes";
  } catch {
    return otherwise;
  }
}

function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser that lets pages keep nothing: it holds for this visit.
  }
}

class Habits {
  #sound = $state(kept("sound", true));
  #tips = $state(kept("tips", false));

  get sound(): boolean {
    return this.#sound;
  }

  set sound(isOn: boolean) {
    this.#sound = isOn;
    keep("sound", isOn ? "yes" : "no");
  }

  /** Whether payers may add a tip. */
  get tips(): boolean {
    return this.#tips;
  }

  set tips(areTaken: boolean) {
    this.#tips = areTaken;
    keep("tips", areTaken ? "yes" : "no");
  }

  /** The most that may be added to this price, in whole fen. */
  tipFenMax(amountFen: number): number {
    return this.#tips ? Math.floor((amountFen * TIP_PERCENT) / 100) : 0;
  }

  /** The order that a customer is looking at, so that it is found again after a reload. */
  get saleId(): string | null {
    try {
      return localStorage.getItem(`${PREFIX}sale`);
    } catch {
      return null;
    }
  }

  set saleId(orderId: string | null) {
    keep("sale", orderId);
  }
}

/** What this device is used to; to set one changes the page at once. */
export const habits = new Habits();
