/** The ids of a request for money that is asked again until it is answered. */

export class RequestIds {
  readonly #byAmount = new Map<number, string>();

  /** The same amount is the same request; another amount is another, which a home would refuse under the first one's id. */
  of(amountFen: number): string {
    const known = this.#byAmount.get(amountFen);
    if (known !== undefined) return known;
    const made = crypto.randomUUID();
    this.#byAmount.set(amountFen, made);
    return made;
  }

  /** It was answered: whatever is asked from now on is another request. */
  forget(): void {
    this.#byAmount.clear();
  }
}
