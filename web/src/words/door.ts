/** Words of the front door. */

import { dictionary } from "./dictionary";

export const door = dictionary({
  title: { en: "Tongbao", zh: "通宝" },
  claim: { en: "Public money, in your hand.", zh: "公共的钱，在您手中。" },
  what: {
    en: "A central bank issues it, banks hand it out one for one, people pay each other with it. No account in between, and anybody can count all of it.",
    zh: "央行发行，银行一比一兑出，人们用它互相付款。中间没有账户，总量人人可以核算。",
  },
  openWallet: { en: "Open a wallet", zh: "开立钱包" },
  toMall: { en: "Look around the mall", zh: "逛逛商城" },
  toCurrency: { en: "See the currency", zh: "查看货币" },
  steps: {
    en: "Three steps, half a minute. The keys are made on this device and stay there.",
    zh: "三步，半分钟。密钥在本机生成，不离开本机。",
  },
  flow: { en: "How the money goes round", zh: "钱如何流转" },
  flowSaid: {
    en: "The central bank issues coins to the banks and takes them back. Banks exchange them with people, one for one. People and shops pay each other. The registration centre writes down every coin.",
    zh: "央行向银行发行币，也收回币；银行与人们一比一兑换；人们与商户互相付款；登记中心登记每一枚币。",
  },
  centralBank: { en: "Central bank", zh: "中央银行" },
  banks: { en: "Banks", zh: "运营机构" },
  people: { en: "People", zh: "人们" },
  shops: { en: "Shops", zh: "商户" },
  centre: { en: "Registration centre", zh: "登记中心" },
  issues: { en: "issues", zh: "发行" },
  exchange: { en: "exchange", zh: "兑换" },
  pay: { en: "pay", zh: "付款" },
  roles: { en: "Five people, one currency", zh: "一种货币，五个角色" },
  rolesSandbox: {
    en: "Be each of them once. The money here is play money, so nothing can go wrong.",
    zh: "每个角色都试一次。这里的钱是试验用的，不会出任何问题。",
  },
  rolesPlain: { en: "Who does what with it.", zh: "各个角色做什么。" },
  walked: {
    en: (done: number, all: number) => `${done} of ${all} tried`,
    zh: (done: number, all: number) => `已体验 ${done}／${all}`,
  },
  tried: { en: "tried", zh: "已体验" },
  holder: { en: "You hold money", zh: "持有人" },
  holderDoes: {
    en: "Open a wallet, add play money, pay by code or to a person, keep the receipt.",
    zh: "开立钱包，充入试验用的钱，扫码或向人付款，保存回执。",
  },
  holderGo: { en: "Open the wallet", zh: "打开钱包" },
  shopkeeper: { en: "You keep a shop", zh: "店主" },
  shopkeeperDoes: {
    en: "Type an amount, show the code, hear that it is paid. Refund, and close the day.",
    zh: "输入金额，出示收款码，听到到账；退款，日结。",
  },
  shopkeeperGo: { en: "Open the shop", zh: "打开店铺" },
  teller: { en: "You are a bank's teller", zh: "银行柜员" },
  tellerDoes: {
    en: "Take cash over the counter; a customer's deposit grows, and becomes coins when he likes.",
    zh: "在柜台收现金；客户的存款增加，可随时换成币。",
  },
  tellerGo: { en: "Go to the counter", zh: "到柜台" },
  officer: { en: "You are an officer of the central bank", zh: "央行审批人" },
  officerDoes: {
    en: "A bank asks for money. Two of three officers sign, and it exists. One alone can do nothing.",
    zh: "银行申请货币。三名审批人中两名签字，货币才存在；一人无法做到。",
  },
  officerGo: { en: "Go to the office", zh: "到审批处" },
  outsider: { en: "You are nobody in particular", zh: "局外人" },
  outsiderDoes: {
    en: "See how much there is, how fast it moves, and check a receipt without asking anyone.",
    zh: "查看总量和流转速度，不求任何人就能核验回执。",
  },
  outsiderGo: { en: "Look at the currency", zh: "查看货币" },
  open: { en: "For everyone who wants to look inside", zh: "想深入了解的人" },
  openSaid: {
    en: "Rules, code and every byte of the formats are public. What these pages do, your own program can do as well.",
    zh: "规则、代码和格式的每个字节都是公开的。这些页面能做的，您自己的程序也能做。",
  },
  homeAnswers: { en: "What a bank's server understands", zh: "机构服务器的接口" },
  centreAnswers: { en: "What the registration centre understands", zh: "登记中心的接口" },
});
