import { openPage } from "../design/openPage";
import Wallet from "./Wallet.svelte";
import "./wallet.css";

openPage(Wallet);
