/** The sound of money that has arrived: notes of a bell, made here, so that nothing is loaded. */

/** An exponential fall never reaches nothing; nobody hears this. */
const SILENT = 0.0001;

/** How a page's bell sounds. */
export interface Ringing {
  readonly notesHz: readonly number[];
  /** How long after one note the next begins. */
  readonly apartS: number;
  /** How long a note takes to be at its loudest. */
  readonly risesS: number;
  /** When nothing is heard of a note any more, from its beginning. */
  readonly lastsS: number;
  /** Of the loudest that the device makes. */
  readonly loudness: number;
}

export class Bell {
  #context: AudioContext | null = null;

  constructor(private readonly ringing: Ringing) {}

  /** Browsers let a page sound only after somebody has touched it: call this from a tap. */
  ready(): void {
    if (typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") void this.#context.resume().catch(() => undefined);
  }

  /** Sound, if a tap came before. */
  ring(): void {
    const context = this.#context;
    if (context === null) return;
    const { notesHz, apartS } = this.ringing;
    notesHz.forEach((pitch, place) => this.#note(context, pitch, context.currentTime + place * apartS));
  }

  #note(context: AudioContext, pitch: number, at: number): void {
    const { risesS, lastsS, loudness } = this.ringing;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    tone.type = "triangle";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(SILENT, at);
    volume.gain.exponentialRampToValueAtTime(loudness, at + risesS);
    volume.gain.exponentialRampToValueAtTime(SILENT, at + lastsS);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + lastsS);
  }
}
