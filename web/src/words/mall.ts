/** Words of the page `mall`. */

import { dictionary } from "./dictionary";

export const mall = dictionary({
  title: { en: "Example mall", zh: "示例商城" },
  heading: { en: "Small things, honestly priced", zh: "好物小集，明码标价" },
  explained: {
    en: "A shop like any other in this test network. Nothing is delivered; every payment is real there.",
    zh: "测试网络中的一家真实商户：不会发货，但每笔付款都在网络中真实结算。",
  },
  goods: { en: "Goods", zh: "商品" },
  buy: { en: "Buy now", zh: "立即购买" },
  buyWhat: { en: (name: string) => `Buy now: ${name}`, zh: (name: string) => `立即购买：${name}` },
  add: { en: "Add", zh: "加入" },
  addWhat: { en: (name: string) => `Add to the basket: ${name}`, zh: (name: string) => `加入购物车：${name}` },
  basket: { en: "Basket", zh: "购物车" },
  inBasket: {
    en: (count: number) => (count === 1 ? "1 thing in the basket" : `${count} things in the basket`),
    zh: (count: number) => `购物车中有 ${count} 件`,
  },
  less: { en: (name: string) => `One less: ${name}`, zh: (name: string) => `减少一件：${name}` },
  more: { en: (name: string) => `One more: ${name}`, zh: (name: string) => `增加一件：${name}` },
  checkOut: { en: "Check out", zh: "去结算" },
  full: { en: "The basket holds 20 things.", zh: "购物车最多放 20 件。" },
  going: { en: "Opening the checkout…", zh: "正在打开收银台…" },
  loading: { en: "Laying out the goods…", zh: "正在上架…" },
  preparing: {
    en: "The mall opens in a moment: its bank is still filling its vault.",
    zh: "商城即将开门：发行机构正在备款。",
  },
  closed: { en: "There is no mall here", zh: "这里没有商城" },
  closedWhy: {
    en: "Only test networks that were made by `tongbao up` have one.",
    zh: "只有用 tongbao up 建立的测试网络才有示例商城。",
  },
  silent: { en: "The mall does not answer", zh: "商城暂时没有响应" },
  again: { en: "Try again", zh: "重试" },
  failed: { en: "That did not work. Nothing was ordered; try again.", zh: "操作未成功，没有下单，请重试。" },
  purchases: { en: "Your purchases", zh: "我的购买" },
  thanks: { en: "Thank you!", zh: "谢谢惠顾！" },
  thanksFor: {
    en: (sum: string) => `Your payment of ${sum} has arrived.`,
    zh: (sum: string) => `已收到您的付款 ${sum}。`,
  },
  notYet: { en: "We have not heard of your payment yet", zh: "尚未收到您的付款" },
  notYetWhy: {
    en: "This page changes by itself the moment it arrives.",
    zh: "款项到账后，本页会自动更新。",
  },
  notBought: { en: "This was not bought", zh: "这笔订单没有完成" },
  unknown: { en: "This browser knows no such purchase.", zh: "本浏览器没有这笔购买的记录。" },
  toCheckout: { en: "Back to the checkout", zh: "回到收银台" },
  receipt: { en: "See the receipt", zh: "查看收据" },
  giveBack: { en: "Bring it back", zh: "我要退货" },
  givingBack: { en: "Asking the mall…", zh: "正在申请…" },
  offered: {
    en: (sum: string) => `The mall offers you ${sum} back. Accept it in your wallet.`,
    zh: (sum: string) => `商城提出退款 ${sum}，请在钱包中接受。`,
  },
  returned: { en: (sum: string) => `${sum} has been returned.`, zh: (sum: string) => `已退款 ${sum}。` },
  toWallet: { en: "Open the wallet", zh: "打开钱包" },
  onwards: { en: "Look at more", zh: "继续逛逛" },
  statePaid: { en: "Paid", zh: "已付款" },
  stateOpen: { en: "Not paid yet", zh: "待付款" },
  stateOver: { en: "Not bought", zh: "未成交" },
  stateRefunded: { en: "Money returned", zh: "已退款" },
});
