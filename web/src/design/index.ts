/** Everything that pages draw with. */

export { default as Mark } from "./Mark.svelte";
export { default as Shell } from "./Shell.svelte";
export { openPage } from "./openPage";
export { type Language, type Motion, type Theme, preferences } from "./preferences.svelte";
