/** Words of the page `wallet`: whether a payment stands in the network's public log. */

import { dictionary } from "./dictionary";

export const walletLog = dictionary({
  asking: { en: "Looking it up in the public log…", zh: "正在透明日志中查找……" },
  logged: { en: "It stands in the network's public log", zh: "已载入网络的透明日志" },
  loggedWhy: {
    en: (index: string, size: string, when: string) =>
      `The payment that settled ${when} is entry ${index} of a log that had ${size} entries. The log's own key signed that; this device has checked it.`,
    zh: (index: string, size: string, when: string) =>
      `${when} 结算的这笔付款是日志的第 ${index} 号记录，当时日志共有 ${size} 条。日志以自己的密钥为此签名，本设备已验证。`,
  },
  loggedOffline: {
    en: "The proof is kept on this device and holds without a network.",
    zh: "证明已存于本设备，离线也能验证。",
  },
  waiting: { en: "The proof from the public log is not there yet", zh: "透明日志的证明尚未生成" },
  waitingWhy: {
    en: "The log is a second or so behind. Verify again in a moment; the receipt counts all the same.",
    zh: "日志会滞后一秒左右，请稍后再验证。收据依然有效。",
  },
  unreachable: { en: "The public log could not be asked", zh: "暂时无法查询透明日志" },
  unreachableWhy: {
    en: "Verify again when there is a network; the receipt counts all the same.",
    zh: "请在有网络时再验证。收据依然有效。",
  },
  none: {
    en: "There is no proof of it from a public log: the network keeps none, or not of this payment.",
    zh: "没有透明日志的证明：网络未设日志，或日志中没有这笔付款。",
  },
  notHeld: { en: "The proof from the public log does not hold", zh: "透明日志的证明不成立" },
});
