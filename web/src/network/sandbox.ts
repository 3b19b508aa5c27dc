/** The sandbox of a test network: who may be played there, and what they can do. Its money is nobody's. */

import { SignedClient } from "@tongbao/client";
import { urlOf } from "./network";

export interface SandboxView {
  readonly preparation: "preparing" | "ready" | "waiting";
  readonly institutions: readonly { readonly home: number; readonly title: string; readonly filled: boolean }[];
  readonly officers: number;
  readonly officers_needed: number;
  readonly limits: { readonly cash_fen_max: number; readonly issuance_fen_max: number };
}

/** An issuance as an officer sees it; `words_hold` says that the transaction itself was read. */
export interface SandboxProposal {
  readonly proposal_id: string;
  readonly home: number;
  readonly value_fen: number;
  readonly words_hold: boolean;
  readonly state: "pending" | "approved" | "settled" | "refused" | "expired";
  readonly approvals: number;
  readonly approved_by: readonly number[];
  readonly threshold: number;
}

export interface CashPaid {
  readonly deposit_fen: number;
  readonly left_today_fen: number;
}

function front(): SignedClient {
  return new SignedClient(urlOf(""), null);
}

/** How far the sandbox is, and its limits. */
export function readSandbox(): Promise<SandboxView> {
  return front().get<SandboxView>("/sandbox");
}

/** Let the teller take cash for the deposit beside a wallet; the same request id is the same cash. */
export function takeCash(walletId: string, home: number, amountFen: number, requestId: string): Promise<CashPaid> {
  return front().post<CashPaid>("/sandbox/cash", { wallet_id: walletId, home, amount_fen: amountFen }, requestId);
}

/** Ask, as an institution's treasurer, for money in its vault. */
export function askForMoney(home: number, amountFen: number, requestId: string): Promise<SandboxProposal> {
  return front().post<SandboxProposal>("/sandbox/issuance", { home, amount_fen: amountFen }, requestId);
}

/** Issuances that wait for officers, newest first. */
export async function waitingProposals(): Promise<readonly SandboxProposal[]> {
  return (await front().get<{ proposals: SandboxProposal[] }>("/sandbox/proposals")).proposals;
}

/** The issuance as it stands. */
export function readProposal(proposalId: string): Promise<SandboxProposal> {
  return front().get<SandboxProposal>(`/sandbox/proposals/${proposalId}`);
}

/** Approve as one of the officers, numbered from 1; twice is once. */
export function approve(proposalId: string, officer: number): Promise<SandboxProposal> {
  return front().post<SandboxProposal>(`/sandbox/proposals/${proposalId}/approvals`, { officer }, `sign-${proposalId}-${officer}`);
}

/** A name for one intended change. */
export function newRequestId(): string {
  return crypto.randomUUID();
}
