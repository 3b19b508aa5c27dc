/** Which parts of the network take work, asked now and then. */

/** A part by its role's name, as "institution-1". */
export interface Part {
  readonly name: string;
  readonly ready: boolean;
}

const EVERY_MS = 3_000;

/** Follows `/health.json`; null while nobody has answered. */
export class LiveHealth {
  parts = $state.raw<readonly Part[] | null>(null);

  follow(): () => void {
    const look = setInterval(() => void this.#look(), EVERY_MS);
    void this.#look();
    return () => clearInterval(look);
  }

  async #look(): Promise<void> {
    if (document.hidden) return;
    try {
      const answer = await fetch("/health.json", { cache: "no-store" });
      this.parts = answer.ok ? ((await answer.json()) as { parts: readonly Part[] }).parts : null;
    } catch {
      this.parts = null;
    }
  }
}
