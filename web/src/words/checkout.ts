/** Words of the page `checkout`. */

import { dictionary } from "./dictionary";

export const checkout = dictionary({
  title: { en: "Pay", zh: "付款" },
  loading: { en: "Fetching what is to be paid…", zh: "正在读取账单…" },
  asks: { en: "asks you to pay", zh: "请您付款" },
  number: { en: "Order", zh: "订单号" },
  servedBy: { en: (home: string) => `Shop at ${home}`, zh: (home: string) => `商户开户机构：${home}` },
  tips: {
    en: (most: string) => `You may add up to ${most} as a tip in your wallet.`,
    zh: (most: string) => `付款时可在钱包中另加小费，最多 ${most}。`,
  },
  ownAmount: { en: "You name the amount in your wallet.", zh: "金额由您在钱包中填写。" },
  refundAtOnce: { en: "The shop can give money back at once.", zh: "商户可直接退款。" },
  refundAsked: { en: "A refund is yours to accept or decline.", zh: "退款须经您同意。" },
  waiting: { en: "Waiting for your payment", zh: "等待付款" },
  waitingAgain: { en: "Connection lost; coming back…", zh: "连接中断，正在重连…" },
  timeLeft: { en: (time: string) => `Open for ${time}`, zh: (time: string) => `剩余 ${time}` },
  code: { en: "Payment code", zh: "付款二维码" },
  scan: { en: "Scan with a wallet on another device", zh: "用其他设备上的钱包扫描" },
  payHere: { en: "Pay with this browser's wallet", zh: "用本浏览器的钱包付款" },
  copy: { en: "Copy the link", zh: "复制链接" },
  copied: { en: "Copied", zh: "已复制" },
  noMoneyHere: {
    en: "Your wallet asks you once more before it pays, and shows who is paid.",
    zh: "付款前，钱包会显示收款人并再次请您确认。",
  },
  paid: { en: "Paid", zh: "付款成功" },
  withTip: { en: (tip: string) => `${tip} of it is a tip`, zh: (tip: string) => `其中小费 ${tip}` },
  givenBack: { en: (sum: string) => `${sum} has come back to the payer`, zh: (sum: string) => `已退回 ${sum}` },
  paidAt: { en: (time: string) => `on ${time}`, zh: (time: string) => `${time}` },
  cancelled: { en: "The shop has taken this back", zh: "商户已取消该订单" },
  cancelledWhy: { en: "Nothing was paid, and nothing can be.", zh: "未发生付款，也无法再付款。" },
  expired: { en: "The time to pay is over", zh: "已超过付款时限" },
  expiredWhy: { en: "Nothing was paid. Ask the shop for a new code.", zh: "未发生付款。请向商户索取新的付款码。" },
  backTo: { en: (site: string) => `Back to ${site}`, zh: (site: string) => `返回 ${site}` },
  leaving: {
    en: (site: string, seconds: number) => `Taking you back to ${site} in ${seconds} s`,
    zh: (site: string, seconds: number) => `${seconds} 秒后返回 ${site}`,
  },
  stay: { en: "Stay here", zh: "留在本页" },
  print: { en: "Print the receipt", zh: "打印收据" },
  buttonWaits: {
    en: "Your wallet tells you when it is paid. The shop hears of it at once.",
    zh: "付款结果由您的钱包显示，商户会立即收到通知。",
  },
  missing: { en: "There is nothing to pay here", zh: "这里没有待付的账单" },
  missingWhy: {
    en: "The link is incomplete, or of another network. Ask the shop for it again.",
    zh: "链接不完整，或属于其他网络。请向商户重新索取。",
  },
  silent: { en: "The shop's institution does not answer", zh: "商户的机构暂时没有响应" },
  silentWhy: { en: "Nothing has happened to your money.", zh: "您的资金未受影响。" },
  again: { en: "Try again", zh: "重试" },
});
