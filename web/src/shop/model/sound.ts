/** The sound of money that has arrived: two notes of a bell, made here, so that nothing is loaded. */

const NOTES_HZ = [1_318.5, 1_975.5];
const NOTE_EVERY_S = 0.13;
const NOTE_LASTS_S = 0.9;
const LOUDNESS = 0.35;
/** An exponential fall never reaches nothing; nobody hears this. */
const SILENT = 0.0001;

export class Bell {
  #context: AudioContext | null = null;

  /** Browsers let a page sound only after somebody has touched it: call this from a tap. */
  ready(): void {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") void this.#context.resume();
  }

  /** Sound, if a tap came before. */
  ring(): void {
    const context = this.#context;
    if (context === null) return;
    NOTES_HZ.forEach((pitch, place) => note(context, pitch, context.currentTime + place * NOTE_EVERY_S));
  }
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "triangle";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(SILENT, at);
  volume.gain.exponentialRampToValueAtTime(LOUDNESS, at + 0.015);
  volume.gain.exponentialRampToValueAtTime(SILENT, at + NOTE_LASTS_S);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_LASTS_S);
}
