/** Words of the page `shop`: opening it, taking money, orders. `words/shopOffice.ts` has the owner's. */

import { dictionary } from "./dictionary";

export const shop = dictionary({
  title: { en: "Shop", zh: "店铺" },
  starting: { en: "Opening the shop…", zh: "正在开店…" },

  // --- beginning
  welcome: { en: "Take payments", zh: "开店收款" },
  welcomeWhy: {
    en: "An amount, a code, and you see that it is paid. Payment is final and free of charge.",
    zh: "输入金额，出示二维码，到账即知。付款即时结清，不收手续费。",
  },
  open: { en: "Open a shop", zh: "开一家店" },
  openDetail: { en: "New, with a wallet of its own", zh: "新店，使用独立的钱包" },
  takeUp: { en: "I have a shop already", zh: "我已有店铺" },
  takeUpDetail: { en: "Bring it to this device by its phrase", zh: "用助记词在本设备上恢复" },
  cashier: { en: "I am a cashier", zh: "我是收银员" },
  cashierDetail: { en: "Make this device a till of a shop", zh: "将本设备设为店铺的收银台" },
  cashierHow: {
    en: "Ask the owner to open Tills in the shop's page and to add one. Open the link or code that is shown there on this device.",
    zh: "请店主在店铺页面的“收银台”中添加收银台，然后在本设备上打开其出示的链接或二维码。",
  },
  invitation: { en: "Link from the owner", zh: "店主给的链接" },
  invitationFault: { en: "This is no invitation to a till.", zh: "这不是收银台邀请链接。" },
  back: { en: "Back", zh: "返回" },
  next: { en: "Next", zh: "下一步" },

  // --- opening
  stepShop: { en: "Shop", zh: "店铺" },
  stepPhrase: { en: "Phrase", zh: "助记词" },
  stepCheck: { en: "Check", zh: "核对" },
  name: { en: "Name of the shop", zh: "店名" },
  nameHint: { en: "Customers see it when they pay.", zh: "顾客付款时会看到。" },
  nameMissing: { en: "Give the shop a name.", zh: "请填写店名。" },
  category: { en: "What it sells", zh: "经营类别" },
  home: { en: "Institution", zh: "开户机构" },
  phrase: { en: "Recovery phrase", zh: "助记词" },
  phraseWhy: {
    en: "Write these words down in their order and keep them safe. They are the shop's money: whoever has them has it, and without them it is lost with this device.",
    zh: "请按顺序抄下这些词并妥善保管。持有助记词即可动用店铺的资金；若遗失且设备损坏，资金将无法找回。",
  },
  phraseOnce: { en: "They are shown this once, and never sent anywhere.", zh: "仅显示这一次，不会发送给任何人。" },
  phraseWritten: { en: "I have written them down", zh: "我已抄好" },
  phraseAgain: { en: "Show them again", zh: "再看一遍" },
  word: { en: (number: number) => `Word ${number}`, zh: (number: number) => `第 ${number} 个词` },
  wordWrong: { en: "That is another word.", zh: "与所抄的词不符。" },
  openNow: { en: "Open the shop", zh: "开店" },
  phraseTyped: { en: "The shop's recovery phrase", zh: "店铺的助记词" },
  phraseTypedHint: { en: "12 or 24 words, with spaces between them", zh: "12 或 24 个词，以空格分隔" },
  recover: { en: "Take it up", zh: "恢复店铺" },
  unnamed: { en: "One thing is left: the shop's name", zh: "还差一步：填写店名" },

  // --- becoming a till
  become: { en: "Make this device a till?", zh: "将本设备设为收银台？" },
  becomeWhy: {
    en: (name: string) =>
      `It will ask for money in the name of ${name}. It makes its own key, which stays here and moves no money.`,
    zh: (name: string) => `本设备将以“${name}”的名义收款。密钥在本设备生成并留存，不能动用资金。`,
  },
  becomeNow: { en: "Become a till", zh: "成为收银台" },
  applying: { en: "Show this to the owner", zh: "请出示给店主" },
  applyingWhy: {
    en: "The owner scans this code, or you send it. It holds no secret.",
    zh: "由店主扫描此码，也可发送给店主。其中不含秘密。",
  },
  applyingWaits: { en: "Waiting for the owner", zh: "等待店主确认" },
  applicationCode: { en: "This till's code", zh: "本收银台的代码" },
  checkDigits: { en: "Check digits", zh: "校验码" },
  stopApplying: { en: "Not this shop", zh: "取消申请" },

  // --- places
  charge: { en: "Charge", zh: "收款" },
  orders: { en: "Orders", zh: "订单" },
  day: { en: "Day", zh: "日报" },
  tills: { en: "Tills", zh: "收银台" },
  online: { en: "Online", zh: "网店" },
  more: { en: "More", zh: "更多" },

  // --- charging
  amount: { en: "Amount", zh: "金额" },
  keypad: { en: "Keypad", zh: "数字键盘" },
  keyBack: { en: "Delete the last digit", zh: "删除一位" },
  keyPoint: { en: "Point", zh: "小数点" },
  what: { en: "What it is for", zh: "收款说明" },
  addWhat: { en: "Say what it is for", zh: "添加说明" },
  ask: { en: (sum: string) => `Charge ${sum}`, zh: (sum: string) => `收款 ${sum}` },
  askNothing: { en: "Enter an amount", zh: "请输入金额" },
  saleCode: { en: "Payment code for the customer", zh: "顾客付款二维码" },
  waiting: { en: "Waiting", zh: "等待付款" },
  reconnecting: { en: "Connection lost; coming back…", zh: "连接中断，正在重连…" },
  timeLeft: { en: (time: string) => `${time} left`, zh: (time: string) => `剩余 ${time}` },
  cancel: { en: "Cancel", zh: "取消" },
  reserved: {
    en: "A customer is paying this just now. Wait a moment; if nothing comes, cancel again.",
    zh: "顾客正在付款，请稍候。若未到账，可再次取消。",
  },
  paid: { en: "PAID", zh: "已收款" },
  withTip: { en: (tip: string) => `of it ${tip} tip`, zh: (tip: string) => `含小费 ${tip}` },
  nextCustomer: { en: "Next customer", zh: "下一位顾客" },
  receipt: { en: "Receipt", zh: "收据" },
  expired: { en: "Time is over: not paid", zh: "已超时，未收款" },
  cancelled: { en: "Cancelled: not paid", zh: "已取消，未收款" },
  askAgain: { en: "Ask again", zh: "重新收款" },
  scanPayer: { en: "Scan the customer's code instead", zh: "改为扫描顾客的付款码" },
  payerCode: { en: "Digits of the customer's code", zh: "顾客付款码数字" },
  payerCodeHint: { en: "32 digits; a scanner types them for you", zh: "32 位数字，可用扫码枪录入" },
  payerCodeFault: { en: "A payment code has 32 digits and begins with 71.", zh: "付款码为 71 开头的 32 位数字。" },
  payerAsked: {
    en: "The customer's wallet has been asked and decides now.",
    zh: "已向顾客的钱包发起收款，等待顾客确认。",
  },
  camera: { en: "What the camera sees", zh: "摄像头画面" },
  cameraScan: { en: "Scan with the camera", zh: "用摄像头扫描" },
  cameraRefused: {
    en: "The camera was not allowed. Allow it in the browser, or type the code.",
    zh: "未获得摄像头权限。请在浏览器中允许，或手动输入。",
  },
  cameraMissing: { en: "No camera was found. Type or paste the code.", zh: "未找到摄像头，请输入或粘贴代码。" },
  payerAsk: { en: "Ask this wallet", zh: "向该钱包收款" },

  // --- orders
  filterAll: { en: "All", zh: "全部" },
  filterPaid: { en: "Paid", zh: "已付款" },
  filterOpen: { en: "Not yet", zh: "待付款" },
  filter: { en: "Which orders", zh: "订单筛选" },
  noOrders: { en: "No orders yet", zh: "还没有订单" },
  noOrdersYet: { en: "They appear here the moment they are made.", zh: "开单后会立即显示在这里。" },
  older: { en: "Older orders", zh: "更早的订单" },
  until: { en: (time: string) => `payable until ${time}`, zh: (time: string) => `付款期限 ${time}` },
  statePaid: { en: "Paid", zh: "已付款" },
  stateOpen: { en: "Not paid yet", zh: "待付款" },
  stateExpired: { en: "Expired", zh: "已过期" },
  stateCancelled: { en: "Cancelled", zh: "已取消" },
  stateRefunded: { en: "Refunded", zh: "已全额退款" },
  statePartly: { en: "Partly refunded", zh: "部分退款" },
  order: { en: "Order", zh: "订单" },
  orderNumber: { en: "Number", zh: "订单号" },
  description: { en: "For", zh: "说明" },
  tip: { en: "Tip", zh: "小费" },
  refunded: { en: "Given back", zh: "已退款" },
  remains: { en: "Kept", zh: "实收" },
  paidAt: { en: "Paid", zh: "付款时间" },
  toOrders: { en: "All orders", zh: "全部订单" },
  showCode: { en: "Show the code", zh: "显示付款码" },

  // --- receipt
  print: { en: "Print", zh: "打印" },
  share: { en: "Share", zh: "分享" },
  shareLink: { en: "Link to the receipt", zh: "收据链接" },
  shareDone: { en: "The link is copied", zh: "链接已复制" },
  receiptProof: {
    en: "Whoever opens this link sees how the order stands at the shop's institution.",
    zh: "打开此链接可查看订单在商户开户机构的状态。",
  },
  thanks: { en: "Thank you", zh: "谢谢惠顾" },

  // --- more
  sound: { en: "Sound when paid", zh: "到账提示音" },
  soundTry: { en: "Try it", zh: "试听" },
  tips: { en: "Let customers add a tip", zh: "允许顾客付小费" },
  tipsDetail: { en: (percent: number) => `up to ${percent} % of the price`, zh: (percent: number) => `最多为金额的 ${percent}%` },
  role: { en: "This device", zh: "本设备" },
  roleOwner: { en: "Owner's device: everything", zh: "店主设备：全部功能" },
  roleTill: { en: (name: string) => `Till “${name}”: takes money, nothing else`, zh: (name: string) => `收银台“${name}”：仅可收款` },
  leave: { en: "Sign this device out", zh: "退出本设备" },
  leaveOwner: {
    en: "The shop's keys are deleted from this device. You need the phrase to come back.",
    zh: "店铺密钥将从本设备删除，需用助记词才能恢复。",
  },
  leaveTill: {
    en: "This till's key is deleted. The owner can admit this device again.",
    zh: "本收银台的密钥将被删除，可由店主重新添加。",
  },
  leaveNow: { en: "Sign out and delete the keys", zh: "退出并删除密钥" },
  categories: {
    en: (code: string) => CATEGORY_NAMES[code]?.en ?? code,
    zh: (code: string) => CATEGORY_NAMES[code]?.zh ?? code,
  },
});

/** ISO 18245. */
const CATEGORY_NAMES: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  "5411": { en: "Groceries", zh: "食品杂货" },
  "5812": { en: "Restaurant or tea house", zh: "餐厅、茶馆" },
  "5814": { en: "Quick food", zh: "快餐" },
  "5499": { en: "Other food", zh: "其他食品" },
  "5651": { en: "Clothes", zh: "服装" },
  "5942": { en: "Books", zh: "图书" },
  "7230": { en: "Hair and beauty", zh: "美容美发" },
  "4121": { en: "Taxi", zh: "出租车" },
  "5999": { en: "Something else", zh: "其他" },
};
