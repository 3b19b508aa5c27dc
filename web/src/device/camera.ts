/** Codes before a camera or in a picture. The reader is loaded when it is needed: it is as large as the rest. */

/** Codes on paper and screens are read well at this width; more only takes time. */
const WIDTH_MAX = 800;
const PAUSE_MS = 120;

type Read = (data: Uint8ClampedArray, width: number, height: number) => string | null;

async function reader(): Promise<Read> {
  const { default: jsQR } = await import("jsqr");
  // Light codes on dark screens and terminals, too: it costs little where there is no code at all.
  return (data, width, height) => jsQR(data, width, height, { inversionAttempts: "attemptBoth" })?.data || null;
}

function readFrom(source: CanvasImageSource, width: number, height: number, canvas: HTMLCanvasElement, read: Read): string | null {
  const scale = Math.min(1, WIDTH_MAX / width);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null || canvas.width === 0 || canvas.height === 0) return null;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return read(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height);
}

/** Show the camera in the video and answer the first code; null once `stop` is called. Throws where there is no camera. */
export async function scan(
  video: HTMLVideoElement,
  stop: AbortSignal,
  seen: () => void = () => undefined,
): Promise<string | null> {
  // The reader first: where it does not come, no camera is left on that nobody turns off.
  const read = await reader();
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1280 } },
    audio: false,
  });
  try {
    video.srcObject = stream;
    await video.play();
    seen();
    const canvas = document.createElement("canvas");
    while (!stop.aborted) {
      const found = readFrom(video, video.videoWidth, video.videoHeight, canvas, read);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

/** The code in a picture; null where there is none. */
export async function readPicture(picture: Blob): Promise<string | null> {
  const [bitmap, read] = await Promise.all([createImageBitmap(picture), reader()]);
  try {
    return readFrom(bitmap, bitmap.width, bitmap.height, document.createElement("canvas"), read);
  } finally {
    bitmap.close();
  }
}
