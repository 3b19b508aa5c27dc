import { openPage } from "../design/openPage";
import Currency from "./Currency.svelte";

openPage(Currency);
