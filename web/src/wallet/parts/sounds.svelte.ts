/** The sound of money that moves, where the holder likes it. */

import { toasts } from "../../design/toasts.svelte";
import { Bell } from "../../device/bell";

const KEPT = "tongbao.sound";
/** Two coins on a table, heard by who holds the device. */
const COINS = { notesHz: [1_568, 2_093], apartS: 0.11, risesS: 0.01, lastsS: 0.5, loudness: 0.18 };

export class Sounds {
  #on = $state(isKeptOn());
  readonly #bell = new Bell(COINS);

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    try {
      localStorage.setItem(KEPT, on ? "on" : "off");
    } catch {
      // It holds for this visit.
    }
  }

  /** Money has come: say so, and let it ring. */
  arrived(text: string): void {
    toasts.tell(text, { kind: "good" });
    this.chime();
  }

  chime(): void {
    if (!this.#on) return;
    this.#bell.ready();
    this.#bell.ring();
  }
}

function isKeptOn(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}
