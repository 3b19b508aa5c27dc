/** What a person is told of problems with money: paying, being paid, refunds, shops, numbers, pockets. */

import type { ProblemEntry } from "./problemEntry";

export const ofMoney: Readonly<Record<string, ProblemEntry>> = {
  // Paying.
  ABSENT: { en: ["This payment never happened.", "Pay again."], zh: ["这笔付款没有发生。", "请重新付款。"] },
  ALREADY_FROZEN: { en: ["This money is frozen.", "Ask your bank why."], zh: ["这笔钱已被冻结。", "请向银行询问原因。"] },
  ANCHOR_SPENT: { en: ["The wallet's coins have changed.", "Try again."], zh: ["钱包里的币已有变化。", "请重试。"] },
  COINS_INSUFFICIENT: {
    en: ["There is not enough money in the wallet.", "Load the wallet first, or pay less."],
    zh: ["钱包余额不足。", "请先充入，或减少金额。"],
  },
  COINS_TOO_SMALL: {
    en: ["That takes more coins than can move at a time.", "Choose less, and do it several times."],
    zh: ["所需的币过多，一次无法完成。", "请减少金额，分几次进行。"],
  },
  DEPOSIT_TOO_SMALL: {
    en: ["There is not enough in the deposit account.", "Choose a smaller amount."],
    zh: ["存款账户余额不足。", "请选择较小的金额。"],
  },
  EXPIRED: { en: ["It took too long.", "Nothing was paid. Try again."], zh: ["时间过长，已失效。", "没有付款，请重试。"] },
  INPUT_FROZEN: { en: ["This money is frozen.", "Ask your bank why."], zh: ["这笔钱已被冻结。", "请向银行询问原因。"] },
  INPUT_NOT_UNSPENT: {
    en: ["This money was spent already, perhaps from another device.", "Load the page anew, and look at the history."],
    zh: ["这笔钱已被花掉，可能是在另一台设备上。", "请重新加载页面并查看记录。"],
  },
  IN_DOUBT: {
    en: ["It is not yet certain whether this payment happened.", "It will be found out by itself. Do not pay again."],
    zh: ["尚不确定这笔付款是否完成。", "会自动查清，请不要重复付款。"],
  },
  LIMIT_BALANCE: {
    en: ["That is more than a wallet of this class may hold.", "Turn some coins into a deposit first."],
    zh: ["超过此类钱包的余额上限。", "请先将部分币转为存款。"],
  },
  LIMIT_DAY: {
    en: ["That is more than this wallet may pay in a day.", "Pay the rest tomorrow, or ask for a higher class."],
    zh: ["超过此钱包的每日限额。", "其余明天再付，或申请更高类别。"],
  },
  LIMIT_SINGLE: {
    en: ["That is more than this wallet may pay at once.", "Pay less at once, or ask for a higher class."],
    zh: ["超过此钱包的单笔限额。", "请减少单笔金额，或申请更高类别。"],
  },
  LIMIT_YEAR: {
    en: ["That is more than this wallet may pay in a year.", "Ask your bank for a higher class."],
    zh: ["超过此钱包的年度限额。", "请向银行申请更高类别。"],
  },
  NAME_DIFFERS: {
    en: ["The payee's name is another one than before.", "Ask the payee before you pay."],
    zh: ["收款人姓名与之前不同。", "付款前请向收款人核实。"],
  },
  NOT_AGREED: { en: ["You did not agree.", "Nothing was paid."], zh: ["您没有同意。", "没有付款。"] },
  PAYMENT_SIGNED: {
    en: ["This payment is on its way already.", "Wait until it ends; nothing is paid twice."],
    zh: ["这笔付款已在进行中。", "请等待其完成，不会重复付款。"],
  },
  REQUEST_REUSED: {
    en: ["This was asked for before with another amount.", "Begin anew."],
    zh: ["之前以另一金额提出过。", "请重新开始。"],
  },
  VAULT_INSUFFICIENT: {
    en: ["The bank has not so much money to hand out just now.", "Choose less, or try again later."],
    zh: ["银行目前没有足够的币可兑换。", "请减少金额，或稍后再试。"],
  },
  WALLET_CLOSED: {
    en: ["The payee's wallet is closed.", "Ask for another address."],
    zh: ["收款钱包已销户。", "请索取另一个地址。"],
  },
  WALLET_MOVED: {
    en: ["The payee has moved to another bank.", "Ask for the new address."],
    zh: ["收款人已转到另一家机构。", "请索取新地址。"],
  },
  WALLET_UNKNOWN: {
    en: ["This bank knows no such wallet.", "See whether the address and the bank are right."],
    zh: ["该机构没有这个钱包。", "请核对地址和机构。"],
  },
  // Codes.
  CODE_INVALID: { en: ["This is no payment code.", "Scan the code that the payer shows."], zh: ["这不是付款码。", "请扫描付款人出示的码。"] },
  CODE_REFUSED: {
    en: ["The payment code does not count any more.", "Let the payer show a new one, and scan it at once."],
    zh: ["付款码已失效。", "请付款人刷新后立即扫描。"],
  },
  QR_CHECKSUM: { en: ["The code was misread.", "Scan it again."], zh: ["二维码读取有误。", "请重新扫描。"] },
  QR_FOREIGN: { en: ["The code is of another payment scheme.", "Ask for a Tongbao code."], zh: ["这是其他支付方式的码。", "请索取通宝收款码。"] },
  QR_MALFORMED: { en: ["This code asks for no payment.", "Scan the shop's code again, or ask for a link."], zh: ["此码不是收款码。", "请重新扫描商户的码，或索取链接。"] },
  QR_TOO_LONG: { en: ["There is too much in this code.", "Shorten the texts."], zh: ["码中内容过长。", "请缩短文字。"] },
  SCANS_TOO_MANY: {
    en: ["Too many have scanned this code without paying.", "Wait a moment, or ask the shop for a code of your own."],
    zh: ["扫描此码而未付款的人太多。", "请稍等，或请商户另出一码。"],
  },
  // Orders, requests and refunds.
  ORDER_CANCELLED: { en: ["The shop has cancelled this order.", "Ask the shop for a new one."], zh: ["商户已取消此订单。", "请向商户索取新订单。"] },
  ORDER_EXPIRED: { en: ["This order has expired.", "Ask the shop for a new one."], zh: ["订单已过期。", "请向商户索取新订单。"] },
  ORDER_PAID: { en: ["This order is paid already.", "Nothing is left to be paid."], zh: ["此订单已付款。", "无需再付。"] },
  ORDER_RESERVED: { en: ["This order is somebody else's to pay.", "Ask the shop for one of your own."], zh: ["此订单已指定他人付款。", "请向商户另索取订单。"] },
  ORDER_UNPAID: { en: ["This order has not been paid.", "Nothing is owed."], zh: ["此订单尚未付款。", "没有可退的款项。"] },
  RECALL_REFUSED: { en: ["A payment to a shop is not asked back.", "Ask the shop for a refund."], zh: ["付给商户的款项不能请求退还。", "请向商户申请退款。"] },
  RECALL_UNKNOWN: { en: ["That wallet received no such payment.", "Look at the payment in your history."], zh: ["对方钱包没有收到这笔付款。", "请在记录中核对。"] },
  REFUNDS_TOO_MANY: { en: ["Too many refunds of this order were offered.", "Settle it in another way."], zh: ["此订单的退款次数过多。", "请用其他方式解决。"] },
  REFUND_AT_ONCE: { en: ["This order is refunded at once; nobody is asked.", "Refund it."], zh: ["此订单可直接退款，无需询问。", "请直接退款。"] },
  REFUND_CLOSED: { en: ["This refund has ended.", "The shop may offer another one."], zh: ["此退款已结束。", "商户可另行提出。"] },
  REFUND_NEEDS_OFFER: { en: ["The payer is asked before money goes back.", "Offer the refund first."], zh: ["退款前须征得付款人同意。", "请先提出退款。"] },
  REFUND_NOT_ACCEPTED: { en: ["The payer has not answered yet.", "Wait for the answer."], zh: ["付款人尚未答复。", "请等待答复。"] },
  REFUND_TOO_MUCH: { en: ["That is more than is left of the payment.", "Refund less."], zh: ["超过该笔付款的剩余金额。", "请减少退款金额。"] },
  REFUND_UNDER_WAY: { en: ["This refund is on its way.", "Wait until it ends."], zh: ["此退款正在进行。", "请等待完成。"] },
  REQUESTS_TOO_MANY: { en: ["Too many requests wait for this wallet's answer.", "Wait until one is answered, or cancel one."], zh: ["等待此钱包答复的请求过多。", "请等待答复，或取消一个。"] },
  REQUEST_CLOSED: { en: ["This request has ended.", ""], zh: ["此请求已结束。", ""] },
  TIP_TOO_MUCH: { en: ["The tip is more than this order takes.", "Add less."], zh: ["小费超过此订单的上限。", "请减少小费。"] },
  // Shops and devices.
  STOCK_FULL: { en: ["Enough addresses are kept ready.", ""], zh: ["备用地址已足够。", ""] },
  TILLS_TOO_MANY: { en: ["There are as many tills as a shop may have.", "Use one of them."], zh: ["收银台数量已达上限。", "请使用已有的收银台。"] },
  TILL_CLOSED: { en: ["This till was closed.", "Ask the owner for another one."], zh: ["此收银台已关闭。", "请向店主申请另一个。"] },
  TOO_MANY: { en: ["There are as many as there may be.", "Remove one first."], zh: ["数量已达上限。", "请先移除一个。"] },
  WATCHERS_TOO_MANY: { en: ["There are as many watching devices as there may be.", "Use one of them."], zh: ["查看设备数量已达上限。", "请使用已有设备。"] },
  WATCHER_ENDED: { en: ["This device may not watch any more.", "Ask the wallet's holder."], zh: ["此设备的查看权限已结束。", "请联系钱包持有人。"] },
  WEBHOOK_UNPROVEN: { en: ["The message is not proven to be the bank's.", "Believe nothing of it."], zh: ["无法证明消息来自银行。", "请勿相信。"] },
  WEBHOOK_URL: { en: ["Nothing can be sent to this address.", "Name an https address that anybody can reach."], zh: ["无法发送到此网址。", "请填写公网可访问的 https 网址。"] },
  // Numbers by which one is found.
  ALIASES_FULL: { en: ["A wallet is found by so many numbers at most.", "Release one first."], zh: ["绑定的号码已达上限。", "请先解除一个。"] },
  ALIASES_OFF: { en: ["This bank sends no codes to telephones.", "Be paid by address."], zh: ["该机构不发送短信验证码。", "请用地址收款。"] },
  ALIAS_UNKNOWN: { en: ["Nobody is found by this number.", "Ask the payee for an address."], zh: ["没有人绑定此号码。", "请向收款人索取地址。"] },
  CLAIM_UNKNOWN: { en: ["No code is awaited for this number.", "Ask for a new code."], zh: ["此号码没有待验证的验证码。", "请重新获取。"] },
  CODE_WRONG: { en: ["That is not the code that was sent.", "Look at the message again."], zh: ["验证码不正确。", "请再看一遍短信。"] },
  PHONE_INVALID: { en: ["This is no telephone number.", "Write it with the country's code, as +86 138 0013 8000."], zh: ["这不是电话号码。", "请带国家代码，例如 +86 138 0013 8000。"] },
  // Pockets, and papers.
  POCKETS_OPEN: { en: ["Money of this wallet lies in a pocket.", "Take it back first, or wait until it is taken."], zh: ["此钱包有钱在荷包里。", "请先取回，或等待对方取走。"] },
  POCKETS_TOO_MANY: { en: ["There are as many pockets as there may be.", "Empty one first."], zh: ["荷包数量已达上限。", "请先清空一个。"] },
  POCKET_EMPTY: { en: ["Nothing is in this pocket yet.", "Wait until it is filled."], zh: ["荷包里还没有钱。", "请等待放入。"] },
  POCKET_FILLED: { en: ["This pocket is filled already.", "Make another one."], zh: ["荷包已放入钱。", "请另建一个。"] },
  POCKET_NOT_YET_OPEN: { en: ["This pocket does not open yet.", "Come back at the time that it names."], zh: ["荷包尚未到开启时间。", "请在约定时间后再来。"] },
  POCKET_RESTRICTED: { en: ["This money may not go there.", "Take it to where it may go."], zh: ["这笔钱不能用于此处。", "请用于允许的用途。"] },
  POCKET_TAKEN: { en: ["The money of this pocket has been taken.", ""], zh: ["荷包里的钱已被取走。", ""] },
  POCKET_UNREADABLE: { en: ["This pocket is sealed for somebody else.", ""], zh: ["此荷包为他人所封。", ""] },
  DISCLOSURE_TOO_LARGE: { en: ["There is too much of it to hand out here.", "Ask the bank for it in another way."], zh: ["内容过多，无法在此提供。", "请向银行另行索取。"] },
  PERIOD_WRONG: { en: ["These days have no statement.", "Choose other days."], zh: ["所选日期没有对账单。", "请选择其他日期。"] },
};
