/** The phrase of a wallet that is about to be opened, through all attempts until one succeeds. */

export class FirstPhrase {
  #phrase = "";
  #home = 0;

  /** `make` makes a phrase that nobody has. */
  constructor(private readonly make: () => Promise<string>) {}

  /**
   * What the wallet at this institution is opened with: asked again, it is the same wallet. Another institution gets
   * another phrase, since a wallet belongs to the one where its opening was begun, and may be open there already.
   */
  async at(home: number): Promise<string> {
    if (this.#phrase === "" || this.#home !== home) [this.#phrase, this.#home] = [await this.make(), home];
    return this.#phrase;
  }
}
