import { openPage } from "../design/openPage";
import Door from "./Door.svelte";

openPage(Door);
