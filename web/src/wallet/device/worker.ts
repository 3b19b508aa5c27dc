/** The service worker that lets this page open without a network (`offline.ts` of the build writes it). */

import { toasts } from "../../design/toasts.svelte";
import { wallet } from "../../words/wallet";

const WORKER = "/wallet/sw.js";
const SCOPE = "/wallet/";

interface WorkerAddresses {
  createScriptURL(address: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: WorkerAddresses): WorkerAddresses;
}

/** The one address of a script that this page ever names, in the form that its policy demands. */
function workerAddress(): string {
  const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const rules: WorkerAddresses = {
    createScriptURL(address) {
      if (address !== WORKER) throw new TypeError("this page names no other script");
      return address;
    },
  };
  return (trusted?.createPolicy("tongbao-worker", rules) ?? rules).createScriptURL(WORKER);
}

/** Keep the page's files on this device; once there are newer ones, the holder is told and decides. */
export async function keepOffline(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  try {
    const registration = await navigator.serviceWorker.register(workerAddress(), { scope: SCOPE });
    if (registration.waiting) offerNewer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const fresh = registration.installing;
      fresh?.addEventListener("statechange", () => {
        if (fresh.state === "installed" && navigator.serviceWorker.controller) offerNewer(fresh);
      });
    });
  } catch {
    // Private windows may have none: the page works, and only online.
  }
}

function offerNewer(fresh: ServiceWorker): void {
  const run = (): void => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    fresh.postMessage("take over");
  };
  toasts.tell(wallet.newer, { action: { words: wallet.renew, run } });
}
