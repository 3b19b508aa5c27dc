import { openPage } from "../design/openPage";
import Shop from "./Shop.svelte";

openPage(Shop);
