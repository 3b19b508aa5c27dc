/** A counter's screen stays on while a customer looks at it, where the browser can see to that. */

/** Keep the screen on until the returned function is called. */
export function awake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  async function take(): Promise<void> {
    try {
      const taken = await navigator.wakeLock?.request("screen");
      if (over) await taken?.release();
      else lock = taken ?? null;
    } catch {
      // A battery that is low, or a browser that does not: the screen sleeps as it is used to.
    }
  }
  // The browser takes it back when the page is put aside.
  const seen = (): void => void (document.visibilityState === "visible" && take());
  document.addEventListener("visibilitychange", seen);
  void take();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", seen);
    void lock?.release();
  };
}
