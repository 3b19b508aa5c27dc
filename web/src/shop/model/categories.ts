/** Kinds of shops that open here most: codes of ISO 18245, which every other scheme knows as well. */

export const CATEGORIES = ["5411", "5812", "5814", "5499", "5651", "5942", "7230", "4121", "5999"] as const;

export type Category = (typeof CATEGORIES)[number];
