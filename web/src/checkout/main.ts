import { openPage } from "../design/openPage";
import Checkout from "./Checkout.svelte";

openPage(Checkout);
