import { openPage } from "../design/openPage";
import Mall from "./Mall.svelte";

openPage(Mall);
