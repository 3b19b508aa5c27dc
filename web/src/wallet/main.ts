import { openPage } from "../design/openPage";
import { keepOffline } from "./device/worker";
import Wallet from "./Wallet.svelte";
import "./wallet.css";

openPage(Wallet);
// After the first paint: what is kept for later must not hold up what is wanted now.
addEventListener("load", () => void keepOffline());
