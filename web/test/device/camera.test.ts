import { afterEach, expect, test, vi } from "vitest";
import { scan } from "../../src/device/camera";

// As where the page's own assets cannot be had any more.
vi.mock("jsqr", () => {
  throw new TypeError("the module could not be fetched");
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("no camera is left on where the reader of codes does not come", async () => {
  let cameras = 0;
  const track = { stop: () => (cameras -= 1) };
  const getUserMedia = (): Promise<unknown> => {
    cameras += 1;
    return Promise.resolve({ getTracks: () => [track] });
  };
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });

  await expect(scan({} as HTMLVideoElement, new AbortController().signal, () => undefined)).rejects.toThrow();

  expect(cameras).toBe(0);
});
