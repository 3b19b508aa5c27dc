/** A refund policy in words. */

import type { Refund, RefundPolicy } from "@tongbao/client";
import { preferences } from "../../design";
import { office } from "../../words/shopOffice";

const DAY_S = 86_400;
const HOUR_S = 3_600;
const MINUTE_S = 60;

/** Seconds as people say them, in the largest unit that fits whole. */
export function spanWords(seconds: number): string {
  const [unit, size] =
    seconds % DAY_S === 0
      ? (["day", DAY_S] as const)
      : seconds % HOUR_S === 0
        ? (["hour", HOUR_S] as const)
        : (["minute", MINUTE_S] as const);
  const form = new Intl.NumberFormat(preferences.tag, { style: "unit", unit, unitDisplay: "long" });
  return form.format(Math.ceil(seconds / size));
}

/** What happens to a refund under that policy. */
export function policyWords(policy: RefundPolicy | undefined): string {
  if (policy?.answer_within_s == null) return office.atOnce;
  const silence = policy.unanswered === "returns" ? office.silenceReturns : office.silenceLapses;
  return `${office.offered(spanWords(policy.answer_within_s))} ${silence}`;
}

/** How an offer stands. */
export function offerWord(refund: Refund): string {
  const words: Record<Refund["state"], string> = {
    offered: office.offerOffered,
    accepted: office.offerAccepted,
    returned: office.offerReturned,
    declined: office.offerDeclined,
    lapsed: office.offerLapsed,
    withdrawn: office.offerWithdrawn,
  };
  return words[refund.state];
}
