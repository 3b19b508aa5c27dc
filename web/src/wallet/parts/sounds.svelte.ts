/** The sound of money that moves, where the holder likes it. */

import { toasts } from "../../design/toasts.svelte";

const KEPT = "tongbao.sound";
/** Two coins on a table: their pitches, and how far apart they fall. */
const PITCHES_HZ = [1_568, 2_093];
const APART_S = 0.11;

export class Sounds {
  #on = $state(isKeptOn());
  #audio: AudioContext | null = null;

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
    if (!this.#on || typeof AudioContext === "undefined") return;
    const audio = (this.#audio ??= new AudioContext());
    // Browsers let a page sound only once somebody has touched it.
    if (audio.state === "suspended") void audio.resume().catch(() => undefined);
    PITCHES_HZ.forEach((pitch, place) => ring(audio, pitch, audio.currentTime + APART_S * place));
  }
}

function ring(audio: AudioContext, pitch: number, fromS: number): void {
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.type = "triangle";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, fromS);
  volume.gain.exponentialRampToValueAtTime(0.18, fromS + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, fromS + 0.5);
  tone.connect(volume).connect(audio.destination);
  tone.start(fromS);
  tone.stop(fromS + 0.55);
}

function isKeptOn(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}
