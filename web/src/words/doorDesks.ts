/** Words of the two desks that a newcomer may sit at: the teller's and the officer's. */

import { dictionary } from "./dictionary";

export const desks = dictionary({
  counter: { en: "At the counter", zh: "柜台" },
  counterSaid: {
    en: "A customer brings cash. It becomes a deposit beside the wallet; the wallet makes coins of it.",
    zh: "客户带来现金，它成为钱包旁的存款；钱包再把存款换成币。",
  },
  customer: { en: "The customer's address", zh: "客户的收款地址" },
  customerHint: { en: "The wallet shows it under “Receive”.", zh: "在钱包的“收款”中可见。" },
  customerOwn: { en: "This is your own wallet on this device.", zh: "这是您本机上的钱包。" },
  noWallet: { en: "There is no wallet on this device yet.", zh: "本机还没有钱包。" },
  notAddress: { en: "This is no address of this network.", zh: "这不是本网络的收款地址。" },
  cash: { en: "Cash", zh: "现金" },
  mostCash: { en: (most: string) => `The counter takes at most ${most} at a time.`, zh: (most: string) => `柜台每次最多收 ${most}。` },
  take: { en: "Take the cash", zh: "收款入账" },
  taken: { en: "Taken", zh: "已入账" },
  depositNow: {
    en: (deposit: string) => `The customer's deposit is now ${deposit}.`,
    zh: (deposit: string) => `客户的存款现在是 ${deposit}。`,
  },
  toWallet: { en: "See it in the wallet", zh: "到钱包查看" },
  office: { en: "At the central bank's office", zh: "央行审批处" },
  stepAsk: { en: "A bank asks", zh: "机构申请" },
  stepSign: { en: "Officers sign", zh: "审批人签名" },
  stepIssued: { en: "Money exists", zh: "货币发行" },
  asker: { en: "Which bank asks?", zh: "哪家机构申请？" },
  howMuch: { en: "How much?", zh: "多少？" },
  ask: { en: "Ask for it", zh: "提出申请" },
  asksFor: {
    en: (bank: string, amount: string) => `${bank} asks for ${amount} in its vault.`,
    zh: (bank: string, amount: string) => `${bank} 申请 ${amount} 入库。`,
  },
  wordsHold: {
    en: "Your program has read the transaction itself: it says just this.",
    zh: "您的程序读过交易本身：内容与此一致。",
  },
  wordsDiffer: { en: "The transaction says something else. Do not sign.", zh: "交易内容与此不符，请勿签名。" },
  waiting: { en: "These wait for signatures", zh: "等待签名的申请" },
  needed: {
    en: (have: number, need: number) => `${have} of ${need} needed signatures`,
    zh: (have: number, need: number) => `已有 ${have} 个签名，需要 ${need} 个`,
  },
  signAs: { en: (officer: number) => `Sign as officer ${officer}`, zh: (officer: number) => `以审批人 ${officer} 签名` },
  signedBy: { en: (officer: number) => `Officer ${officer} has signed`, zh: (officer: number) => `审批人 ${officer} 已签名` },
  settling: { en: "Enough have signed. The centre is writing it down …", zh: "签名已够，登记中心正在登记…" },
  issued: { en: (amount: string) => `${amount} exist now that did not before.`, zh: (amount: string) => `新发行了 ${amount}。` },
  refused: { en: "The ledger has refused it. Nothing was issued.", zh: "账本拒绝了这笔发行，没有发行任何货币。" },
  toCurrency: { en: "See it in the currency", zh: "到货币一览查看" },
  another: { en: "Once more", zh: "再来一次" },
});
