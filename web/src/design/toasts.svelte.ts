/** Short news that needs no answer, told once, also to screen readers. */

const SHOWN_MS = 6_000;

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "plain" | "good" | "bad";
  /** Something to do about it; such a toast stays until it is done or closed. */
  readonly action?: { readonly words: string; readonly run: () => void };
}

class Toasts {
  #shown = $state<readonly Toast[]>([]);
  #count = 0;

  get shown(): readonly Toast[] {
    return this.#shown;
  }

  /** Tell the news; `toasts.tell(shop.refunded, { kind: "good" })`. */
  tell(text: string, more: Partial<Pick<Toast, "kind" | "action">> = {}): void {
    const toast: Toast = { id: ++this.#count, text, kind: "plain", ...more };
    // The same news twice at one time is one piece of news.
    this.#shown = [...this.#shown.filter((each) => each.text !== text), toast];
    if (toast.action === undefined) setTimeout(() => this.close(toast.id), SHOWN_MS);
  }

  close(id: number): void {
    this.#shown = this.#shown.filter((each) => each.id !== id);
  }
}

export const toasts = new Toasts();
