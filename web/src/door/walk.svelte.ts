/** Which roles a newcomer has tried, kept on the device. */

export const ROLES = ["holder", "shopkeeper", "teller", "officer", "outsider"] as const;
export type Role = (typeof ROLES)[number];

const KEY = "tongbao.walk";

class Walk {
  #tried = $state<readonly Role[]>(kept());

  has(role: Role): boolean {
    return this.#tried.includes(role);
  }

  get count(): number {
    return this.#tried.length;
  }

  tried(role: Role): void {
    if (this.has(role)) return;
    this.#tried = [...this.#tried, role];
    try {
      localStorage.setItem(KEY, this.#tried.join(" "));
    } catch {
      // It holds for this visit.
    }
  }
}

function kept(): Role[] {
  try {
    const words = (localStorage.getItem(KEY) ?? "").split(" ");
    return ROLES.filter((role) => words.includes(role));
  } catch {
    return [];
  }
}

export const walk = new Walk();
