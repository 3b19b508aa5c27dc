/** Cash from the teller of a sandbox, who takes it from nowhere: test networks only. */

import { SignedClient } from "@tongbao/client";

/** The deposit beside the wallet after so much was paid in; the same request is the same cash. */
export async function sandboxCash(walletId: string, home: number, amountFen: number, requestId: string): Promise<number> {
  const front = new SignedClient(location.origin, null);
  const asked = { wallet_id: walletId, home, amount_fen: amountFen };
  return (await front.post<{ deposit_fen: number }>("/sandbox/cash", asked, `cash-${requestId}`)).deposit_fen;
}
