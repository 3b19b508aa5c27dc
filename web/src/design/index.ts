/** Everything that pages draw with; `web/README.md` has an example of each. */

export { default as Amount } from "./Amount.svelte";
export { default as AmountField } from "./AmountField.svelte";
export { default as Button } from "./Button.svelte";
export { default as Choice } from "./Choice.svelte";
export { default as CopyText } from "./CopyText.svelte";
export { default as Dialog } from "./Dialog.svelte";
export { default as Empty } from "./Empty.svelte";
export { default as Failure } from "./Failure.svelte";
export { default as Field } from "./Field.svelte";
export { default as Icon } from "./Icon.svelte";
export { default as IconButton } from "./IconButton.svelte";
export { default as Labelled } from "./Labelled.svelte";
export { default as Loading } from "./Loading.svelte";
export { default as Mark } from "./Mark.svelte";
export { default as OthersText } from "./OthersText.svelte";
export { default as Panel } from "./Panel.svelte";
export { default as Qr } from "./Qr.svelte";
export { default as Row } from "./Row.svelte";
export { default as Shell } from "./Shell.svelte";
export { default as Stepper } from "./Stepper.svelte";
export type { IconName } from "./icons";
export { type AmountFault, FEN_MAX, type ReadAmount, formatYuan, plainYuan, readYuan } from "./money";
export { openPage } from "./openPage";
export { shownText } from "./othersText";
export { type Language, type Motion, type Theme, preferences } from "./preferences.svelte";
export { formatClock, formatDay, formatTime } from "./time";
export { type Toast, toasts } from "./toasts.svelte";
