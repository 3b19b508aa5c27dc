import { openPage } from "../design/openPage";
import Wallet from "./Wallet.svelte";

openPage(Wallet);
