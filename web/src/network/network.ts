/** What `/network.json` says: the network that these pages belong to. */

/** An institution that these pages can speak to. */
export interface Home {
  readonly home: number;
  readonly title: string;
  /** Where it answers on this origin, as "/homes/1"; its operations follow, as in "/homes/1/v1/...". */
  readonly path: string;
}

export interface Network {
  readonly name: string;
  /** 32 bytes in hex, as in every signed transaction. */
  readonly network_id: string;
  readonly test_network: boolean;
  /** Where the registration centre answers on this origin; "" is the origin itself. */
  readonly centre_path: string;
  readonly homes: readonly Home[];
  /** Whether identities to play with are to be had under "/sandbox". */
  readonly sandbox: boolean;
  /** The public keys of the transparency log, as C2SP writes verifier keys; none where there is no log. */
  readonly log_keys?: readonly string[];
}

let asked: Promise<Network> | null = null;

/** The network of these pages; asked once, and again after a failure. */
export function network(): Promise<Network> {
  asked ??= readNetwork().catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** The home with that number, or undefined. */
export function homeOf(known: Network, home: number): Home | undefined {
  return known.homes.find((each) => each.home === home);
}

/** The URL under which a client speaks to what lies at a path of this origin. */
export function urlOf(path: string): string {
  return location.origin + path;
}

async function readNetwork(): Promise<Network> {
  const answer = await fetch("/network.json", { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`network.json was answered with ${answer.status}`);
  return (await answer.json()) as Network;
}
