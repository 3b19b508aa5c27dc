/** Words of the components that every page draws with. */

import { dictionary } from "./dictionary";

export const design = dictionary({
  amountZero: { en: "Enter more than zero.", zh: "请输入大于零的金额。" },
  amountTooFine: { en: "One fen (0.01) is the least there is.", zh: "最小单位是一分（0.01 元）。" },
  amountUnreadable: { en: "Enter an amount, such as 12.50.", zh: "请输入金额，例如 12.50。" },
  amountTooMuch: {
    en: (most: string) => `That is more than ${most}.`,
    zh: (most: string) => `超过了 ${most}。`,
  },
  close: { en: "Close", zh: "关闭" },
  loading: { en: "Loading …", zh: "正在加载…" },
  again: { en: "Try again", zh: "重试" },
  copy: { en: "Copy", zh: "复制" },
  copied: { en: "Copied", zh: "已复制" },
  qr: { en: "QR code", zh: "二维码" },
  showAll: { en: "Show all of it", zh: "显示全部" },
  steps: { en: "Steps", zh: "步骤" },
  stepDone: { en: "done", zh: "已完成" },
  codeIs: { en: (code: string) => `Code ${code}`, zh: (code: string) => `代码 ${code}` },
});
